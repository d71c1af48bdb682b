package rank

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// WinOutcome is one of the outcomes by which pairs of participants are compared: a
// time to an event, or a value. Every slice that is not nil has an element per
// participant.
type WinOutcome struct {
	// Time and Event are follow-up and whether it ended in the event, which is worse the
	// earlier it is. Who has it loses to whoever is known to be without it then; of
	// equal times an event comes before the end of follow-up.
	Time  []float64
	Event []bool
	// Value is compared in place of a time: larger is better, or lower if Lower. A pair
	// is tied where the values differ by no more than Margin, or one is Missing.
	Value   []float64
	Lower   bool
	Margin  float64
	Missing []bool
}

// Wins are all pairs of a treated and a control participant, compared by outcomes in
// order of priority: the first outcome that tells two apart decides.
type Wins struct {
	Wins, Losses, Ties int64

	n1, n0     float64
	ww, ll, wl float64 // covariances of the win and loss proportions
	t, tv      float64 // Finkelstein and Schoenfeld's statistic and its variance
}

// WinRatio compares all pairs of a treated and a control participant by several
// outcomes in order of priority. Ratio is won over lost pairs, Odds counts half of the
// ties on either side (and is Benefit's with one outcome), NetBenefit is the difference
// of the shares won and lost; FinkelsteinSchoenfeld tests that there is no difference.
// The variances come from each participant's share of pairs won and lost (first-order
// U-statistic, denominators n − 1). Approximate, by the normal distribution.
//
// The ratio depends on how long participants were followed, where outcomes are times.
// Every pair is compared: the cost grows with the square of the participants.
//
// It refuses no outcomes and fewer than two participants an arm (ErrTooFew), slices of
// other lengths (ErrLength), NaN and infinities (ErrNotFinite), a negative margin and an
// outcome that is neither a time nor a value (ErrDomain).
// Source: Pocock, Ariti, Collier & Wang (2012), doi 10.1093/eurheartj/ehr352; Bebu &
// Lachin (2016), doi 10.1093/biostatistics/kxv032; Finkelstein & Schoenfeld (1999),
// doi 10.1002/(SICI)1097-0258(19990615)18:11<1341::AID-SIM129>3.0.CO;2-7. It agrees with
// R's WINS and WinRatio up to denominators n in place of n − 1.
func WinRatio(treated []bool, outcomes ...WinOutcome) (Wins, error) {
	const fn = "WinRatio"
	n := len(treated)
	var in, out []int
	for i, t := range treated {
		if t {
			in = append(in, i)
		} else {
			out = append(out, i)
		}
	}
	if len(in) < 2 || len(out) < 2 {
		return Wins{}, &stats.SampleError{Func: fn, Arg: "treated", Index: -1, Err: stats.ErrTooFew, Info: fmt.Sprintf("%d and %d, need 2 an arm", len(in), len(out))}
	}
	if len(outcomes) == 0 {
		return Wins{}, &stats.SampleError{Func: fn, Arg: "outcomes", Index: -1, Err: stats.ErrTooFew, Info: "none"}
	}
	for k, o := range outcomes {
		if err := o.check(fn, fmt.Sprintf("outcomes[%d]", k), n); err != nil {
			return Wins{}, err
		}
	}
	score := func(i, j int) int {
		for k := range outcomes {
			if s := outcomes[k].compare(i, j); s != 0 {
				return s
			}
		}
		return 0
	}
	w := Wins{n1: float64(len(in)), n0: float64(len(out))}
	total := make([]int, n) // of each participant against all others
	won, lost := make([]int, n), make([]int, n)
	for i := range n {
		for j := range i {
			s := score(i, j)
			total[i] += s
			total[j] -= s
			if s == 0 || treated[i] == treated[j] {
				continue
			}
			if treated[j] {
				s = -s
			}
			if s > 0 {
				w.Wins++
				won[i]++
				won[j]++
			} else {
				w.Losses++
				lost[i]++
				lost[j]++
			}
		}
	}
	w.Ties = int64(len(in))*int64(len(out)) - w.Wins - w.Losses
	add := func(arm []int, others float64) {
		m := float64(len(arm))
		var mw, ml float64
		for _, i := range arm {
			mw += float64(won[i]) / m
			ml += float64(lost[i]) / m
		}
		for _, i := range arm {
			a, b := (float64(won[i])-mw)/others, (float64(lost[i])-ml)/others
			w.ww += a * a / (m - 1) / m
			w.ll += b * b / (m - 1) / m
			w.wl += a * b / (m - 1) / m
		}
	}
	add(in, w.n0)
	add(out, w.n1)
	for i, u := range total {
		if treated[i] {
			w.t += float64(u)
		}
		w.tv += float64(u) * float64(u)
	}
	w.tv *= w.n1 * w.n0 / (float64(n) * float64(n-1))
	return w, nil
}

func (o *WinOutcome) check(fn, arg string, n int) error {
	bad := func(err error, info string) error {
		return &stats.SampleError{Func: fn, Arg: arg, Index: -1, Err: err, Info: info}
	}
	length := func(k int) bool { return k != n }
	switch {
	case (o.Time == nil) == (o.Value == nil):
		return bad(stats.ErrDomain, "it needs a time or a value")
	case o.Time != nil && (length(len(o.Time)) || length(len(o.Event))),
		o.Value != nil && length(len(o.Value)), o.Missing != nil && length(len(o.Missing)):
		return bad(stats.ErrLength, fmt.Sprintf("not one element for each of %d participants", n))
	case !(o.Margin >= 0):
		return bad(stats.ErrDomain, fmt.Sprintf("margin %v", o.Margin))
	}
	if o.Time != nil {
		return check.Sample(fn, arg, o.Time, 0)
	}
	for i, v := range o.Value {
		if (o.Missing == nil || !o.Missing[i]) && (math.IsNaN(v) || math.IsInf(v, 0)) {
			return &stats.SampleError{Func: fn, Arg: arg, Index: i, Err: stats.ErrNotFinite, Info: fmt.Sprint(v)}
		}
	}
	return nil
}

// compare is 1 where i does better than j, −1 where worse, 0 where this outcome does
// not tell.
func (o *WinOutcome) compare(i, j int) int {
	if o.Missing != nil && (o.Missing[i] || o.Missing[j]) {
		return 0
	}
	if o.Time == nil {
		d := o.Value[i] - o.Value[j]
		if o.Lower {
			d = -d
		}
		switch {
		case d > o.Margin:
			return 1
		case d < -o.Margin:
			return -1
		}
		return 0
	}
	a, b := o.Time[i], o.Time[j]
	switch {
	case o.Event[j] && (a > b || a == b && !o.Event[i]):
		return 1
	case o.Event[i] && (b > a || a == b && !o.Event[j]):
		return -1
	}
	return 0
}

func (w Wins) pairs() float64 { return w.n1 * w.n0 }

// Ratio returns won over lost pairs, with a normal pivot on the log scale; ErrSeparated
// where none is won or none lost, so that the ratio is 0 or infinite.
func (w Wins) Ratio() (stats.Ratio, error) {
	if w.Wins == 0 || w.Losses == 0 {
		return stats.Ratio{}, &stats.SampleError{Func: "Wins.Ratio", Arg: "outcomes", Index: -1, Err: ErrSeparated, Info: fmt.Sprintf("%d pairs won, %d lost", w.Wins, w.Losses)}
	}
	a, b := float64(w.Wins)/w.pairs(), float64(w.Losses)/w.pairs()
	v := w.ww/(a*a) + w.ll/(b*b) - 2*w.wl/(a*b)
	if !(v > 0) {
		return stats.Ratio{}, check.NoVariation("Wins.Ratio", "outcomes")
	}
	return stats.Ratio{Log: stats.Estimate{Value: math.Log(a / b), SE: math.Sqrt(v), DF: math.Inf(1)}}, nil
}

// NetBenefit returns the share of pairs won less that of pairs lost, with a normal
// pivot; ErrNoVariation where all participants of an arm fare alike.
func (w Wins) NetBenefit() (stats.Estimate, error) {
	v := w.ww + w.ll - 2*w.wl
	if !(v > 0) {
		return stats.Estimate{}, check.NoVariation("Wins.NetBenefit", "outcomes")
	}
	return stats.Estimate{Value: float64(w.Wins-w.Losses) / w.pairs(), SE: math.Sqrt(v), DF: math.Inf(1)}, nil
}

// Odds returns the odds of a win with half of the ties on either side, with a normal
// pivot on the log scale. It refuses what NetBenefit refuses.
func (w Wins) Odds() (stats.Ratio, error) {
	e, err := w.NetBenefit()
	if err != nil {
		return stats.Ratio{}, check.Renamed("Wins.Odds", err)
	}
	p := (1 + e.Value) / 2
	if p == 0 || p == 1 {
		return stats.Ratio{}, &stats.SampleError{Func: "Wins.Odds", Arg: "outcomes", Index: -1, Err: ErrSeparated}
	}
	return stats.Ratio{Log: stats.Estimate{Value: math.Log(p) - math.Log1p(-p), SE: e.SE / 2 / (p * (1 - p)), DF: math.Inf(1)}}, nil
}

// WinsTest is Finkelstein and Schoenfeld's test: the treated participants' sum of wins
// less losses against all others, under re-randomization.
type WinsTest struct{ T, Variance float64 }

var _ stats.Test = WinsTest{}

// FinkelsteinSchoenfeld tests that treatment makes no difference to any outcome.
func (w Wins) FinkelsteinSchoenfeld() WinsTest { return WinsTest{w.t, w.tv} }

// Z returns the standardized statistic, positive where the treated fare better; 0 where
// nobody wins.
func (t WinsTest) Z() float64 {
	if t.Variance == 0 {
		return 0
	}
	return t.T / math.Sqrt(t.Variance)
}

// P returns the two-sided p-value of the normal approximation.
func (t WinsTest) P() float64 { return 2 * num.NormSF(math.Abs(t.Z())) }

// String formats the statistic and p-value.
func (t WinsTest) String() string {
	if t == (WinsTest{}) {
		return show.NoResult
	}
	return fmt.Sprintf("Finkelstein–Schoenfeld: z = %.2f, p %s", t.Z(), show.P(t.P()))
}

// MarshalJSON writes the statistic, its variance and the p-value.
func (t WinsTest) MarshalJSON() ([]byte, error) {
	if t == (WinsTest{}) {
		return wire.Null, nil
	}
	return wire.Pairs("p", t.P(), "t", t.T, "variance", t.Variance, "z", t.Z()).MarshalJSON()
}

// String formats the pairs and the win ratio.
func (w Wins) String() string {
	if w == (Wins{}) {
		return show.NoResult
	}
	s := fmt.Sprintf("%d pairs won, %d lost, %d tied", w.Wins, w.Losses, w.Ties)
	if r, err := w.Ratio(); err == nil {
		s += "; win ratio " + r.String()
	}
	return s
}

// MarshalJSON writes the pairs, the win ratio, the odds and the net benefit as far as
// they exist.
func (w Wins) MarshalJSON() ([]byte, error) {
	if w == (Wins{}) {
		return wire.Null, nil
	}
	p := wire.Pairs("wins", w.Wins, "losses", w.Losses, "ties", w.Ties)
	if r, err := w.Ratio(); err == nil {
		p = p.With("win_ratio", r)
	}
	if r, err := w.Odds(); err == nil {
		p = p.With("win_odds", r)
	}
	if e, err := w.NetBenefit(); err == nil {
		p = p.With("net_benefit", e)
	}
	return p.MarshalJSON()
}
