package browser

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// who and pains are the clinic's columns in two files.
func whoAndPains() (who, pains string) {
	for line := range strings.Lines(clinic()) {
		cells := strings.Split(strings.TrimSpace(line), ";")
		who += strings.Join(cells[:4], ";") + "\n"
		pains += strings.Join(append(cells[:1:1], cells[4:]...), ";") + "\n"
	}
	return who, pains
}

// marked marks the tables of the first screen that hold the trial's data, and goes on.
func (p *tab) marked(n int) {
	p.t.Helper()
	p.wait(`document.querySelectorAll(".opened fieldset input").length > 1`)
	p.idle()
	for i := range n {
		p.click(fmt.Sprintf(".opened fieldset label:nth-of-type(%d) input", i+1))
	}
	p.shoot(fmt.Sprintf("sheets-%d", n))
	p.click("#go-ask")
	p.on("ask")
}

// Several files at once are asked for, and joined by the column that they share: the
// report is that of the one file that holds the same.
func TestSeveralFilesJoined(t *testing.T) {
	whole := open(t, 1440, 900)
	whole.choose(whole.keep("clinic.csv", clinic()))
	whole.on("ask")
	whole.answerAll()
	whole.toReport()
	p := open(t, 1440, 900)
	who, pains := whoAndPains()
	p.choose(p.keep("who.csv", who), p.keep("pains.csv", pains))
	p.marked(2)
	assert.Equal(t, 2, js[int](p, `document.querySelectorAll("figure.data").length`))
	assert.Contains(t, js[string](p, `document.getElementById("protocol").value`), "files: [{name: who.csv}, {name: pains.csv}]")
	p.answerAll()
	p.toReport()
	table := shadow(`.querySelector("table").textContent`)
	assert.NotEmpty(t, js[string](p, table))
	assert.Equal(t, js[string](whole, table), js[string](p, table))
}

// A workbook with several sheets asks which holds the data, and reads that one.
func TestSheetsAreAsked(t *testing.T) {
	p := open(t, 1440, 900)
	p.choose(p.keep("clinic.xlsx", workbook(t, clinic(), "Read me;Version\nby the clinic;3")))
	p.marked(1)
	assert.Contains(t, js[string](p, `document.querySelector("figure.data figcaption").textContent`), "Trial")
	p.answerAll()
	p.toReport()
	assert.NotEmpty(t, js[string](p, shadow(`.querySelector("h1").textContent`)))
}

// A file that is dropped on the page is opened; one that is dropped beside the field
// is not opened by the browser instead of the page.
func TestDragAndDrop(t *testing.T) {
	p := open(t, 1440, 900)
	dropped := func(on string) {
		js[bool](p, fmt.Sprintf(`(() => {
			const data = new DataTransfer();
			data.items.add(new File([%q], "clinic.csv", { type: "text/csv" }));
			const on = document.querySelector(%q);
			for (const name of ["dragenter", "dragover", "drop"]) {
				const e = new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true });
				on.dispatchEvent(e);
				if (name === "dragover" && on.id === "drop" && !on.classList.contains("over")) throw new Error("nothing shows that it may be dropped here");
				if (name !== "dragenter" && !e.defaultPrevented) throw new Error(name + " is left to the browser");
			}
			return true;
		})()`, clinic(), on))
	}
	dropped("footer")
	p.idle()
	assert.Equal(t, "open", js[string](p, `document.getElementById("screen").dataset.screen`))
	dropped("#drop")
	p.on("ask")
	assert.Contains(t, js[string](p, `document.querySelector("figure.data figcaption").textContent`), "clinic.csv: 24")
}

// Printed is the report, with its supplement unfolded, and nothing of the page around
// it.
func TestPrint(t *testing.T) {
	p := open(t, 1440, 900)
	p.click("#example")
	p.on("ask")
	p.toReport()
	title := js[string](p, shadow(`.querySelector("h1").textContent`))
	last := js[string](p, shadow(`.querySelector("details.supplement section:last-of-type h2").textContent`))
	require.NotEmpty(t, last)
	pdf := call(p, page.PrintToPDF, page.PrintToPDFParams{}).Data
	c := exec.Command("pdftotext", "-layout", "-", "-")
	c.Stdin = strings.NewReader(string(pdf))
	out, err := c.Output()
	require.NoError(t, err)
	said := strings.Join(strings.Fields(string(out)), " ")
	assert.Contains(t, said, title)
	assert.Contains(t, said, last, "the supplement")
	for _, not := range []string{"trialkit.html", "Figures in the style of", "Take it away", "1 Open", "stay on this computer", "Language"} {
		assert.NotContains(t, said, not)
	}
	assert.Contains(t, said[:min(len(said), 400)], title, "the report comes first")
}

// Numbers of a paper with decimal commas, in Dutch, are those with points: the reading
// is the same.
func TestClaimWithDecimalCommas(t *testing.T) {
	read := func(comma bool) string {
		p := open(t, 1440, 900)
		js[bool](p, `(() => { const l = document.getElementById("lang"); l.value = "nl"; l.dispatchEvent(new Event("change")); return true; })()`)
		p.click("#claim")
		p.wait(`document.getElementById("claim-form")`)
		number := func(s string) string {
			if comma {
				return strings.ReplaceAll(s, ".", ",")
			}
			return s
		}
		js[bool](p, fmt.Sprintf(`(() => {
			const f = document.getElementById("claim-form");
			const typed = { Title: "Een artikel", Outcome: "Pijn", Instrument: "VAS-cm", Visit: "6 weken", P: %q };
			for (const [name, value] of Object.entries(typed)) f.elements[name].value = value;
			[["Oefentherapie", "12", %q, %q], ["Gebruikelijke zorg", "12", %q, %q]].forEach((arm, i) =>
				["Name", "N", "Mean", "SD"].forEach((name, k) => { f.querySelector('[data-arm="' + i + '"] [name="' + name + '"]').value = arm[k]; }));
			return true;
		})()`, number("0.03"), number("-2.8"), number("1.4"), number("-1.5"), number("1.3")))
		p.click("#go-claim")
		p.on("read")
		return js[string](p, shadow(`.textContent`))
	}
	commas := read(true)
	assert.Contains(t, commas, "Een artikel")
	assert.Contains(t, commas, "−1,3", "−2.8 − −1.5")
	assert.Equal(t, read(false), commas)
}

// Strata are chosen among the columns of the file, and stand in the text at once.
func TestStrataInTheForm(t *testing.T) {
	p := open(t, 1440, 900)
	p.choose(p.keep("clinic.csv", clinic()))
	p.on("ask")
	line := func() string {
		p.idle()
		return js[string](p, `document.getElementById("protocol").value.split("\n").find(l => l.startsWith("randomization:"))`)
	}
	open := func() string { return js[string](p, `document.getElementById("status").textContent`) }
	before := open()
	p.click(`[data-key="randomization=stratified"]`)
	assert.Equal(t, "randomization: {kind: stratified, strata: ?}", line())
	assert.NotEqual(t, before, open(), "a question more")
	p.click(`[data-key="randomization.strata=sex"]`)
	assert.Equal(t, `randomization: {kind: stratified, strata: ["sex"]}`, line())
	p.axe("strata")
	p.shoot("strata")
	p.answerAll()
	p.toReport()
	assert.Contains(t, js[string](p, shadow(`.textContent`)), "sex")
	p.click("#step-ask")
	p.on("ask")
	p.click(`[data-key="randomization=complete"]`)
	assert.Equal(t, "randomization: {kind: complete}", line())
	js[bool](p, `(() => { const y = document.getElementById("protocol"); y.value = y.value.replace("{kind: complete}", "{kind: stratified, strata: [sex]}"); y.dispatchEvent(new Event("change")); return true; })()`)
	assert.Contains(t, line(), "[sex]")
	assert.True(t, js[bool](p, `document.querySelector('[data-key="randomization.strata=sex"]').checked`), "the form follows the text")
}
