package claim

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// Parse reads a claim in YAML, fills outcomes that name an instrument
// (WithInstruments) and validates it. Everything wrong is
// returned at once, as Problems with line and column, as in ParseProtocol.
// Numbers keep the digits in which they are written, so write them as they are
// printed: 2.80, not 2.8.
//
//	title, source: text
//	contrast: within | between | unstated        # mandatory
//	level: 0.95
//	arms: [{id, label, control, n}]
//	blocks: 4                                    # size of the randomization's blocks
//	outcomes: as in a protocol
//	results:
//	  - {outcome, visit, contrast, baseline, arm, change, sd, se, ci: [low, high], p,
//	     percent, control_changes: [0, -0.5], measure: change | score | responders | harms,
//	     groups: [{arm, n, mean, sd, se, ci, p, baseline, baseline_sd, adjusted, median,
//	              quartiles: [first, third], events, percent}],
//	     difference: {arm, value, se, ci, p, test, adjusted, nnt, nnt_ci}}
//	adverse_events: [{arm, events, n}]
//	tests: [{label, test: "F(1, 46) = 3.90", p: "= .004"}]
//	tallies: [{label: sex, arm, n, parts: [80, 57]}]
//	quotes: ["clinically relevant"]
//	effects: [0.5, 0.8, 1]
//	translations: {nl: {right after: direct erna}}
func Parse(r io.Reader, name string) (Claim, error) {
	file, root, err := yamlfile.Open(r, name, "problem-claim-long")
	if err != nil {
		return Claim{}, err
	}
	d := &reader{file}
	var c Claim
	d.claim(root, &c)
	c = c.WithInstruments()
	if err := d.Close(c.check()); err != nil {
		return Claim{}, err
	}
	return c, nil
}

// ParseFS reads a claim from a file system; see Parse.
func ParseFS(fsys fs.FS, file string) (Claim, error) {
	f, err := fsys.Open(path.Clean(file))
	if err != nil {
		return Claim{}, err
	}
	defer f.Close()
	return Parse(f, file)
}

// reader fills a Claim from YAML.
type reader struct{ *yamlfile.Reader }

func (d *reader) claim(n *yamlfile.Node, c *Claim) {
	d.Fields(n, "", yamlfile.Keys{
		"title":    d.Text(&c.Title),
		"source":   d.Text(&c.Source),
		"contrast": d.contrastWord(&c.Contrast),
		"level":    d.Number(&c.Level),
		"blocks":   d.Whole(&c.Blocks),
		"outcomes": func(n *yamlfile.Node, path string) {
			d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
				var o study.Outcome
				o.ReadYAML(d.Reader, n, path)
				c.Outcomes = append(c.Outcomes, o)
			})
		},
		"quotes":       d.Texts(&c.Quotes),
		"effects":      d.Numbers(&c.Effects),
		"translations": d.Translations(&c.Translations),
		"arms": func(n *yamlfile.Node, path string) {
			d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
				var a Arm
				d.Fields(n, path, yamlfile.Keys{"id": d.Text(&a.ID), "label": d.Text(&a.Label),
					"control": d.Flag(&a.Control), "n": d.Whole(&a.N)})
				c.Arms = append(c.Arms, a)
			})
		},
		"results": func(n *yamlfile.Node, path string) {
			d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
				var r Result
				d.claimResult(n, path, &r)
				c.Results = append(c.Results, r)
			})
		},
		"adverse_events": func(n *yamlfile.Node, path string) {
			d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
				var e Count
				d.Fields(n, path, yamlfile.Keys{"arm": d.Text(&e.Arm), "events": d.Whole(&e.Events), "n": d.Whole(&e.N)})
				if n.Kind == yamlfile.Map && !n.Has("events") {
					d.Reject(n, path+".events", "problem-claim-events-missing")
				}
				c.AdverseEvents = append(c.AdverseEvents, e)
			})
		},
		"tests": func(n *yamlfile.Node, path string) {
			d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
				var t Test
				d.Fields(n, path, yamlfile.Keys{"label": d.Text(&t.Label), "test": d.Text(&t.Test), "p": d.Text((*string)(&t.P))})
				c.Tests = append(c.Tests, t)
			})
		},
		"tallies": func(n *yamlfile.Node, path string) {
			d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
				var t Tally
				d.Fields(n, path, yamlfile.Keys{"label": d.Text(&t.Label), "arm": d.Text(&t.Arm), "n": d.Whole(&t.N),
					"parts": func(n *yamlfile.Node, path string) {
						d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
							var x int
							d.Whole(&x)(n, path)
							t.Parts = append(t.Parts, x)
						})
					}})
				c.Tallies = append(c.Tallies, t)
			})
		},
	})
}

func (d *reader) claimResult(n *yamlfile.Node, path string, r *Result) {
	d.Fields(n, path, yamlfile.Keys{
		"outcome": d.Text(&r.Outcome), "visit": d.Text(&r.Visit), "contrast": d.contrastWord(&r.Contrast),
		"baseline": d.Flag(&r.Baseline), "arm": d.Text(&r.Arm), "change": d.printed(&r.Change),
		"sd": d.printed(&r.SD), "se": d.printed(&r.SE), "ci": d.printedPair(&r.CI), "p": d.Text((*string)(&r.P)),
		"percent": d.Flag(&r.Percent), "control_changes": d.Numbers(&r.ControlChanges),
		"measure": d.Word((*string)(&r.Measure), string(MeasureChange), string(MeasureScore), string(MeasureResponders), string(MeasureHarms)),
		"groups": func(n *yamlfile.Node, path string) {
			d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
				var g Group
				d.Fields(n, path, yamlfile.Keys{"arm": d.Text(&g.Arm), "n": d.Whole(&g.N), "mean": d.printed(&g.Mean),
					"sd": d.printed(&g.SD), "se": d.printed(&g.SE), "ci": d.printedPair(&g.CI),
					"p": d.Text((*string)(&g.P)), "adjusted": d.Flag(&g.Adjusted),
					"baseline": d.printed(&g.Baseline), "baseline_sd": d.printed(&g.BaselineSD),
					"median": d.printed(&g.Median), "quartiles": d.printedPair(&g.Quartiles),
					"events": d.Whole(&g.Events), "percent": d.printed(&g.Percent)})
				if r.Measure.counts() && n.Kind == yamlfile.Map && !n.Has("events") {
					d.Reject(n, path+".events", "problem-missing")
				}
				r.Groups = append(r.Groups, g)
			})
		},
		"difference": func(n *yamlfile.Node, path string) {
			x := &r.Difference
			d.Fields(n, path, yamlfile.Keys{"arm": d.Text(&x.Arm), "value": d.printed(&x.Value), "se": d.printed(&x.SE),
				"ci": d.printedPair(&x.CI), "p": d.Text((*string)(&x.P)), "test": d.Text(&x.Test),
				"adjusted": d.Flag(&x.Adjusted), "nnt": d.printed(&x.NNT), "nnt_ci": d.printedPair(&x.NNTCI)})
		},
	})
}

// has reports whether a map has the key.
func (d *reader) contrastWord(dst *study.Contrast) func(*yamlfile.Node, string) {
	return d.Word((*string)(dst), string(study.Within), string(study.Between), string(Unstated))
}

// printed keeps a number's digits; check says whether it is one.
func (d *reader) printed(dst *integrity.Printed) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		var s string
		d.Text(&s)(n, path)
		*dst = integrity.Printed(s)
		if n.Kind == yamlfile.Scalar && strings.TrimSpace(n.Text) == "" {
			d.Reject(n, path, "problem-value-not-a-number", d.Shown(n))
		}
	}
}

func (d *reader) printedPair(dst *[2]integrity.Printed) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		if n.Kind != yamlfile.List || len(n.Items) != 2 {
			d.Reject(n, path, "problem-pair")
			return
		}
		for i := range dst {
			p := fmt.Sprintf("%s[%d]", path, i)
			d.At[p] = [2]int{n.Items[i].Line, n.Items[i].Column}
			d.printed(&dst[i])(n.Items[i], p)
		}
	}
}
