package nexttrial

import (
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/family"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"github.com/trialkit/trialkit/study/text"
)

// Hypothesis is what one of several primary hypotheses takes.
type Hypothesis struct {
	study.Declared
	// Asked is the power that it is sized for by itself.
	Asked float64
	// Analyzed and Randomized an arm, for it alone; Power is what the trial's size gives it.
	Analyzed, Randomized int
	Power                float64

	plan Plan
}

// family plans the hypotheses of the primary scheme, each by itself, and returns the
// plan of the one that takes most.
//
// Where any one is a success each is sized at the share of α that it begins with: what
// Holm's, Hochberg's and Hommel's methods, Dunnett's, the largest t and a graph add to such shares
// only helps. Where all must be shown, or one after another, each of k is sized at its
// whole α for the k-th root of the power: k outcomes that are not negatively dependent
// are then all shown with at least the power (Slepian 1962, doi 10.1002/j.1538-7305.1962.tb02419.x).
func (c *planner) family(target float64) Plan {
	var out Plan
	scheme, all := c.protocol.Primary, c.protocol.Hypotheses()
	together := scheme.All || scheme.Adjust == family.Fixed
	asked := target
	if together {
		asked = math.Pow(target, 1/float64(len(all)))
	}
	var list []Hypothesis
	var designs []design
	var later []string
	for _, h := range all {
		if h.Alpha == 0 {
			later = append(later, h.ID)
			continue
		}
		if scheme.Adjust == family.Fixed { // each at the whole α, in its turn
			h.Alpha *= float64(len(all))
		}
		if !c.dated(h.Plan) {
			continue
		}
		p := c.hypothesis(h, asked)
		if len(c.Faults) > 0 {
			continue
		}
		list, designs = append(list, Hypothesis{Declared: h, Asked: asked, Analyzed: p.Analyzed, Randomized: p.Randomized, plan: p}), append(designs, c.last[0])
		if p.Randomized > out.Randomized {
			out = p
		}
	}
	if len(c.Faults) > 0 {
		c.Faults = slices.CompactFunc(c.Faults, func(a, b yamlfile.Fault) bool { return a.Path == b.Path && a.Said.Code == b.Said.Code })
		return out
	}
	for i := range list {
		list[i].Power = designs[i].power(out.Analyzed)
	}
	out.Family = list
	note := study.Note{Code: "next-family-any", Args: text.Args{"k": len(all)}}
	if together {
		note = study.Note{Code: "next-family-all", Args: text.Args{"k": len(all), "power": target, "asked": asked}}
	}
	out.Notes = slices.Insert(out.Notes, 0, note)
	if len(later) > 0 {
		out.Notes = slices.Insert(out.Notes, 1, study.Note{Code: "next-family-later", Args: text.Args{"names": strings.Join(later, ", ")}})
	}
	return out
}
