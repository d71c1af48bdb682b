package assumed

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// Known is what the rest of a protocol says of an outcome, as far as Check needs it.
type Known struct {
	ID string
	// Kind is the protocol's word; "" and continuous are measurements.
	Kind     string
	Min, Max float64 // both 0: no range
	Levels   []string
	Baseline bool
	// Individual are the important changes of one patient, Between those of a
	// difference between arms.
	Individual, Between []float64
}

// takes are the numbers that mean something of a kind of outcome.
var takes = map[string][]string{
	"":           {"sd", "correlation", "between_visits", "difference", "control"},
	"continuous": {"sd", "correlation", "between_visits", "difference", "control"},
	"bounded":    {"sd", "correlation", "between_visits", "difference", "control"},
	"binary":     {"control", "difference"},
	"ordinal":    {"control", "odds_ratio"},
	"count":      {"control", "rate_ratio", "dispersion"},
}

// Check adds what is wrong with the spec in itself and beside the protocol: outcomes
// and treated arms that are not declared, impossible numbers (an SD larger than
// half the range, a loss of everybody), a pilot's effect, and an important change of
// one patient as the difference of means to be found.
func (s Spec) Check(c *yamlfile.Checker, outcomes []Known, treated []string) {
	for _, o := range s.Outcomes {
		at := "assumed." + o.ID
		i := slices.IndexFunc(outcomes, func(k Known) bool { return k.ID == o.ID })
		if i < 0 {
			c.Add(at+"@", "problem-assumed-outcome", o.ID, yamlfile.ListIDs(outcomes, func(k Known) string { return k.ID }))
			continue
		}
		k := checking{c, outcomes[i], at, treated}
		k.keys(o)
		k.measured(o)
		k.control(o)
		k.effects(o.Difference, "difference", func(x float64) bool { return k.Max > k.Min && math.Abs(x) > k.Max-k.Min })
		k.effects(o.OddsRatio, "odds_ratio", func(x float64) bool { return x <= 0 })
		k.effects(o.RateRatio, "rate_ratio", func(x float64) bool { return x <= 0 })
	}
	if slices.ContainsFunc(outcomes, func(k Known) bool { return k.ID == "lost" }) && s.Stated() {
		c.Add("assumed", "problem-assumed-lost-name")
	}
	if l := s.Lost; l.Stated && !(l.Value >= 0 && l.Value < 1) {
		c.Add("assumed.lost", "problem-assumed-lost", l.Value)
	}
}

// checking is one outcome under Check.
type checking struct {
	*yamlfile.Checker
	Known
	at      string
	treated []string
}

// keys refuses numbers that mean nothing of the outcome's kind.
func (k checking) keys(o Outcome) {
	for _, key := range []struct {
		name   string
		stated bool
	}{{"sd", o.SD.Stated}, {"correlation", o.Correlation.Stated}, {"between_visits", o.BetweenVisits.Stated}, {"difference", len(o.Difference) > 0}, {"odds_ratio", len(o.OddsRatio) > 0},
		{"rate_ratio", len(o.RateRatio) > 0}, {"dispersion", o.Dispersion.Stated}} {
		if words, ok := takes[k.Kind]; ok && key.stated && !slices.Contains(words, key.name) {
			k.Add(k.at+"."+key.name, "problem-assumed-kind", key.name, k.Kind, strings.Join(words, ", "))
		}
	}
	if o.Correlation.Stated && !k.Baseline {
		k.Add(k.at+".correlation", "problem-assumed-no-baseline")
	}
}

// measured checks SD, correlation and dispersion.
func (k checking) measured(o Outcome) {
	if x := o.SD; x.Stated {
		switch half := (k.Max - k.Min) / 2; {
		case !(x.Value > 0):
			k.Add(k.at+".sd", "problem-assumed-positive", x.Value)
		case half > 0 && x.Value > half:
			k.Add(k.at+".sd", "problem-assumed-sd-range", x.Value, half, k.Min, k.Max)
		}
	}
	for _, r := range []struct {
		path string
		Number
	}{{".correlation", o.Correlation}, {".between_visits", o.BetweenVisits}} {
		if r.Stated && !(r.Value > -1 && r.Value < 1) {
			k.Add(k.at+r.path, "problem-assumed-correlation", r.Value)
		}
	}
	if x := o.Dispersion; x.Stated && !(x.Value >= 0) {
		k.Add(k.at+".dispersion", "problem-assumed-positive", x.Value)
	}
	// A limit of an SD needs two degrees of freedom, one of a correlation four pairs.
	for _, p := range []struct {
		path   string
		n      Number
		fewest int
	}{{".sd", o.SD, 2 + max(1, o.SD.Arms)}, {".correlation", o.Correlation, 4}, {".between_visits", o.BetweenVisits, 4}} {
		if p.n.N < 0 || p.n.Arms < 0 || (p.n.N > 0 || p.n.Pilot()) && p.n.N < p.fewest {
			k.Add(k.at+p.path, "problem-assumed-n", p.fewest)
		}
	}
}

// control checks what is believed of the control arm.
func (k checking) control(o Outcome) {
	at := k.at + ".control"
	switch x := o.Control; {
	case k.Kind == "ordinal" && x.Stated, k.Kind != "ordinal" && len(o.Shares) > 0:
		k.Add(at, "problem-assumed-shares-kind")
	case len(o.Shares) > 0:
		sum := 0.0
		for _, s := range o.Shares {
			if !(s > 0) {
				sum = math.NaN()
			}
			sum += s
		}
		if len(o.Shares) != len(k.Levels) || !(math.Abs(sum-1) <= 1e-6) {
			k.Add(at, "problem-assumed-shares", len(k.Levels))
		}
	case !x.Stated:
	case k.Kind == "binary":
		ok := x.Value > 0 && x.Value < 1
		for _, e := range o.Difference {
			ok = ok && x.Value+e.Value > 0 && x.Value+e.Value < 1
		}
		if !ok {
			k.Add(at, "problem-assumed-share", x.Value)
		}
	case k.Kind == "count" && !(x.Value > 0):
		k.Add(at, "problem-assumed-positive", x.Value)
	case k.Max > k.Min && !(x.Value >= k.Min && x.Value <= k.Max):
		k.Add(at, "problem-assumed-outside", x.Value, k.Min, k.Max)
	}
}

// individualWords are names of changes that are important, or measurable, in one patient.
var individualWords = regexp.MustCompile(`\b(MCID|MCII|MIC|MID|MDC|SDC|PASS)\b`)

// effects checks the effects of one kind.
func (k checking) effects(list []Effect, key string, impossible func(float64) bool) {
	for _, e := range list {
		at := k.at + "." + key
		if e.Arm != "" {
			at += "." + e.Arm
			if !slices.Contains(k.treated, e.Arm) {
				k.Add(at+"@", "problem-assumed-arm", e.Arm, strings.Join(k.treated, ", "))
			}
		}
		size := math.Abs(e.Value)
		among := func(list []float64) bool {
			return slices.ContainsFunc(list, func(t float64) bool { return math.Abs(t-size) <= 1e-9*t })
		}
		switch {
		case impossible(e.Value):
			k.Add(at, "problem-assumed-effect", e.Value)
		case e.Pilot():
			k.Add(at, "problem-assumed-pilot-effect")
		case key == "difference" && !among(k.Between) && (among(k.Individual) || individualWords.MatchString(e.Source)):
			k.Add(at, "problem-assumed-individual", size)
		}
	}
}
