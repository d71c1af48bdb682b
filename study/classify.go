package study

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/study/files"
)

// Norms describe the scale on which individual change is classified: what the
// patients' group and, where known, people without the complaint look like,
// and how reliable the instrument is.
type Norms struct {
	// Mean and SD of the patients before treatment.
	Mean, SD float64
	// Reliability of the instrument, such as test–retest, 0 ≤ r < 1.
	Reliability float64
	// HealthyMean and HealthySD of people without the complaint; cut-offs b
	// and c need them (HealthySD > 0).
	HealthyMean, HealthySD float64
}

// Cutoff is a rule for where the functional range begins (Jacobson & Truax
// 1991, doi 10.1037/0022-006X.59.1.12).
type Cutoff string

// Cut-offs.
const (
	// CutoffA: 2 SD from the patients' mean, toward function.
	CutoffA Cutoff = "a"
	// CutoffB: 2 SD from the healthy mean, toward dysfunction.
	CutoffB Cutoff = "b"
	// CutoffC: where both groups are equally likely for equal sizes, weighted
	// by the SDs: (SD·M_healthy + SD_healthy·M) / (SD + SD_healthy).
	CutoffC Cutoff = "c"
)

// ReliableChange is a family of reliable change indices: z values of one
// patient's change, reliable beyond ±1.96. With M and SD of the patients
// before treatment, r the reliability and SEM = SD·√(1 − r):
type ReliableChange string

// Families.
const (
	// JacobsonTruax: (x₂ − x₁) / (√2·SEM) (1991,
	// doi 10.1037/0022-006X.59.1.12). The zero value.
	JacobsonTruax ReliableChange = ""
	// GulliksenLordNovick, against regression to the mean: change from the
	// true score predicted, ((x₂ − M) − r(x₁ − M)) / (SD·√(1 − r²)) (Hsu 1989,
	// Behav Assess 11:459).
	GulliksenLordNovick ReliableChange = "gulliksen-lord-novick"
	// EdwardsNunnally: against the regressed first score,
	// (x₂ − (r(x₁ − M) + M)) / SEM (Speer 1992,
	// doi 10.1037/0022-006X.60.3.402; there reliable beyond ±2).
	EdwardsNunnally ReliableChange = "edwards-nunnally"
)

// ChangeClass is what became of one patient.
type ChangeClass string

// Classes.
const (
	// Recovered: reliably improved, and from the dysfunctional range across
	// the cut-off.
	Recovered ChangeClass = "recovered"
	// Improved: reliably, without crossing.
	Improved     ChangeClass = "improved"
	Unchanged    ChangeClass = "unchanged"
	Deteriorated ChangeClass = "deteriorated"
)

// Classification is one patient's change.
type Classification struct {
	ID, Arm string
	Index   float64 // reliable change, improvement positive
	Class   ChangeClass
}

// CutoffValue returns where the functional range begins, on the outcome's
// scale. The value itself counts as functional. It refuses SDs that are not
// above 0 and, for b and c, norms without people free of the complaint.
func (n Norms) CutoffValue(cut Cutoff, better Direction) (float64, error) {
	if !(n.SD > 0) || !finite(n.Mean) || math.IsInf(n.SD, 1) {
		return 0, fmt.Errorf("study: norms: mean %v, SD %v", n.Mean, n.SD)
	}
	healthy := n.HealthySD > 0 && finite(n.HealthySD) && finite(n.HealthyMean)
	if cut != CutoffA && !healthy {
		return 0, fmt.Errorf("study: cut-off %s needs the mean and SD of people without the complaint", cut)
	}
	switch s := better.Sign(); cut {
	case CutoffA:
		return n.Mean + s*2*n.SD, nil
	case CutoffB:
		return n.HealthyMean - s*2*n.HealthySD, nil
	case CutoffC:
		return (n.SD*n.HealthyMean + n.HealthySD*n.Mean) / (n.SD + n.HealthySD), nil
	}
	panic(fmt.Sprintf("study: unknown cut-off %q", cut))
}

// Index returns a patient's reliable change, improvement positive. It refuses
// a reliability outside 0 … 1 (1 excluded) and what CutoffValue refuses.
func (n Norms) Index(before, after float64, family ReliableChange, better Direction) (float64, error) {
	if !(n.Reliability >= 0 && n.Reliability < 1) || !(n.SD > 0) || !finite(n.SD) || !finite(n.Mean) {
		return 0, fmt.Errorf("study: norms: reliability %v, mean %v, SD %v", n.Reliability, n.Mean, n.SD)
	}
	r, sem := n.Reliability, n.SD*math.Sqrt(1-n.Reliability)
	var z float64
	switch family {
	case JacobsonTruax:
		z = files.Decimal(after).Minus(files.Decimal(before)) / (math.Sqrt2 * sem)
	case GulliksenLordNovick:
		z = ((after - n.Mean) - r*(before-n.Mean)) / (n.SD * math.Sqrt(1-r*r))
	case EdwardsNunnally:
		z = (after - (r*(before-n.Mean) + n.Mean)) / sem
	default:
		panic(fmt.Sprintf("study: unknown family of reliable change %q", family))
	}
	return better.Sign() * z, nil
}

// Classify says of every participant with baseline and follow-up whether he
// recovered, improved, did not change or deteriorated. A change is reliable
// beyond ±1.96 of its index. The classes are descriptive: they compare nobody
// with an arm not treated.
func (r Result) Classify(n Norms, cut Cutoff, family ReliableChange) ([]Classification, error) {
	edge, err := n.CutoffValue(cut, r.Outcome.Better)
	if err != nil {
		return nil, err
	}
	sign := r.Outcome.Better.Sign()
	var out []Classification
	for _, x := range r.Records {
		if !x.HasBaseline || !x.HasFollow {
			continue
		}
		z, err := n.Index(x.Baseline, x.Follow, family, r.Outcome.Better)
		if err != nil {
			return nil, err
		}
		c := Classification{ID: x.ID, Arm: x.Arm, Index: z, Class: Unchanged}
		switch {
		case z > reliable && sign*x.Baseline < sign*edge && sign*x.Follow >= sign*edge:
			c.Class = Recovered
		case z > reliable:
			c.Class = Improved
		case z < -reliable:
			c.Class = Deteriorated
		}
		out = append(out, c)
	}
	return out, nil
}

// reliable is the index beyond which a change is reliable (p < 0.05).
const reliable = 1.96

// OAState is one patient's pain, function and global assessment, each from 0
// (best) to 100 (worst).
type OAState struct{ Pain, Function, Global float64 }

// OMERACTOARSI reports whether a patient with osteoarthritis responds by the
// OMERACT–OARSI criteria: improvement in pain or function of at least 50% and
// at least 20 points, or improvement in two of pain, function and global
// assessment of at least 20% and at least 10 points each. All comparisons are
// made in decimals. A measure that begins at 0 cannot improve. It refuses
// values outside 0 to 100; rescale others first (WOMACNormalize).
// Source: Pham et al. 2004, Osteoarthritis Cartilage 12:389,
// doi 10.1016/j.joca.2004.02.001.
func OMERACTOARSI(before, after OAState) (bool, error) {
	if err := checkStates(before, after); err != nil {
		return false, err
	}
	if improvedBy(before.Pain, after.Pain, 50, 20) || improvedBy(before.Function, after.Function, 50, 20) {
		return true, nil
	}
	n := 0
	for _, x := range [][2]float64{{before.Pain, after.Pain}, {before.Function, after.Function}, {before.Global, after.Global}} {
		if improvedBy(x[0], x[1], 20, 10) {
			n++
		}
	}
	return n >= 2, nil
}

func checkStates(states ...OAState) error {
	for _, s := range states {
		for _, x := range []float64{s.Pain, s.Function, s.Global} {
			if !(x >= 0 && x <= 100) {
				return fmt.Errorf("study: OMERACT–OARSI: %v is not within 0 to 100", x)
			}
		}
	}
	return nil
}

// improvedBy reports a fall of at least percent of the first value and of at
// least points, in decimals.
func improvedBy(before, after, percent, points float64) bool {
	fall := files.Decimal(before).Minus(files.Decimal(after))
	return fall >= points && meetsPercent(before, after, percent, -1)
}

// WOMACState is one patient's WOMAC subscales on any one scale from 0 (best).
type WOMACState struct{ Pain, Stiffness, Function float64 }

// WOMACResponse reports whether WOMAC pain improved by at least percent (20,
// 50 or 70) of its first value: WOMAC 20P, 50P, 70P; and, in pfs, whether
// function or stiffness did too: WOMAC 20PFS, 50PFS, 70PFS. Comparisons are
// made in decimals; a subscale that begins at 0 cannot improve. It refuses
// negative values and a percentage outside 0 to 100.
// Source: Bellamy et al. 2005, Ann Rheum Dis 64:881, doi 10.1136/ard.2004.026443.
func WOMACResponse(before, after WOMACState, percent float64) (p, pfs bool, err error) {
	if !(percent > 0 && percent <= 100) {
		return false, false, fmt.Errorf("study: WOMACResponse: %v%% is not within 0 to 100", percent)
	}
	for _, s := range []WOMACState{before, after} {
		for _, x := range []float64{s.Pain, s.Stiffness, s.Function} {
			if !(x >= 0) || !finite(x) {
				return false, false, fmt.Errorf("study: WOMACResponse: %v is no score", x)
			}
		}
	}
	p = meetsPercent(before.Pain, after.Pain, percent, -1)
	pfs = p && (meetsPercent(before.Function, after.Function, percent, -1) ||
		meetsPercent(before.Stiffness, after.Stiffness, percent, -1))
	return p, pfs, nil
}
