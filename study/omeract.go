package study

import (
	"fmt"

	"github.com/trialkit/trialkit/study/files"
)

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
