package simulate

import (
	"maps"
	"math"
	"slices"
)

// tally counts the findings of one comparison over trials: whole numbers and exact sums,
// so that any order of trials and any split among machines gives the same.
type tally struct {
	Trials   int            `json:"trials"`
	Failed   map[string]int `json:"failed,omitempty"`   // code → trials without an estimate
	Withheld int            `json:"withheld"`           // kr-degenerate: an estimate without interval and p
	Whole    int            `json:"whole_analysis"`     // answered by study's whole analysis
	Rejected int            `json:"rejected"`           // of all trials
	Favor    int            `json:"rejected_in_favor"`  // of these, toward benefit
	Wrong    int            `json:"rejected_wrong_way"` // of these, against the truth's sign
	Zero     int            `json:"interval_with_zero"`
	Interval int            `json:"intervals"`
	Covered  int            `json:"covered"`
	Judged   int            `json:"judged"`
	// Benefit and Harm count verdicts in the order definite, probable, possible,
	// definitely-not; BenefitZero those whose interval includes no difference.
	Benefit     [4]int `json:"benefit"`
	BenefitZero [4]int `json:"benefit_with_zero"`
	Harm        [4]int `json:"harm"`
	Both        int    `json:"important_both_ways"`
	// Of estimates: Σ(value − origin) to the fourth power, of squared standard errors, and
	// of |value| and its square among those rejected. The origin is the truth, 0 where it
	// is not known.
	Sum         sum `json:"sum"`
	Square      sum `json:"sum_of_squares"`
	Fourth      sum `json:"sum_of_fourth_powers"`
	Standard    int `json:"standard_errors"`
	Errors      sum `json:"sum_of_squared_se"`
	ErrorFourth sum `json:"sum_of_se_fourth_powers"`
	Size        sum `json:"sum_of_sizes_rejected"`
	SizeSquare  sum `json:"sum_of_squared_sizes_rejected"`
}

// add counts a finding; origin is the truth, or 0.
func (t *tally) add(f *finding, origin float64, known bool, better float64) {
	t.Trials++
	if f.whole {
		t.Whole++
	}
	d := f.value - origin
	failure := f.failure
	if failure == "" && (!(math.Abs(d) < 1e60) || !(f.noStandard || f.se < 1e60)) {
		failure = "beyond-range" // whose fourth power would be no number
	}
	if failure != "" {
		if t.Failed == nil {
			t.Failed = map[string]int{}
		}
		t.Failed[failure]++
		return
	}
	t.Sum.add(d)
	t.Square.add(d * d)
	t.Fourth.add(d * d * d * d)
	if f.withheld {
		t.Withheld++
		return
	}
	if !f.noStandard {
		t.Standard++
		t.Errors.add(f.se * f.se)
		t.ErrorFourth.add(f.se * f.se * f.se * f.se)
	}
	t.Interval++
	if f.zero {
		t.Zero++
	}
	if f.covers {
		t.Covered++
	}
	if f.rejected {
		t.Rejected++
		if f.gain > 0 {
			t.Favor++
		}
		if known && origin != 0 && f.value*origin < 0 {
			t.Wrong++
		}
		t.Size.add(math.Abs(f.value))
		t.SizeSquare.add(f.value * f.value)
	}
	if f.judged {
		t.Judged++
		t.Benefit[f.benefit]++
		if f.zero {
			t.BenefitZero[f.benefit]++
		}
		t.Harm[f.harm]++
		if f.both {
			t.Both++
		}
	}
}

// merge adds another tally.
func (t *tally) merge(u *tally) {
	for _, x := range []struct{ to, from *int }{{&t.Trials, &u.Trials}, {&t.Withheld, &u.Withheld}, {&t.Whole, &u.Whole}, {&t.Rejected, &u.Rejected},
		{&t.Favor, &u.Favor}, {&t.Wrong, &u.Wrong}, {&t.Zero, &u.Zero}, {&t.Interval, &u.Interval}, {&t.Covered, &u.Covered}, {&t.Judged, &u.Judged},
		{&t.Both, &u.Both}, {&t.Standard, &u.Standard}} {
		*x.to += *x.from
	}
	for i := range t.Benefit {
		t.Benefit[i] += u.Benefit[i]
		t.BenefitZero[i] += u.BenefitZero[i]
		t.Harm[i] += u.Harm[i]
	}
	for _, code := range slices.Sorted(maps.Keys(u.Failed)) {
		if t.Failed == nil {
			t.Failed = map[string]int{}
		}
		t.Failed[code] += u.Failed[code]
	}
	for _, x := range []struct{ to, from *sum }{{&t.Sum, &u.Sum}, {&t.Square, &u.Square}, {&t.Fourth, &u.Fourth}, {&t.Errors, &u.Errors},
		{&t.ErrorFourth, &u.ErrorFourth}, {&t.Size, &u.Size}, {&t.SizeSquare, &u.SizeSquare}} {
		x.to.merge(x.from)
	}
}

// estimated are the trials with an estimate.
func (t *tally) estimated() int {
	n := t.Trials
	for _, k := range t.Failed {
		n -= k
	}
	return n
}
