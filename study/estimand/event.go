package estimand

import (
	"math"
	"slices"

	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// Event is an intercurrent event, and where the file tells of it.
type Event struct {
	ID string
	// Label is what reports call it; empty: the ID.
	Label string
	// Day is the column of the day since randomization; an empty field: it did not happen.
	Day string
	// Column says yes or no, as Values have it ("yes" and "no" where they are empty): in
	// the long layout of the time up to the row's visit, in the wide one of any time
	// after randomization. Columns do so by visit in the wide layout.
	Column  string
	Columns map[string]string
	Values  map[string]string
}

// Name is what reports call the event.
func (e Event) Name() string {
	if e.Label != "" {
		return e.Label
	}
	return e.ID
}

// Names are the columns that tell of the event, in a fixed order.
func (e Event) Names() []string {
	var out []string
	for _, c := range []string{e.Day, e.Column} {
		if c != "" {
			out = append(out, c)
		}
	}
	for _, v := range sorted(e.Columns) {
		out = append(out, e.Columns[v])
	}
	return out
}

// Happened is what a field says: yes or no.
func (e Event) Happened(s string) (yes, ok bool) {
	word, mapped := e.Values[s]
	if !mapped {
		if len(e.Values) > 0 {
			return false, false
		}
		word = s
	}
	return word == "yes", word == "yes" || word == "no"
}

// Occurrence is an event of a participant.
type Occurrence struct {
	Event string
	// Day since randomization, where HasDay.
	Day    float64
	HasDay bool
	// Visit is the first by which it had happened, where columns tell by visit.
	Visit string
}

// Timed reports whether it is known when the event happened.
func (o Occurrence) Timed() bool { return o.HasDay || o.Visit != "" }

// First is the index of the first visit after the event; the number of visits where none
// is. days are the visits' (NaN where unknown: not after it by itself). An event whose
// time is not known is before all visits.
func (o Occurrence) First(visits []string, days []float64) int {
	if !o.Timed() {
		return 0
	}
	if !o.HasDay {
		if i := slices.Index(visits, o.Visit); i >= 0 {
			return i
		}
		return len(visits)
	}
	for i, day := range days {
		if o.Day == math.Floor(o.Day) {
			day = math.Floor(day)
		}
		if day > o.Day {
			return i
		}
	}
	return len(visits)
}

// ReadEvents reads {event: {day: column}} and {event: {column, values}}; the order is
// kept.
func ReadEvents(r *yamlfile.Reader, dst *[]Event) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		r.MapOf(n, path, "problem-intercurrent-map", func(key string, n *yamlfile.Node, path string) {
			e := Event{ID: key}
			r.Fields(n, path, yamlfile.Keys{"day": r.Text(&e.Day), "label": r.Text(&e.Label), "values": r.TextMap(&e.Values),
				"column": func(n *yamlfile.Node, path string) {
					if n.Kind == yamlfile.Map {
						r.TextMap(&e.Columns)(n, path)
						return
					}
					r.Text(&e.Column)(n, path)
				}})
			*dst = append(*dst, e)
		})
	}
}

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
