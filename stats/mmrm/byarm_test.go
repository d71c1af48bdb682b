package mmrm

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
)

// byArm is the trial with sex × arm × visit.
func byArm(tr *Trial, reference string) *Trial {
	out := *tr
	out.Covariates = []Covariate{{Name: "sex", Category: tr.Covariates[0].Category, Reference: reference, ByVisit: true, ByArm: true}}
	return &out
}

// The difference in a level does not depend on which level is the reference, nor on
// the labels of the arms but for its sign, and is a difference of the level's cells;
// what it changes by is the difference of the two. With participants missing.
func TestDifferenceInALevel(t *testing.T) {
	tr := simTrial(80, 3, 4, 0.05, 5)
	for _, name := range []string{"MMRM", "CLDA"} {
		fit := func(tr *Trial) *TrialFit {
			if name == "CLDA" {
				return statstest.Must(Model{}.CLDA(tr))
			}
			return statstest.Must(Model{}.MMRM(tr))
		}
		f, m := fit(byArm(tr, "f")), fit(byArm(tr, "m"))
		swapped := *tr
		swapped.Control = "active"
		s := fit(byArm(&swapped, "f"))
		for _, visit := range tr.Visits {
			in := func(f *TrialFit, arm, level string) stats.Estimate {
				return f.Contrast(statstest.Must(f.DifferenceInRow(arm, visit, "sex", level)))
			}
			for _, level := range []string{"f", "m"} {
				requireSame(t, in(f, "active", level), in(m, "active", level), 1e-6, name, visit, level)
				minusOne := in(s, "placebo", level)
				minusOne.Value = -minusOne.Value
				requireSame(t, in(f, "active", level), minusOne, 1e-6, name, visit, level)
			}
			by := f.Contrast(statstest.Must(f.InteractionRow("active", visit, "sex", "m")))
			require.InDelta(t, in(f, "active", "m").Value-in(f, "active", "f").Value, by.Value, 1e-9)
			back := m.Contrast(statstest.Must(m.InteractionRow("active", visit, "sex", "f")))
			back.Value = -back.Value
			requireSame(t, by, back, 1e-6)
			// The LS-means' difference gives the levels equal weight.
			d := statstest.Must(f.Difference("active", "placebo", visit))
			require.InDelta(t, (in(f, "active", "m").Value+in(f, "active", "f").Value)/2, d.Value, 1e-9)
		}
	}
}

// A number's origin and unit change what one unit of it does, and nothing else.
func TestDifferenceByANumber(t *testing.T) {
	tr := simTrial(60, 2, 4, 0.05, 7)
	age := make([]float64, len(tr.Arm))
	for i := range age {
		age[i] = float64(40 + i*7%31)
	}
	slope := func(origin, unit float64) stats.Estimate {
		x := *tr
		y := slices.Clone(age)
		for i := range y {
			y[i] = origin + unit*y[i]
		}
		x.Covariates = []Covariate{{Name: "age", Number: y, ByVisit: true, ByArm: true}}
		f := statstest.Must(LMM{}.Trial(&x))
		return f.Contrast(statstest.Must(f.InteractionRow("active", tr.Visits[1], "age", "")))
	}
	want, got := slope(0, 1), slope(1e6, 12)
	got.Value, got.SE = 12*got.Value, 12*got.SE
	requireSame(t, want, got, 1e-6)
}

// What the model does not have is refused by name.
func TestDifferenceInALevelThatThereIsNot(t *testing.T) {
	tr := simTrial(40, 2, 4, 0, 3)
	f := statstest.Must(Model{}.MMRM(byArm(tr, "f")))
	plain := statstest.Must(Model{}.MMRM(tr))
	w := tr.Visits[0]
	for _, err := range []error{
		second(f.DifferenceInRow("active", w, "sex", "x")), second(f.DifferenceInRow("active", w, "age", "f")),
		second(f.DifferenceInRow("nobody", w, "sex", "f")), second(f.DifferenceInRow("active", "never", "sex", "f")),
		second(f.DifferenceInRow("placebo", w, "sex", "f")), second(plain.DifferenceInRow("active", w, "sex", "f")),
		second(f.InteractionRow("active", w, "sex", "f")), second(f.InteractionRow("active", w, "sex", "")),
		second(f.InteractionRow("active", "never", "sex", "m")), second(f.InteractionRow("placebo", w, "sex", "m")),
		second(plain.InteractionRow("active", w, "sex", "m")),
	} {
		require.ErrorIs(t, err, stats.ErrDomain)
	}
	require.Contains(t, f.Columns, "sex=m: active − placebo, week 4")
}

func second[T any](_ T, err error) error { return err }
