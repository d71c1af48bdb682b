package study

// Verdict is what a difference between arms is judged against: the first
// important change that is defined between groups, and the one for worsening,
// if any; nil, nil where the outcome has none. An individual's threshold is a
// change in one patient and judges no difference of means.
func (o Outcome) Verdict() (benefit, worsening *Threshold) {
	return o.firstImportant(BetweenGroup)
}

// TooSmall are the differences active − control, from lo to hi, that are judged
// neither an important benefit nor an important harm: inside the thresholds of
// Verdict, that of benefit mirrored where none is defined for worsening. ok is
// false where nothing judges a difference.
func (o Outcome) TooSmall() (lo, hi float64, ok bool) {
	benefit, worsening := o.Verdict()
	if benefit == nil {
		return 0, 0, false
	}
	if worsening == nil {
		worsening = benefit
	}
	if o.Better == LowerIsBetter {
		return -benefit.Value, worsening.Value, true
	}
	return -worsening.Value, benefit.Value, true
}

// PatientThreshold is what one patient's change is judged against: the first
// important change that is defined for an individual, and the one for
// worsening, if any; nil, nil where the outcome has none.
func (o Outcome) PatientThreshold() (benefit, worsening *Threshold) {
	return o.firstImportant(Individual)
}

// firstImportant are the outcome's first thresholds of a level.
func (o Outcome) firstImportant(level ThresholdLevel) (benefit, worsening *Threshold) {
	for i := range o.Thresholds {
		t := &o.Thresholds[i]
		switch {
		case t.Level != level || !t.Important():
		case t.Worsening && worsening == nil:
			worsening = t
		case !t.Worsening && benefit == nil:
			benefit = t
		}
	}
	return benefit, worsening
}

// Important reports whether the threshold is a change that somebody held
// important: an MDC or SEM is measurement error.
func (t Threshold) Important() bool { return t.Kind.IsChange() && t.Kind != MDC && t.Kind != SEM }
