package publish

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/plot/internal/chromiumtest"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// published are trials whose reports are looked at: two, three and four visits,
// two and three arms, real, simulated and incomplete data. Those of R's packages
// stand beside the module or nowhere.
var published = []struct{ name, data string }{
	{"hilt", "data.csv"}, {"anorexia", "data.csv"}, {"dropout", "data.csv"}, {"fev", "fev_data.csv"}, {"btheb", "BtheB.csv"}}

// analyzed is a published trial's report, false where its data are not there.
func analyzed(t testing.TB, name, data string) (study.Report, bool) {
	t.Helper()
	folder := filepath.Join("..", "..", "testdata", "studies", name)
	path := filepath.Join(folder, data)
	if data != "data.csv" {
		path = filepath.Join("..", "..", "..", "shared", "data", data)
		if _, err := os.Stat(path); err != nil {
			t.Logf("%s is not beside the repository: its report is left out", data)
			return study.Report{}, false
		}
	}
	ds, err := study.LoadFiles(filepath.Join(folder, "protocol.yaml"), path)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return r, true
}

// startChromium opens a browser; the test is left out where none is installed.
func startChromium(t *testing.T) *chromiumtest.Browser {
	t.Helper()
	if _, err := exec.LookPath(chromiumtest.Program); err != nil {
		t.Skip("chromium is not installed")
	}
	return chromiumtest.Start(t)
}

// page is a report as HTML with its figures.
func page(t testing.TB, r study.Report, lang string) []byte {
	t.Helper()
	said, err := r.In(lang)
	require.NoError(t, err)
	files, _ := Figures(said, plot.Options{Lang: lang})
	o, err := Attach(report.Options{Lang: lang, Supplement: true}, files)
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, report.HTML(&b, r, o))
	return b.Bytes()
}

// drawn keeps pages between tests.
var drawn = map[string][]byte{}

// pages are the files of published trials by name and language: those asked for,
// or all.
func pages(t testing.TB, only ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	dir := t.TempDir()
	for _, p := range published {
		if len(only) > 0 && !slices.Contains(only, p.name) {
			continue
		}
		if drawn[p.name+"-en"] == nil {
			r, ok := analyzed(t, p.name, p.data)
			if !ok {
				continue
			}
			for _, lang := range []string{"en", "nl"} {
				drawn[p.name+"-"+lang] = page(t, r, lang)
			}
		}
		for _, lang := range []string{"en", "nl"} {
			name := p.name + "-" + lang
			out[name] = filepath.Join(dir, name+".html")
			require.NoError(t, os.WriteFile(out[name], drawn[name], 0o600))
		}
	}
	return out
}

// axe-core finds no violation of the guidelines (WCAG 2.2 A and AA) nor of its
// best practices, light and dark. TRIALKIT_AXE names its axe.min.js.
func TestHTMLIsAccessible(t *testing.T) {
	if os.Getenv("TRIALKIT_AXE") == "" {
		t.Skip("TRIALKIT_AXE names no axe.min.js")
	}
	axe, err := os.ReadFile(os.Getenv("TRIALKIT_AXE"))
	require.NoError(t, err)
	c := startChromium(t)
	check := func(name string) (violations []string, passes int) {
		c.Evaluate(string(axe)+";1", nil)
		var out struct {
			Violations []string
			Passes     int
		}
		c.Evaluate(`axe.run(document, {resultTypes: ["violations"], rules: {"color-contrast-enhanced": {enabled: false}}}).then(r => ({
			passes: r.passes.length,
			violations: r.violations.map(v => v.id + " (" + v.impact + ", " + v.nodes.length + "): " + v.nodes[0].target + " " + v.nodes[0].failureSummary)}))`, &out)
		return out.Violations, out.Passes
	}
	for name, file := range pages(t) {
		for _, scheme := range []string{"light", "dark"} {
			c.Window(1280, 900, scheme)
			c.Open(file)
			violations, passes := check(name)
			assert.Empty(t, violations, "%s, %s", name, scheme)
			assert.Greater(t, passes, 20, "axe looked")
		}
	}
	// It sees a fault.
	bad := filepath.Join(t.TempDir(), "bad.html")
	require.NoError(t, os.WriteFile(bad, []byte(`<!DOCTYPE html><html><body><img src="x"></body></html>`), 0o600))
	c.Open(bad)
	violations, _ := check("bad")
	assert.NotEmpty(t, violations)
}

// At 320 px, which is 1,280 px at 400%, nothing is cut and only tables scroll,
// each in a region that the keyboard reaches; at twice the size of text too.
func TestHTMLReflows(t *testing.T) {
	c := startChromium(t)
	for name, file := range pages(t) {
		for _, size := range []string{"100%", "200%"} {
			c.Window(320, 640, "light")
			c.Open(file)
			var out struct {
				Width int
				Lost  []string
				Stuck int // elements that scroll and that the keyboard does not reach
			}
			c.Evaluate(`document.documentElement.style.fontSize = "`+size+`";
				({width: document.documentElement.scrollWidth,
				stuck: [...document.querySelectorAll("main *")].filter(e => e.scrollWidth > e.clientWidth &&
					getComputedStyle(e).overflowX == "auto" && e.tabIndex != 0).length,
				lost: [...document.querySelectorAll("main *")].filter(e => !e.closest("svg") || e.tagName == "svg")
					.filter(e => !e.closest(".scroll, .card.wide > svg") && e.getBoundingClientRect().right > 321)
					.map(e => e.tagName + " " + e.textContent.slice(0, 60))})`, &out)
			assert.LessOrEqual(t, out.Width, 320, "%s at %s", name, size)
			assert.Empty(t, out.Lost, "%s at %s", name, size)
			assert.Zero(t, out.Stuck, "%s at %s", name, size)
		}
	}
}

// TestHTMLLook writes pictures to look at: TRIALKIT_LOOK=dir.
func TestHTMLLook(t *testing.T) {
	dir := os.Getenv("TRIALKIT_LOOK")
	if dir == "" {
		t.Skip("TRIALKIT_LOOK names no directory")
	}
	c := startChromium(t)
	for name, file := range pages(t) {
		for _, look := range []struct {
			name          string
			width, height int
			scheme        string
		}{{"light", 1100, 900, "light"}, {"dark", 1100, 900, "dark"}, {"narrow", 320, 640, "light"}} {
			c.Window(look.width, look.height, look.scheme)
			c.Open(file)
			require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%s.png", name, look.name)), c.Screenshot(), 0o600))
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+"-a4.pdf"), c.PDF(8.27, 11.69), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+"-letter.pdf"), c.PDF(8.5, 11), 0o600))
	}
}
