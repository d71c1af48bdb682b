package report

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

func latexOf(t testing.TB, r study.Report, lang string) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, LaTeX(&b, r, Options{Lang: lang}))
	return b.String()
}

// A row has a cell a column, braces and environments close, and nothing that a
// label or a note says is a command. Where LaTeX is installed it sets them.
func TestLaTeX(t *testing.T) {
	var all strings.Builder
	columns := regexp.MustCompile(`\\begin\{tabular\}\{([lr]+)\}`)
	trials(t, func(t *testing.T, name string, r study.Report) {
		r.Protocol.Outcomes = slices.Clone(r.Protocol.Outcomes)
		for i := range r.Protocol.Outcomes {
			r.Protocol.Outcomes[i].Label = `50% & $more$ #1_a^b~{c}\input{x} "q" <1> [z] *`
		}
		for _, lang := range []string{"en", "nl"} {
			doc := latexOf(t, r, lang)
			if lang == "en" || len(r.Protocol.Translations) > 0 {
				all.WriteString(doc)
			}
			assert.NotContains(t, doc, `\input`)
			assert.NotContains(t, doc, `\caption{Tab`, "LaTeX counts tables itself")
			if r.Protocol.Simulated { // each may be taken out alone
				assert.Equal(t, strings.Count(doc, `\caption{`), strings.Count(doc, map[string]string{"en": `\caption{SIMULATED`, "nl": `\caption{GESIMULEERD`}[lang]))
			}
			assert.Equal(t, strings.Count(doc, `\begin{`), strings.Count(doc, `\end{`))
			bare := regexp.MustCompile(`\\[\\{}$&#%_]`).ReplaceAllStringFunc(doc, func(s string) string {
				return map[bool]string{true: "\n", false: ""}[s == `\\`]
			})
			assert.Equal(t, strings.Count(bare, "{"), strings.Count(bare, "}"), "braces")
			for _, special := range []string{"$", "#", "%", "−", "≥", "\u00a0"} {
				assert.NotContains(t, bare, special)
			}
			for _, table := range strings.Split(bare, `\begin{table}`)[1:] {
				n := len(columns.FindStringSubmatch(table)[1])
				_, rows, _ := strings.Cut(table, `\midrule`)
				rows, _, _ = strings.Cut(rows, `\bottomrule`)
				for _, row := range strings.Split(strings.TrimSpace(rows), "\n") {
					if strings.TrimSpace(row) != "" {
						assert.Equal(t, n-1, strings.Count(row, "&"), "%s: %s", name, row)
					}
				}
			}
		}
	})
	pdflatex, err := exec.LookPath("pdflatex")
	if err != nil {
		t.Log("no pdflatex: the tables were not set")
		return
	}
	dir := t.TempDir()
	doc := "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{booktabs}\\extrafloats{500}\\begin{document}\n" +
		strings.ReplaceAll(all.String(), "\\end{table}", "\\end{table}\\clearpage") + "\\end{document}\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "t.tex"), []byte(doc), 0o600))
	cmd := exec.Command(pdflatex, "-halt-on-error", "-interaction=nonstopmode", "t.tex")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err, "%s", out[max(0, len(out)-2000):])
}
