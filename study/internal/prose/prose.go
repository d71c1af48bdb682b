// Package prose holds what the writers of reports, of readings of claims and of
// derived thresholds share: how numbers, units and thresholds stand in sentences.
package prose

import (
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// Writer gathers a document; every sentence is the catalog's.
type Writer struct {
	C   *text.Catalog
	Doc page.Document
}

// Say says a message of the catalog.
func (b *Writer) Say(code string, args text.Args) string { return b.C.Say(code, args) }

// Heading adds a section's heading.
func (b *Writer) Heading(code string) { b.Doc.Heading(2, b.Say(code, nil)) }

// Paragraph adds a paragraph.
func (b *Writer) Paragraph(code string, args text.Args) { b.Doc.Paragraph(b.Say(code, args)) }

// Level writes a confidence level: 95%, 97.5%.
func (b *Writer) Level(x float64) string {
	s := b.C.Number(100*x, 1)
	return strings.TrimSuffix(strings.TrimSuffix(s, ",0"), ".0") + "%"
}

// Points writes a difference of proportions in percentage points.
func (b *Writer) Points(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return b.C.Number(100*x, 0)
}

// Kinds says once what each kind of threshold of the outcomes is.
func (b *Writer) Kinds(outcomes []study.Outcome) {
	var parts []string
	for _, o := range outcomes {
		for _, t := range o.Thresholds {
			kind := "kind-" + string(t.Kind)
			if b.C.Has(kind) && !slices.Contains(parts, b.Say(kind, nil)) {
				parts = append(parts, b.Say(kind, nil))
			}
		}
	}
	if len(parts) > 0 {
		b.Doc.Paragraph(strings.Join(parts, " "))
	}
}

// Thresholds writes thresholds with their patients and sources.
func Thresholds(c *text.Catalog, ts []study.Threshold, unit string) string {
	var parts []string
	for _, t := range ts {
		s := c.Say("number", text.Args{"x": t.Value}) + text.Unit(unit)
		who := c.Population(t.Population)
		if c.Has("condition-" + t.Condition) {
			who = c.Say("condition-"+t.Condition, nil)
		}
		var origin []string
		if who != "" {
			origin = append(origin, who)
		}
		if t.Source != "" && (t.Registered || who == "") { // a protocol's own citation stands in the protocol
			source, _, _ := strings.Cut(t.Source, ", doi")
			origin = append(origin, source)
		}
		if t.Registered && !t.Verified {
			origin = append(origin, c.Say("threshold-unverified", nil))
		}
		if len(origin) > 0 {
			s += " (" + strings.Join(origin, "; ") + ")"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "; ")
}
