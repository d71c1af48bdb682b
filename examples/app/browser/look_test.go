package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// axe holds the screen to the guidelines (WCAG 2.2 A and AA) and their best practices.
// TRIALKIT_AXE names axe.min.js; without it this is said, and nothing is looked at.
func (p *tab) axe(screen string) {
	p.t.Helper()
	file := os.Getenv("TRIALKIT_AXE")
	if file == "" {
		p.t.Log("TRIALKIT_AXE names no axe.min.js: not looked at")
		return
	}
	src, err := os.ReadFile(file)
	require.NoError(p.t, err)
	js[int](p, string(src)+";1")
	out := js[[]string](p, `axe.run(document, {resultTypes: ["violations"], rules: {"color-contrast-enhanced": {enabled: false}}}).then(r =>
		r.violations.map(v => v.id + " (" + v.impact + ", " + v.nodes.length + "): " + v.nodes[0].target + " " + v.nodes[0].failureSummary))`)
	assert.Empty(p.t, out, screen)
}

// fits: nothing is wider than the window.
func (p *tab) fits(screen string, width int) {
	p.t.Helper()
	assert.LessOrEqual(p.t, js[int](p, "document.documentElement.scrollWidth"), width, screen)
}

// Every screen, narrow and wide, light and dark, in both languages: without a
// violation, and without a word that is missing.
func TestScreens(t *testing.T) {
	for _, c := range []struct {
		width        int64
		scheme, lang string
	}{{1440, "light", "en"}, {360, "dark", "nl"}, {1440, "dark", "en"}, {360, "light", "nl"}} {
		t.Run(fmt.Sprint(c.width, c.scheme, c.lang), func(t *testing.T) {
			p := open(t, c.width, 900)
			call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: c.scheme}}})
			js[bool](p, fmt.Sprintf(`(() => { const l = document.getElementById("lang"); l.value = %q; l.dispatchEvent(new Event("change")); return true; })()`, c.lang))
			p.idle()
			look := func(screen string) {
				p.axe(screen)
				p.fits(screen, int(c.width))
				p.shoot(fmt.Sprintf("%s-%d-%s-%s", screen, c.width, c.scheme, c.lang))
			}
			look("open")
			p.choose(p.keep("clinic.csv", clinic()))
			p.on("ask")
			look("ask")
			p.answerAll()
			look("answered")
			p.toReport()
			js[bool](p, shadow(`.querySelector("details.supplement").open = true`))
			look("read")
			p.click("#go-take")
			p.on("take")
			look("take")
			title := js[string](p, "document.title")
			assert.Equal(t, map[string]string{"en": "Take · trialkit", "nl": "Meenemen · trialkit"}[c.lang], title)
		})
	}
}

// Language and style are switched where one reads.
func TestSwitchWhileReading(t *testing.T) {
	p := open(t, 1440, 900)
	p.click("#example")
	p.on("ask")
	p.toReport()
	title := func() string { return js[string](p, shadow(`.querySelector(".labeled h2").textContent`)) }
	english, figure := title(), js[string](p, shadow(`.querySelector("svg").outerHTML`))
	for _, c := range [][2]string{{"lang", "nl"}, {"style", "gray"}} {
		js[bool](p, fmt.Sprintf(`(() => { const s = document.getElementById(%q); s.value = %q; s.dispatchEvent(new Event("change")); return true; })()`, c[0], c[1]))
		p.on("read")
		p.idle()
	}
	assert.NotEqual(t, english, title())
	assert.NotEqual(t, figure, js[string](p, shadow(`.querySelector("svg").outerHTML`)))
	assert.Empty(t, js[string](p, `Array.from(document.querySelectorAll(".log")).map(e => e.textContent).join("")`), "neither changes the protocol")
}

// With the keyboard alone: every question is answered, every button reached, and what
// has the focus is seen.
func TestKeyboardOnly(t *testing.T) {
	p := open(t, 1440, 900)
	p.choose(p.keep("clinic.csv", clinic()))
	p.on("ask")
	tabTo := func(what string) {
		t.Helper()
		for range 150 {
			p.do(chromedp.KeyEvent(kb.Tab))
			if js[bool](p, fmt.Sprintf(`Boolean(document.activeElement?.matches(%q))`, what)) {
				assert.True(t, js[bool](p, `(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1; })()`), "the focus is seen on "+what)
				return
			}
		}
		require.Fail(t, "the keyboard does not reach "+what)
	}
	for js[bool](p, `document.querySelector(".asking > .question, .group .open") !== null`) {
		tabTo(".asking > .question button, .group .open input[type=radio], .group .open input[type=checkbox], .group .open button")
		p.do(chromedp.KeyEvent(" "))
		p.idle()
	}
	for _, step := range [][2]string{{"#go-read", "read"}, {"#go-take", "take"}} {
		tabTo(step[0])
		p.do(chromedp.KeyEvent(kb.Enter))
		p.on(step[1])
	}
	tabTo("[data-file='report.docx']")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.wait(`document.getElementById("taken").textContent !== ""`)
	assert.NotEmpty(t, p.saved("report.docx"))
}

// The page's policy lets nothing in or out, and each of its scripts and styles is one
// that it names.
func TestPolicy(t *testing.T) {
	p := open(t, 1440, 900)
	policy := js[string](p, `document.querySelector("meta[http-equiv]").content`)
	for _, want := range []string{"default-src 'none'", "connect-src 'none'", "'wasm-unsafe-eval'", "worker-src blob:", "img-src data: blob:", "font-src data:"} {
		assert.Contains(t, policy, want)
	}
	assert.NotContains(t, policy, "unsafe-inline")
	assert.NotContains(t, strings.ReplaceAll(policy, "wasm-unsafe-eval", ""), "unsafe-eval")
	assert.Equal(t, "blocked", js[string](p, `fetch("https://example.org/").then(() => "came", () => "blocked")`))
	p.mu.Lock()
	p.errors, p.requests = nil, p.requests[:1] // this request was ours, and refused
	p.mu.Unlock()
	assert.Contains(t, js[string](p, `document.getElementById("license-texts").textContent`), "SIL OPEN FONT LICENSE")
}

// The README's pictures: TRIALKIT_PICTURES=../pictures go test -run Pictures . writes
// them; every run looks whether the way to them is still there.
func TestPictures(t *testing.T) {
	p := open(t, 1040, 720)
	keep := func(name string) {
		if dir := os.Getenv("TRIALKIT_PICTURES"); dir != "" {
			js[bool](p, `(document.activeElement?.blur(), scrollTo(0, 0), true)`)
			shot := call(p, page.CaptureScreenshot, page.CaptureScreenshotParams{})
			require.NoError(t, os.WriteFile(filepath.Join(dir, name+".png"), shot.Data, 0o644))
		}
		b, err := os.ReadFile(filepath.Join("..", "pictures", name+".png"))
		require.NoError(t, err)
		assert.Positive(t, len(b))
	}
	p.choose(p.keep("clinic.csv", clinic()))
	p.on("ask")
	keep("ask")
	p.answerAll()
	p.toReport()
	keep("read")
	p.click("#go-take")
	p.on("take")
	keep("take")
}

// In Dutch the form asks in Dutch, of every way to allocate, every instrument and every
// condition: what is English there is the registry's alone, populations and sources.
func TestDutchForm(t *testing.T) {
	p := open(t, 1440, 900)
	js[bool](p, `(() => { const l = document.getElementById("lang"); l.value = "nl"; l.dispatchEvent(new Event("change")); return true; })()`)
	p.choose(p.keep("clinic.csv", clinic()))
	p.on("ask")
	english := regexp.MustCompile(`(?i)\b(the|and|are|which|what|with|without|better|worse|than|lower|higher|improvement|pain|unknown|minimal|patients|such|none|report|check|missing|after|knee|hip|disability|function|health)\b`)
	names := regexp.MustCompile(`Timed up and go|Roland-Morris Disability Questionnaire|Quebec Back Pain Disability Scale|(Oswestry|Neck) Disability Index`) // which have no Dutch
	look := func(when string) {
		p.idle()
		said := js[[]string](p, `Array.from(document.querySelectorAll(".asking :is(summary, legend, label, option, button, .why, .checkit, .label), .asking .status, h1, .lead"), e => {
			const c = e.cloneNode(true);
			for (const d of c.querySelectorAll(".detail, input, select, option")) d.remove();
			return e.closest("select[data-key$='.condition']") ? c.textContent.split(" (")[0] : c.textContent;
		})`)
		require.Greater(t, len(said), 20)
		for _, s := range said {
			for _, own := range []string{"usual care", "exercise", "pain_baseline", "pain_week6", "Uitkomst: pain", "pain, week 6"} { // the file's
				s = strings.ReplaceAll(s, own, "")
			}
			assert.NotRegexp(t, english, names.ReplaceAllString(s, ""), when)
		}
	}
	look("asked")
	for _, kind := range []string{"complete", "blocked", "stratified"} {
		p.click(fmt.Sprintf(`[data-key="randomization=%s"]`, kind))
		look(kind)
	}
	instruments := js[[]string](p, `Array.from(document.querySelector("select[data-key$='.instrument']").options, o => o.value).filter(v => v)`)
	require.Greater(t, len(instruments), 30)
	for _, in := range instruments {
		js[bool](p, fmt.Sprintf(`(() => { const s = document.querySelector("select[data-key$='.instrument']"); s.value = %q; s.dispatchEvent(new Event("change")); return true; })()`, in))
		look(in)
	}
}
