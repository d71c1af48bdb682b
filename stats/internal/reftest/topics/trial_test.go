package topics_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/regress"
)

// mmrmTrial is a data set of the reference in the shape the fits need.
type mmrmTrial struct {
	rows         *mmrm.Rows
	design       *regress.Design
	parsed       *regress.Formula
	mid          middle
	arm, visit   string
	arms, visits []string
}

// trialSpec says what a case of repeated measures fits: "outcome ~ terms", the
// structure, and the columns. time is the visit variable of the covariance, the
// same as visit but for spatial structures; a group, if any, has a covariance
// matrix for each level.
type trialSpec struct {
	formula, covariance, arm, group, visit, time, subject, weights string
}

// mmrmSpec reads mmrm's formula, whose last term is the covariance as
// "us(visit | group/subject)", or the inputs that say the same apart.
func mmrmSpec(c *reftest.Case) (s trialSpec, err error) {
	s = trialSpec{formula: c.Str("formula"), covariance: c.Str("covariance"), arm: c.Str("arm"), group: c.Str("group"),
		visit: c.Str("visit"), time: c.Str("time"), subject: c.Str("subject"), weights: c.Str("weights_col")}
	if bar := strings.LastIndex(s.formula, "|"); bar >= 0 {
		cut := strings.LastIndex(s.formula[:bar], " + ")
		if cut < 0 {
			return s, fmt.Errorf("no covariance in %s", s.formula)
		}
		name, rest, _ := strings.Cut(strings.TrimSuffix(s.formula[cut+3:], ")"), "(")
		time, subject, _ := strings.Cut(strings.ReplaceAll(rest, " ", ""), "|")
		group := ""
		if g, id, grouped := strings.Cut(subject, "/"); grouped {
			group, subject = g, id
		}
		if strings.Contains(time, ",") {
			return s, fmt.Errorf("%w: spatial covariance in several coordinates", reftest.ErrNoFunction)
		}
		for _, x := range []struct {
			what      string
			said, got *string
		}{{"covariance", &s.covariance, &name}, {"group", &s.group, &group}, {"subject", &s.subject, &subject}, {"time", &s.time, &time}} {
			if *x.said != "" && *x.said != *x.got {
				return s, fmt.Errorf("%s is %s, but %s in the formula", x.what, *x.said, *x.got)
			}
			*x.said = *x.got
		}
		s.formula = s.formula[:cut]
	}
	if c.Has("fixed") {
		if f := c.Str("fixed"); s.formula == "" {
			s.formula = f
		} else if f != s.formula {
			return s, fmt.Errorf("fixed is %s, but %s in the formula", f, s.formula)
		}
	}
	if s.visit == "" {
		s.visit = s.time
	}
	if s.time == "" {
		s.time = s.visit
	}
	response, _, _ := strings.Cut(s.formula, " ~")
	return s, words(c, response)
}

// loadTrial reads the data of a case; coef, R's names of the coefficients,
// tells of a data set without levels which columns are numeric and which levels
// are the reference.
func loadTrial(c *reftest.Case, s trialSpec, coef []string) *mmrmTrial {
	formula, arm, group, visit, cov, subject, weights := s.formula, s.arm, s.group, s.visit, s.time, s.subject, s.weights
	t, text, _ := readCase(c).transformed(formula)
	p, err := regress.ParseFormula(text)
	if err != nil {
		panic(err)
	}
	names := formulaNames(p)
	need := append(slices.Clone(names), cov, subject)
	for _, n := range []string{arm, group} {
		if n != "" {
			need = append(need, n)
		}
	}
	if weights != "" {
		need = append(need, weights)
	}
	t = t.complete(need...)
	f := t.frameFor(names, coef)
	d, err := f.Design(text)
	if err != nil {
		panic(err)
	}
	tr := &mmrmTrial{design: d, parsed: p, arm: arm, visit: visit, mid: newMiddle(d.Names, t, names[1:])}
	tr.visits = t.levelsOf(cov)
	r := &mmrm.Rows{Y: d.Y, X: d.X, Columns: d.Names, Visits: tr.visits}
	if arm != "" {
		tr.arms = t.levelsOf(arm)
		if l := d.Levels(arm); l != nil {
			if i := slices.Index(tr.arms, l[0]); i > 0 {
				copy(tr.arms[1:i+1], tr.arms[:i])
				tr.arms[0] = l[0]
			}
		}
		r.Groups = tr.arms
	}
	if group != "" {
		r.Groups = t.levelsOf(group)
		if l := d.Levels(group); l != nil && group == arm {
			r.Groups = tr.arms
		}
	}
	if cov != visit {
		for _, v := range tr.visits {
			x, err := strconv.ParseFloat(v, 64)
			if err != nil {
				panic(err)
			}
			r.Times = append(r.Times, x)
		}
	}
	ids := map[string]int{}
	for i := range t.rows {
		s := t.rows[i][t.index(subject)]
		if _, ok := ids[s]; !ok {
			ids[s] = len(ids)
			switch {
			case group != "":
				r.Group = append(r.Group, indexOf(r.Groups, t.rows[i][t.index(group)]))
			case arm != "":
				r.Group = append(r.Group, indexOf(tr.arms, t.rows[i][t.index(arm)]))
			}
		}
		r.Participant = append(r.Participant, ids[s])
		r.Visit = append(r.Visit, indexOf(tr.visits, t.rows[i][t.index(cov)]))
	}
	if weights != "" {
		r.Weight = t.floats(weights)
	}
	tr.rows = r
	return tr
}
