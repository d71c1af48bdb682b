package power

import "math"

// LogRankDesign is a trial of two arms compared by the log-rank test, whose power rests
// on the number of events in both arms together, under proportional hazards:
//
//	Schoenfeld  d = (z_{1−α/2} + z_power)²·(1 + A)² / (A·log²HR)
//	Freedman    d = (z_{1−α/2} + z_power)²·(1 + A·HR)² / (A·(1 − HR)²),  A = n₁/n₀
//
// Both are asymptotic. Sources: Schoenfeld (1983), Biometrics 39:499, doi 10.2307/2531021;
// Freedman (1982), Stat Med 1:121, doi 10.1002/sim.4780010204. It agrees with R's
// rpact::getSampleSizeSurvival(typeOfComputation = "Schoenfeld" or "Freedman").
type LogRankDesign struct {
	Events float64 // in both arms
	// HazardRatio treated over control; Ratio control participants per treated one, 0 means 1.
	HazardRatio, Ratio float64
	Freedman           bool    // false: Schoenfeld's formula
	Alpha              float64 // two-sided; 0 means 0.05
}

func (d LogRankDesign) form(fn string) (zDesign, error) {
	a, err := alphaOf(fn, d.Alpha)
	if err != nil {
		return zDesign{}, err
	}
	r, err := ratioOf(fn, d.Ratio)
	if err != nil {
		return zDesign{}, err
	}
	h := d.HazardRatio
	if !(h > 0) || math.IsInf(h, 0) {
		return zDesign{}, domain(fn, "HazardRatio", h)
	}
	z := zDesign{theta: math.Log(h), v0: (1 + r) * (1 + r) / r, alpha: a}
	if d.Freedman {
		z.theta, z.v0 = 1-h, (r+h)*(r+h)/r
	}
	z.v1 = z.v0
	return z, nil
}

// Power returns the power; NaN for a design that is refused.
func (d LogRankDesign) Power() float64 { return powerAt(d.form, d.Events) }

// SolveEvents returns the events needed in both arms together. It refuses a hazard ratio
// of 1: no number of events tells it from itself.
func (d LogRankDesign) SolveEvents(power float64) (float64, error) {
	return solveAt("LogRankDesign.SolveEvents", d.form, power)
}

// SolveHazardRatio returns the hazard ratio below 1 that the design's events detect with
// the power asked for.
func (d LogRankDesign) SolveHazardRatio(power float64) (float64, error) {
	const fn = "LogRankDesign.SolveHazardRatio"
	d.HazardRatio = 0.5
	if _, err := d.form(fn); err != nil {
		return 0, err
	}
	if !(d.Events > 0) {
		return 0, domain(fn, "Events", d.Events)
	}
	return SolveFor(power, 1e-9, 1-1e-9, func(h float64) float64 { e := d; e.HazardRatio = h; return e.Power() })
}

// Recruitment turns events into participants: they enter uniformly over the time Accrual
// and are followed until the time Follow after the last has entered; event and loss have
// constant hazards, Hazard of the event in the control arm and Lost of leaving:
//
//	P(event) = λ/(λ + η)·(1 − (e^(−(λ+η)·F) − e^(−(λ+η)(R+F)))/((λ + η)·R))
//
// Source: Lachin & Foulkes (1986), Biometrics 42:507, doi 10.2307/2531201. It agrees with R's
// rpact::getEventProbabilities.
type Recruitment struct {
	Hazard, Accrual, Follow, Lost float64
}

// EventProbability returns the probability that a participant whose hazard is that of
// control times a ratio is seen to have the event. It refuses hazards and times below 0
// and a trial without time (ErrDomain).
func (r Recruitment) EventProbability(hazardRatio float64) (float64, error) {
	const fn = "Recruitment.EventProbability"
	l := r.Hazard * hazardRatio
	switch {
	case !(l > 0) || math.IsInf(l, 0):
		return 0, domain(fn, "Hazard", l)
	case !(r.Accrual >= 0) || !(r.Follow >= 0) || !(r.Accrual+r.Follow > 0) || math.IsInf(r.Accrual+r.Follow, 0):
		return 0, domain(fn, "Accrual, Follow", r.Accrual+r.Follow)
	case !(r.Lost >= 0) || math.IsInf(r.Lost, 0):
		return 0, domain(fn, "Lost", r.Lost)
	}
	h := l + r.Lost
	if r.Accrual == 0 {
		return l / h * -math.Expm1(-h*r.Follow), nil
	}
	x := h * r.Accrual // (1 − e^−x)/x is the mean over entry of e^−(time of entry)
	return l / h * (1 - math.Exp(-h*r.Follow)*-math.Expm1(-x)/x), nil
}

// Participants returns how many participants of the design, both arms together, have
// the events that it needs; round up.
func (r Recruitment) Participants(d LogRankDesign, power float64) (float64, error) {
	events, err := d.SolveEvents(power)
	if err != nil {
		return 0, err
	}
	p1, err := r.EventProbability(d.HazardRatio)
	if err != nil {
		return 0, err
	}
	p0, err := r.EventProbability(1)
	if err != nil {
		return 0, err
	}
	k, err := ratioOf("Recruitment.Participants", d.Ratio)
	return events * (1 + k) / (p1 + k*p0), err
}
