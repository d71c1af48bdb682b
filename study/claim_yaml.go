package study

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/trialkit/trialkit/stats"
)

// ParseClaim reads a claim in YAML, fills outcomes that name an instrument
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
func ParseClaim(r io.Reader, name string) (Claim, error) {
	src, err := io.ReadAll(io.LimitReader(r, maxProtocol+1))
	if err != nil {
		return Claim{}, fmt.Errorf("%s: %w", name, err)
	}
	d := &protocolReader{file: name, at: map[string][2]int{}, bad: map[string]bool{}}
	if len(src) > maxProtocol {
		d.report(1, 1, "problem-claim-long", maxProtocol)
		return Claim{}, d.problems.Err()
	}
	text, ok := d.decodeText(src)
	if !ok {
		return Claim{}, d.problems.Err()
	}
	root := parseYAML([]byte(text), d.report)
	if root == nil {
		return Claim{}, d.problems.Err()
	}
	var c Claim
	d.claim(root, &c)
	c = c.WithInstruments()
	for _, f := range c.check() {
		if !d.bad[f.path] {
			at := d.place(f.path)
			d.put(f.problem(at[0], at[1]))
		}
	}
	if err := d.problems.Err(); err != nil {
		return Claim{}, err
	}
	return c, nil
}

// ReadClaim reads a claim from a file system; see ParseClaim.
func ReadClaim(fsys fs.FS, file string) (Claim, error) {
	f, err := fsys.Open(path.Clean(file))
	if err != nil {
		return Claim{}, err
	}
	defer f.Close()
	return ParseClaim(f, file)
}

func (d *protocolReader) claim(n *yamlNode, c *Claim) {
	d.fields(n, "", yamlKeys{
		"title":        d.text(&c.Title),
		"source":       d.text(&c.Source),
		"contrast":     d.contrastWord(&c.Contrast),
		"level":        d.number(&c.Level),
		"blocks":       d.whole(&c.Blocks),
		"outcomes":     d.outcomes(&c.Outcomes),
		"quotes":       d.texts(&c.Quotes),
		"effects":      d.numbers(&c.Effects),
		"translations": d.translations(&c.Translations),
		"arms": func(n *yamlNode, path string) {
			d.each(n, path, func(_ int, n *yamlNode, path string) {
				var a ClaimArm
				d.fields(n, path, yamlKeys{"id": d.text(&a.ID), "label": d.text(&a.Label),
					"control": d.flag(&a.Control), "n": d.whole(&a.N)})
				c.Arms = append(c.Arms, a)
			})
		},
		"results": func(n *yamlNode, path string) {
			d.each(n, path, func(_ int, n *yamlNode, path string) {
				var r ClaimResult
				d.claimResult(n, path, &r)
				c.Results = append(c.Results, r)
			})
		},
		"adverse_events": func(n *yamlNode, path string) {
			d.each(n, path, func(_ int, n *yamlNode, path string) {
				var e ClaimCount
				d.fields(n, path, yamlKeys{"arm": d.text(&e.Arm), "events": d.whole(&e.Events), "n": d.whole(&e.N)})
				if n.kind == yamlMap && !n.has("events") {
					d.reject(n, path+".events", "problem-claim-events-missing")
				}
				c.AdverseEvents = append(c.AdverseEvents, e)
			})
		},
		"tests": func(n *yamlNode, path string) {
			d.each(n, path, func(_ int, n *yamlNode, path string) {
				var t ClaimTest
				d.fields(n, path, yamlKeys{"label": d.text(&t.Label), "test": d.text(&t.Test), "p": d.text((*string)(&t.P))})
				c.Tests = append(c.Tests, t)
			})
		},
		"tallies": func(n *yamlNode, path string) {
			d.each(n, path, func(_ int, n *yamlNode, path string) {
				var t ClaimTally
				d.fields(n, path, yamlKeys{"label": d.text(&t.Label), "arm": d.text(&t.Arm), "n": d.whole(&t.N),
					"parts": func(n *yamlNode, path string) {
						d.each(n, path, func(_ int, n *yamlNode, path string) {
							var x int
							d.whole(&x)(n, path)
							t.Parts = append(t.Parts, x)
						})
					}})
				c.Tallies = append(c.Tallies, t)
			})
		},
	})
}

func (d *protocolReader) claimResult(n *yamlNode, path string, r *ClaimResult) {
	d.fields(n, path, yamlKeys{
		"outcome": d.text(&r.Outcome), "visit": d.text(&r.Visit), "contrast": d.contrastWord(&r.Contrast),
		"baseline": d.flag(&r.Baseline), "arm": d.text(&r.Arm), "change": d.printed(&r.Change),
		"sd": d.printed(&r.SD), "se": d.printed(&r.SE), "ci": d.printedPair(&r.CI), "p": d.text((*string)(&r.P)),
		"percent": d.flag(&r.Percent), "control_changes": d.numbers(&r.ControlChanges),
		"measure": d.word((*string)(&r.Measure), string(MeasureChange), string(MeasureScore), string(MeasureResponders), string(MeasureHarms)),
		"groups": func(n *yamlNode, path string) {
			d.each(n, path, func(_ int, n *yamlNode, path string) {
				var g ClaimGroup
				d.fields(n, path, yamlKeys{"arm": d.text(&g.Arm), "n": d.whole(&g.N), "mean": d.printed(&g.Mean),
					"sd": d.printed(&g.SD), "se": d.printed(&g.SE), "ci": d.printedPair(&g.CI),
					"p": d.text((*string)(&g.P)), "adjusted": d.flag(&g.Adjusted),
					"baseline": d.printed(&g.Baseline), "baseline_sd": d.printed(&g.BaselineSD),
					"median": d.printed(&g.Median), "quartiles": d.printedPair(&g.Quartiles),
					"events": d.whole(&g.Events), "percent": d.printed(&g.Percent)})
				if r.Measure.counts() && n.kind == yamlMap && !n.has("events") {
					d.reject(n, path+".events", "problem-missing")
				}
				r.Groups = append(r.Groups, g)
			})
		},
		"difference": func(n *yamlNode, path string) {
			x := &r.Difference
			d.fields(n, path, yamlKeys{"arm": d.text(&x.Arm), "value": d.printed(&x.Value), "se": d.printed(&x.SE),
				"ci": d.printedPair(&x.CI), "p": d.text((*string)(&x.P)), "test": d.text(&x.Test),
				"adjusted": d.flag(&x.Adjusted), "nnt": d.printed(&x.NNT), "nnt_ci": d.printedPair(&x.NNTCI)})
		},
	})
}

// has reports whether a map has the key.
func (n *yamlNode) has(key string) bool {
	for _, e := range n.entries {
		if e.key == key {
			return true
		}
	}
	return false
}

func (d *protocolReader) contrastWord(dst *Contrast) func(*yamlNode, string) {
	return d.word((*string)(dst), string(Within), string(Between), string(Unstated))
}

// printed keeps a number's digits; check says whether it is one.
func (d *protocolReader) printed(dst *stats.Printed) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		var s string
		d.text(&s)(n, path)
		*dst = stats.Printed(s)
		if n.kind == yamlScalar && strings.TrimSpace(n.text) == "" {
			d.reject(n, path, "problem-value-not-a-number", d.shown(n))
		}
	}
}

func (d *protocolReader) printedPair(dst *[2]stats.Printed) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		if n.kind != yamlList || len(n.items) != 2 {
			d.reject(n, path, "problem-pair")
			return
		}
		for i := range dst {
			p := fmt.Sprintf("%s[%d]", path, i)
			d.at[p] = [2]int{n.items[i].line, n.items[i].column}
			d.printed(&dst[i])(n.items[i], p)
		}
	}
}

func (d *protocolReader) numbers(dst *[]float64) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		d.each(n, path, func(_ int, n *yamlNode, path string) {
			var x float64
			d.number(&x)(n, path)
			*dst = append(*dst, x)
		})
	}
}
