package report

import (
	"io"
	"regexp"
	"strings"

	"github.com/trialkit/trialkit/study"
)

// LaTeX writes the report's tables (at baseline, results, flow of participants,
// declared subgroups, adverse events by term) for a LaTeX document, each in a table environment with the
// rules of package booktabs, its caption and its notes. The document needs
//
//	\usepackage[T1]{fontenc}
//	\usepackage{booktabs}
//
// and LaTeX of 2018 or later, which reads UTF-8; labels in other scripts than Latin
// and Greek need XeLaTeX or LuaLaTeX. Numbers are those of page one.
func LaTeX(w io.Writer, r study.Report, o Options) error {
	tables, say, err := tablesOf(r, o, false)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, t := range tables {
		if len(t.Rows) == 0 {
			continue
		}
		t.Title = ownNumber.ReplaceAllString(t.Title, "") // LaTeX counts
		if t.Simulated {
			t.Title = say.Say("simulated", nil) + ": " + t.Title
		}
		t.latex(&b, t.name)
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// ownNumber is the number that a title begins with, as in "Table 1. ".
var ownNumber = regexp.MustCompile(`^\pL+ \d+\. `)

// latex writes one table; name is the end of its label.
func (t Table) latex(b *strings.Builder, name string) {
	b.WriteString("\\begin{table}\n\\centering\n\\caption{" + texText(t.Title) + "}\n\\label{tab:" + name + "}\n\\begin{tabular}{")
	for _, c := range t.Columns {
		if c.Right {
			b.WriteByte('r')
		} else {
			b.WriteByte('l')
		}
	}
	b.WriteString("}\n\\toprule\n")
	line := func(n int, text func(i int) string) {
		for i := range n {
			if i > 0 {
				b.WriteString(" & ")
			}
			b.WriteString(text(i))
		}
		b.WriteString(" \\\\\n")
	}
	line(len(t.Columns), func(i int) string { return texText(t.Columns[i].Title) })
	b.WriteString("\\midrule\n")
	for k, r := range t.Rows {
		above := k > 0 // what is said above is not said again
		line(len(r.Cells), func(i int) string {
			key := t.Columns[i].Key
			if above = above && (key == "outcome" || key == "visit") && r.Cells[i].Text == t.Rows[k-1].Cells[i].Text; above {
				return ""
			}
			return texText(r.Cells[i].Text)
		})
	}
	b.WriteString("\\bottomrule\n\\end{tabular}\n")
	for _, n := range t.Notes {
		b.WriteString("\n\\smallskip\\footnotesize " + texText(n) + "\n")
	}
	b.WriteString("\\end{table}\n\n")
}

// texWords are the letters that LaTeX takes for commands, or has under another
// name. A bracket or a star after the end of a line would be an argument of it.
var texWords = strings.NewReplacer(`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "$", `\$`, "&", `\&`, "#", `\#`, "%", `\%`, "_", `\_`,
	"^", `\textasciicircum{}`, "~", `\textasciitilde{}`, "<", `\textless{}`, ">", `\textgreater{}`, "|", `\textbar{}`, `"`, `\textquotedbl{}`,
	"[", "{[}", "]", "{]}", "*", "{*}", "'", "{'}", "`", "{`}", "-", "{-}",
	"−", `\ensuremath{-}`, "≥", `\ensuremath{\geq}`, "≤", `\ensuremath{\leq}`, "×", `\ensuremath{\times}`, "±", `\ensuremath{\pm}`,
	"°", `\ensuremath{^\circ}`, "·", `\ensuremath{\cdot}`, "²", `\ensuremath{^2}`, "∞", `\ensuremath{\infty}`, "µ", `\ensuremath{\mu}`, "μ", `\ensuremath{\mu}`,
	"–", "--", "—", "---", "…", `\ldots{}`, "\u00a0", "~", "\u202f", `\,`, "\u2003", `\quad{}`, "\n", " ", "\r", " ", "\t", " ")

func texText(s string) string { return texWords.Replace(s) }
