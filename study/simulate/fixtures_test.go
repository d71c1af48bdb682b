package simulate

import (
	"syscall"
	"time"

	"github.com/trialkit/trialkit/study"
)

// cpu is the processor time of this process: that of a busy machine's clock says little.
func cpu() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// pain is a trial of two arms, pain before and at the later visits.
func pain(model study.Model, later ...string) study.Protocol {
	p := study.Protocol{Title: "Pain", Simulated: true,
		Arms:   []study.Arm{{ID: "laser"}, {ID: "sham", Control: true}},
		Visits: []study.Visit{{ID: "pre"}},
		Outcomes: []study.Outcome{{ID: "vas", Unit: "cm", Better: study.LowerIsBetter, Thresholds: []study.Threshold{
			{Kind: study.Margin, Level: study.BetweenGroup, Value: 1}, {Kind: study.MCID, Level: study.Individual, Value: 1.5}}}},
		Data: study.DataSpec{Layout: study.Wide, Participant: "id", Arm: "arm", Columns: map[string]map[string]string{"vas": {"pre": "p0"}}},
	}
	for _, v := range later {
		p.Visits = append(p.Visits, study.Visit{ID: v})
		p.Data.Columns["vas"][v] = v
	}
	p.Plans = []study.Plan{{Outcome: "vas", Visit: later[len(later)-1], Model: model, Role: study.RolePrimary}}
	return p
}

// believed is a truth for pain: n an arm, equal at baseline, by difference less pain in
// the end.
func believed(p study.Protocol, n int, difference float64) Truth {
	t := Truth{Patients: map[string]int{"laser": n, "sham": n}}
	v := Values{Means: map[string]map[string]float64{}, SDs: map[string]map[string]float64{}, Correlation: Correlation{Rho: 0.5}}
	cells := cellsOf(p, "vas")
	for _, arm := range []string{"laser", "sham"} {
		v.Means[arm], v.SDs[arm] = map[string]float64{}, map[string]float64{}
		for i, c := range cells {
			v.Means[arm][c.visit], v.SDs[arm][c.visit] = 6-float64(i)/2, 2
			if arm == "laser" && !c.base {
				v.Means[arm][c.visit] -= difference * float64(i+1) / float64(len(cells))
			}
			if arm == "laser" && i == len(cells)-1 {
				v.Means[arm][c.visit] = 6 - float64(i)/2 - difference
			}
		}
	}
	t.Outcomes = map[string]Values{"vas": v}
	return t
}
