package estimand

import (
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// Strategy is what is done about an intercurrent event.
type Strategy string

// Strategies of ICH E9(R1). A principal stratum, those in whom the event would happen (or
// not) under either treatment, is not among them: nobody can tell who is in it.
const (
	// TreatmentPolicy uses values whether or not the event happened.
	TreatmentPolicy Strategy = "treatment-policy"
	// Hypothetical asks for the values had the event not happened: those after it are set
	// aside and predicted as missing at random.
	Hypothetical Strategy = "hypothetical"
	// Composite makes the event part of the outcome: a Value is given from it on.
	Composite Strategy = "composite"
	// WhileOnTreatment asks for values before the event: the last of them stands for
	// those after it.
	WhileOnTreatment Strategy = "while-on-treatment"
)

// Value is what a composite strategy gives.
type Value string

// Values of a composite strategy.
const (
	// Worst is the end of the scale that is worst (of a binary or ordinal outcome its
	// worst answer).
	Worst Value = "worst"
	// ZeroChange is the participant's own baseline.
	ZeroChange Value = "0-change"
	// TrimmedMean gives no value: a share of the worst, those with the event first, is
	// left out of both arms alike.
	TrimmedMean Value = "trimmed-mean"
)

// Handling is the strategy for an event.
type Handling struct {
	Event    string
	Strategy Strategy
	Value    Value // of Composite
}

// Lost is what becomes, under TrimmedMean, of participants without a value to whom no
// event happened that says it. There is no default.
type Lost string

// What becomes of those lost.
const (
	LostWorst   Lost = "worst"    // they rank worst too, as whoever had the event
	LostLeftOut Lost = "left-out" // they are in neither arm
)

// Estimand is a question: of whom (Set), and how events are handled. Treatment, variable
// and summary come from the plan that names it.
type Estimand struct {
	ID, Set    string
	Strategies []Handling
	// Trim, of TrimmedMean, is the share that is cut off the worst end of each arm, above
	// 0 and below 1, or with Adaptive the larger of both arms' shares of participants who
	// rank worst. Lost is who else ranks so.
	Trim     float64
	Adaptive bool
	Lost     Lost
}

// Trims reports whether some event is handled by trimmed means.
func (e Estimand) Trims() bool {
	return slices.ContainsFunc(e.Strategies, func(h Handling) bool { return h.Value == TrimmedMean })
}

// Of returns the handling of an event.
func (e Estimand) Of(event string) (Handling, bool) {
	i := slices.IndexFunc(e.Strategies, func(h Handling) bool { return h.Event == event })
	if i < 0 {
		return Handling{}, false
	}
	return e.Strategies[i], true
}

// Uses reports whether some event is handled so.
func (e Estimand) Uses(s Strategy) bool {
	return slices.ContainsFunc(e.Strategies, func(h Handling) bool { return h.Strategy == s })
}

// Clone shares nothing with e.
func (e Estimand) Clone() Estimand {
	e.Strategies = slices.Clone(e.Strategies)
	return e
}

var (
	strategyWords = []string{string(TreatmentPolicy), string(Hypothetical), string(WhileOnTreatment), string(Composite)}
	valueWords    = []string{string(Worst), string(ZeroChange), string(TrimmedMean)}
)

// adaptive is the word of Estimand.Adaptive.
const adaptive = "adaptive"

// ReadEstimands reads a list of {id, set, strategies: {event: strategy}, trim, lost}.
func ReadEstimands(r *yamlfile.Reader, dst *[]Estimand) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		r.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
			var e Estimand
			r.Fields(n, path, yamlfile.Keys{"id": r.Text(&e.ID), "set": r.Text(&e.Set), "lost": r.Text((*string)(&e.Lost)),
				"trim": func(n *yamlfile.Node, path string) {
					if n.Kind == yamlfile.Scalar && strings.TrimSpace(n.Text) == adaptive {
						e.Adaptive = true
						return
					}
					r.Number(&e.Trim)(n, path)
				},
				"strategies": func(n *yamlfile.Node, path string) {
					r.MapOf(n, path, "problem-estimand-strategies-map", func(key string, n *yamlfile.Node, path string) {
						e.Strategies = append(e.Strategies, readHandling(r, key, n, path))
					})
				}})
			*dst = append(*dst, e)
		})
	}
}

func readHandling(r *yamlfile.Reader, event string, n *yamlfile.Node, path string) Handling {
	h := Handling{Event: event}
	if n.Kind == yamlfile.Map {
		h.Strategy = Composite
		r.Fields(n, path, yamlfile.Keys{string(Composite): func(n *yamlfile.Node, path string) {
			if v := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(n.Text)), " ", "-"); slices.Contains(valueWords, v) {
				h.Value = Value(v)
				return
			}
			r.Reject(n, path, "problem-estimand-composite", strings.Join(valueWords, " / "))
		}})
		if len(n.Entries) == 0 {
			r.Reject(n, path, "problem-estimand-composite", strings.Join(valueWords, " / "))
		}
		return h
	}
	switch s := strings.ToLower(strings.TrimSpace(n.Text)); {
	case n.Kind == yamlfile.Scalar && strings.HasPrefix(s, "principal"):
		r.Reject(n, path, "problem-estimand-principal")
	case n.Kind == yamlfile.Scalar && s == string(Composite):
		r.Reject(n, path, "problem-estimand-composite", strings.Join(valueWords, " / "))
	case n.Kind != yamlfile.Scalar || !slices.Contains([]Strategy{TreatmentPolicy, Hypothetical, WhileOnTreatment}, Strategy(s)):
		r.Reject(n, path, "problem-estimand-strategy", r.Shown(n), strings.Join(strategyWords, ", "))
	default:
		h.Strategy = Strategy(s)
	}
	return h
}

// Check adds what is wrong with a list of estimands and the events they name, whatever
// the protocol around them; sets and events are those that it has.
func Check(c *yamlfile.Checker, list []Estimand, events []Event, sets []string) {
	c.Unique("estimands", "word-estimands", len(list), func(i int) string { return list[i].ID })
	for i, e := range list {
		at := "estimands[" + itoa(i) + "]"
		if e.Set != "" && !slices.Contains(sets, e.Set) {
			c.Add(at+".set", "problem-set-unknown", e.Set, strings.Join(sets, ", "))
		}
		e.checkTrim(c, at)
		for _, h := range e.Strategies {
			here := at + ".strategies." + h.Event
			switch known := slices.ContainsFunc(events, func(x Event) bool { return x.ID == h.Event }); {
			case !known:
				c.Add(here+"@", "problem-estimand-event", h.Event, names(events))
			case h.Strategy == Composite && !slices.Contains(valueWords, string(h.Value)):
				c.Add(here, "problem-estimand-composite", strings.Join(valueWords, " / "))
			case h.Strategy != Composite && h.Value != "":
				c.Add(here, "problem-estimand-value", string(h.Strategy))
			case h.Strategy != Composite && !slices.Contains(strategyWords, string(h.Strategy)):
				c.Add(here, "problem-estimand-strategy", string(h.Strategy), strings.Join(strategyWords, ", "))
			}
		}
		for _, x := range events {
			if _, ok := e.Of(x.ID); !ok {
				c.Add(at+".strategies", "problem-estimand-unhandled", x.ID)
			}
		}
	}
}

// checkTrim asks what trimmed means need said, and refuses it elsewhere.
func (e Estimand) checkTrim(c *yamlfile.Checker, at string) {
	switch {
	case e.Trims() && e.Trim == 0 && !e.Adaptive:
		c.Add(at+".strategies", "problem-estimand-trim-missing")
	case !e.Trims() && (e.Trim != 0 || e.Adaptive):
		c.Add(at+".trim", "problem-estimand-trim-needless")
	case e.Trims() && !e.Adaptive && !(e.Trim > 0 && e.Trim < 1):
		c.Add(at+".trim", "problem-estimand-trim-share", e.Trim)
	}
	switch {
	case e.Trims() && e.Lost == "":
		c.Add(at+".strategies", "problem-estimand-lost-missing")
	case !e.Trims() && e.Lost != "":
		c.Add(at+".lost", "problem-estimand-trim-needless")
	case e.Lost != "" && e.Lost != LostWorst && e.Lost != LostLeftOut:
		c.Add(at+".lost", "problem-estimand-lost-word", string(e.Lost))
	}
}

func names(events []Event) string {
	out := make([]string, len(events))
	for i, e := range events {
		out[i] = e.ID
	}
	if len(out) == 0 {
		return "–"
	}
	return strings.Join(out, ", ")
}
