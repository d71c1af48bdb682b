package study

import (
	"math"

	"github.com/trialkit/trialkit/stats/table"
)

// safetyOf counts the participants of each arm with at least one adverse
// event. Only participants for whom events were recorded count: not recorded
// is not zero. The one-sided limit answers "how common could it be at most",
// the two-sided one is the interval; they differ (0 of 5: 45% and 52%).
func safetyOf(p Protocol, arms []Arm, randomized map[string]int, participants []Participant, level float64, known *risks) Safety {
	s := Safety{Declared: p.Data.AdverseEvents != "", Level: level}
	if !s.Declared {
		return s
	}
	var pooled SafetyRow
	counts := map[string]table.Count{}
	for _, a := range arms {
		row := SafetyRow{Arm: a.ID}
		for _, x := range participants {
			switch {
			case x.Arm != a.ID:
				continue
			case !x.EventsRecorded:
				row.NotRecorded++
				continue
			}
			row.N++
			row.TotalEvents += x.AdverseEvents
			if x.AdverseEvents > 0 {
				row.Events++
			}
		}
		counts[a.ID] = table.Count{Events: row.Events, N: row.N}
		pooled.Events += row.Events
		pooled.N += row.N
		pooled.TotalEvents += row.TotalEvents
		pooled.NotRecorded += row.NotRecorded
		s.Arms = append(s.Arms, row.WithLimits(level))
	}
	if pooled.N == 0 { // a column without a single entry tells nothing
		return Safety{Level: level}
	}
	if len(arms) > 1 {
		pooled = pooled.WithLimits(level)
		s.Pooled = &pooled
	}
	control := arms[len(arms)-1].ID
	for _, a := range arms[:len(arms)-1] {
		c := SafetyContrast{Arm: a.ID, Control: control, Difference: math.NaN(), Lower: math.NaN(), Upper: math.NaN(),
			WithoutStrata: p.Randomization.Stratified()}
		if rd, ok := known.between(counts[a.ID], counts[control], [2]int{randomized[a.ID], randomized[control]}, level); ok {
			c.Method, c.Difference, c.Lower, c.Upper = rd.method, rd.point, rd.ci.Lo, rd.ci.Hi
		}
		s.Contrasts = append(s.Contrasts, c)
	}
	return s
}

// WithLimits returns the row with the limits of its counts.
func (r SafetyRow) WithLimits(level float64) SafetyRow {
	r.Lower, r.Upper, r.UpperOneSided = math.NaN(), math.NaN(), math.NaN()
	if p, err := table.ClopperPearson(table.Count{Events: r.Events, N: r.N}); err == nil {
		ci := p.CI(level)
		r.Lower, r.Upper, r.UpperOneSided = ci.Lo, ci.Hi, p.Upper(level).Hi
	}
	return r
}
