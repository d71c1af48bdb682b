package lost

import (
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats/impute"
)

// Mean is the mean of N values; NaN of none.
type Mean struct {
	Value float64
	N     int
}

// Course is the mean course of the lost of an arm under an assumption: at baseline and
// at every visit up to the comparison's, over the same participants; what was observed
// of them stands as it is, the rest is predicted.
type Course struct {
	Arm, Assume string
	// Reference is the arm that a reference-based assumption looks to; else "".
	Reference string
	// Delta is by how much those lost are worse than predicted (at the first visit that
	// they miss, where it adds up); 0 under other assumptions.
	Delta float64
	Means []float64
}

// Courses are what was observed in each arm, and how those lost would have gone on.
type Courses struct {
	Arms []string
	// N counts the participants by arm, Lost those of them without a value at the last
	// visit, that of the comparison.
	N, Lost map[string]int
	// Observed are the means, by arm, at baseline and each visit, of everybody with a
	// value there; Stayed those of the participants who have one at the last visit.
	Observed, Stayed map[string][]Mean
	Assumed          []Course

	values [][]float64 // participant × visits after baseline; NaN: missing
	of     []int       // the arm of each
	lost   []bool
	base   []float64
}

// Observe describes what was observed up to a visit of the data. Values at and after an
// event that removes them are not among the data's; those that an estimand gives are.
func Observe(d *impute.Data, visit int) *Courses {
	c := &Courses{Arms: d.Arms, N: map[string]int{}, Lost: map[string]int{},
		Observed: map[string][]Mean{}, Stayed: map[string][]Mean{}, of: d.Arm, base: d.Baseline, lost: make([]bool, len(d.Arm))}
	c.values = make([][]float64, len(d.Arm))
	for p := range c.values {
		c.values[p] = slices.Repeat([]float64{math.NaN()}, len(d.Visits))
	}
	for _, x := range d.Values {
		c.values[x.Participant][x.Visit] = x.Y
	}
	for p, a := range d.Arm {
		c.N[d.Arms[a]]++
		if c.lost[p] = math.IsNaN(c.values[p][visit]); c.lost[p] {
			c.Lost[d.Arms[a]]++
		}
	}
	for a, arm := range d.Arms {
		for v := -1; v <= visit; v++ {
			c.Observed[arm] = append(c.Observed[arm], c.mean(a, v, func(int) bool { return true }))
			c.Stayed[arm] = append(c.Stayed[arm], c.mean(a, v, func(p int) bool { return !c.lost[p] }))
		}
	}
	return c
}

// at is a participant's value at a visit, −1 being baseline.
func (c *Courses) at(p, v int) float64 {
	if v < 0 {
		return c.base[p]
	}
	return c.values[p][v]
}

// mean is that of an arm's participants with a value.
func (c *Courses) mean(arm, v int, who func(p int) bool) Mean {
	m, sum := Mean{}, 0.0
	for p, a := range c.of {
		if y := c.at(p, v); a == arm && who(p) && !math.IsNaN(y) {
			m.N++
			sum += y
		}
	}
	m.Value = sum / float64(m.N) // NaN of none
	return m
}

// Assume adds the courses of those lost in every arm that has some, under what the fit
// assumes: the means of their conditional means given arm, baseline, covariates and what
// was observed of them (impute.Fit.Cells). The fit is of the observed data. Reference
// says which arm an arm looks to; "": none, and itself: missing at random, which is not
// added once more.
func (c *Courses) Assume(name string, fit *impute.Fit, reference func(arm string) string) error {
	cells, err := fit.Cells()
	if err != nil {
		return err
	}
	predicted := make([][]float64, len(c.values))
	for p := range predicted {
		predicted[p] = slices.Clone(c.values[p])
	}
	for _, x := range cells {
		predicted[x.Participant][x.Visit] = x.Mean
	}
	for a, arm := range c.Arms {
		if ref := reference(arm); ref != arm {
			c.add(a, Course{Assume: name, Reference: ref}, predicted)
		}
	}
	return nil
}

// Worse adds the course of those lost in an arm where they are worse than predicted as
// missing at random by a delta. The fit is of the observed data, under that assumption.
func (c *Courses) Worse(name, arm string, fit *impute.Fit, delta impute.Delta) error {
	cells, err := fit.Cells()
	if err != nil {
		return err
	}
	added, err := fit.Deltas(delta)
	if err != nil {
		return err
	}
	predicted := make([][]float64, len(c.values))
	for p := range predicted {
		predicted[p] = slices.Clone(c.values[p])
	}
	for _, x := range cells {
		predicted[x.Participant][x.Visit] = x.Mean + added[x.Participant][x.Visit]
	}
	c.add(slices.Index(c.Arms, arm), Course{Assume: name, Delta: math.Abs(delta.Size[arm])}, predicted)
	return nil
}

// Carry adds the courses of those lost where a rule has put single values in.
func (c *Courses) Carry(name string, filled *impute.Filled) {
	predicted := make([][]float64, len(c.values))
	for p := range predicted {
		predicted[p] = slices.Repeat([]float64{math.NaN()}, len(c.values[p]))
	}
	for _, v := range filled.Data.Values {
		predicted[v.Participant][v.Visit] = v.Y
	}
	for a := range c.Arms {
		c.add(a, Course{Assume: name}, predicted)
	}
}

// add completes a course of the lost of an arm, where there are any.
func (c *Courses) add(a int, out Course, predicted [][]float64) {
	out.Arm = c.Arms[a]
	n := c.Lost[out.Arm]
	if n == 0 {
		return
	}
	for v := range len(c.Observed[out.Arm]) {
		sum := 0.0
		for p := range c.of {
			switch {
			case c.of[p] != a || !c.lost[p]:
			case v == 0:
				sum += c.base[p]
			default:
				sum += predicted[p][v-1]
			}
		}
		out.Means = append(out.Means, sum/float64(n))
	}
	c.Assumed = append(c.Assumed, out)
}
