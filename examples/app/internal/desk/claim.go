package desk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/trialkit/trialkit/examples/app/internal/yamltext"
	"github.com/trialkit/trialkit/study/claim"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/testdata/claims"
)

// claimed is the answer of claim: the numbers of a paper as YAML, and what is wrong
// with them. The reading is the file claim.html.
type claimed struct {
	Problems []Problem `json:"problems"`
	YAML     string    `json:"yaml"`
}

// printed are the numbers that a paper prints of one outcome, as they stand there.
type printed struct {
	Title, Outcome, Instrument, Unit, Low, High, Better, Visit, Measure, P, Quotes string
	Arms                                                                           []struct{ Name, N, Mean, SD string }
}

// claim reads a claim: of the form, of a text, or the example.
func (d *Desk) claim(request []byte, _ []File) (any, []File, error) {
	var q struct {
		Lang    string   `json:"lang"`
		YAML    string   `json:"yaml"`
		Example bool     `json:"example"`
		Form    *printed `json:"form"`
	}
	if err := json.Unmarshal(request, &q); err != nil {
		return nil, nil, err
	}
	a := claimed{Problems: []Problem{}, YAML: q.YAML}
	switch {
	case q.Example:
		b, err := claims.FS.ReadFile("hilt-blog.yaml")
		if err != nil {
			return nil, nil, err
		}
		a.YAML = string(b)
	case q.Form != nil:
		a.YAML = q.Form.yaml()
	}
	c, err := claim.Parse(strings.NewReader(a.YAML), "claim.yaml")
	if err != nil {
		a.Problems = problems(err, q.Lang)
		return a, nil, nil
	}
	reading, err := c.Read()
	if err != nil {
		a.Problems = problems(err, q.Lang)
		return a, nil, nil
	}
	var b bytes.Buffer
	if err := reading.WriteHTML(&b, report.Options{Lang: q.Lang}); err != nil {
		return nil, nil, err
	}
	return a, []File{{"claim.html", b.Bytes()}}, nil
}

// yaml writes the numbers with the digits in which they were typed; what was left
// empty is left out. A decimal comma becomes a point.
func (p printed) yaml() string {
	var b strings.Builder
	number := func(s string) string {
		return strings.NewReplacer(",", ".", "−", "-", " ", "").Replace(s)
	}
	// bare is a number as it was typed; what is none is quoted, so that it is refused
	// with its place and nothing else is read into it.
	bare := func(s string) string {
		if s = number(s); strings.Trim(s, "0123456789.-<>=") == "" {
			return s
		}
		return yamltext.Quote(s)
	}
	fmt.Fprintf(&b, "title: %s\ncontrast: between\narms:\n", yamltext.Quote(p.Title))
	for i, a := range p.Arms {
		fmt.Fprintf(&b, "  - {id: arm%d, label: %s, n: %s", i+1, yamltext.Quote(a.Name), bare(a.N))
		if i == len(p.Arms)-1 {
			b.WriteString(", control: true")
		}
		b.WriteString("}\n")
	}
	fmt.Fprintf(&b, "outcomes:\n  - id: outcome\n    label: %s\n", yamltext.Quote(p.Outcome))
	if p.Instrument != "" {
		fmt.Fprintf(&b, "    instrument: %s\n", yamltext.Quote(p.Instrument))
	} else {
		if p.Unit != "" {
			fmt.Fprintf(&b, "    unit: %s\n", yamltext.Quote(p.Unit))
		}
		if p.Low != "" || p.High != "" {
			fmt.Fprintf(&b, "    range: [%s, %s]\n", bare(p.Low), bare(p.High))
		}
		fmt.Fprintf(&b, "    better: %s\n", yamltext.Quote(p.Better))
	}
	fmt.Fprintf(&b, "results:\n  - outcome: outcome\n    visit: %s\n    measure: %s\n    groups:\n", yamltext.Quote(p.Visit), yamltext.Quote(p.Measure))
	for i, a := range p.Arms {
		fmt.Fprintf(&b, "      - {arm: arm%d, mean: %s", i+1, bare(a.Mean))
		if a.SD != "" {
			fmt.Fprintf(&b, ", sd: %s", bare(a.SD))
		}
		b.WriteString("}\n")
	}
	if p.P != "" {
		fmt.Fprintf(&b, "    difference: {arm: arm1, p: %q}\n", number(p.P))
	}
	var quotes []string
	for line := range strings.Lines(p.Quotes) {
		if line = strings.TrimSpace(line); line != "" {
			quotes = append(quotes, fmt.Sprintf("%q", line))
		}
	}
	if len(quotes) > 0 {
		fmt.Fprintf(&b, "quotes: [%s]\n", strings.Join(quotes, ", "))
	}
	return b.String()
}
