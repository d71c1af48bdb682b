package page

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/page/htmltest"
)

const drawing = `<?xml version="1.0" encoding="UTF-8"?>
<!-- drawn --><svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" width="10mm" height="5mm" viewBox="0 0 10 5">
<title id="title">Pain &lt;VAS&gt; &amp; more, id="x"</title><desc id="desc">2 > 1</desc>
<defs><clipPath id='c'><path d="M0 0L1 1"/></clipPath></defs>
<g clip-path="url(#c)" data-x="a > b"><use href="#c"/></g></svg>`

// hard is a document with everything that markup can stumble over.
func hard() *Document {
	label := `Pain "at <rest>" & 'motion' ` + strings.Repeat("verylongword", 12) + "\nnext\x01line"
	d := &Document{Meta: Meta{Title: label, Lang: "nl", Mark: `SIMULATED "DATA" </style> \ 1 < 2`, Software: "trialkit <devel>",
		Labels: Labels{Skip: "Naar & over", Contents: "Inhoud", Top: "Eerste"}, FontFaces: "@font-face{font-family:'Figure Sans';src:url(data:font/ttf;base64,AAAA)format('truetype')}</style>"}}
	d.Heading(1, label)
	d.Banner("All values are <invented> & free")
	d.Banner("again")
	d.Section("Answer")
	d.Paragraph("−2.49 cm & more")
	d.Item("one −1,5 (95%-BI −3 tot 0)")
	d.Item("two")
	d.Table([]Column{Names(""), Words(label), Numbers("a < b"), Numbers("d (95% CI)")}, [][]string{{label, "", "1", "−2.49 (−4.42 to −0.55)"}, {"", "x & y", "–", "<0.001"}})
	d.Section("Doubts")
	d.Paragraph("none")
	d.Break()
	d.Heading(1, "Supplement")
	d.Pairs([][2]string{{"a <", "b & c"}, {"d", "e"}})
	d.Pairs([][2]string{{"1.", "first"}, {"2.", "second & last"}})
	d.Heading(4, "Too deep")
	for range 2 { // twice the same name
		d.TableWith(Table{Caption: "Table 2. " + label, Group: 2, Notes: []string{"note < 1", "n"},
			Columns: []Column{Words("Outcome"), Words("Visit"), Words("Method"), Numbers("d")},
			Rows: [][]string{{"pain", "early", "a", "1"}, {"pain", "early", "b", "2"}, {"pain", "late", "a", "3"}, {"pain", "late", "b", "4"},
				{"force", "late", "a", "5"}, {"force", "late", "b", "−6.0"}}})
		d.Heading(2, "Figures")
		d.Figure(Figure{Name: "a<b.svg", Alt: "alt & <alt>", Caption: "see <b>", WidthMM: 180, SVG: []byte(drawing)})
	}
	d.Figure(Figure{Name: "b.svg", Alt: "bare < one", SVG: []byte("<svg><path d='M0 0'/></svg>")})
	d.Figure(Figure{Name: "c.png", Alt: `a "png"`, PNG: []byte{1, 2, 3}, WidthMM: 85})
	d.Figure(Figure{Name: "d.svg", Alt: "beside"})
	d.Figure(Figure{Name: "e.svg", Alt: "no drawing", SVG: []byte("oops")})
	return d
}

func TestHTMLStructure(t *testing.T) {
	d := hard()
	file := d.HTML()
	htmltest.Check(t, file)
	assert.Equal(t, file, d.HTML(), "the same bytes")
	root := htmltest.Parse(t, file)
	title := htmltest.Text(htmltest.All(root, "title")[0])
	assert.True(t, strings.HasPrefix(title, d.Meta.Mark+" · "), title)
	assert.Equal(t, "All values are <invented> & free", htmltest.Text(htmltest.All(root, "header")[0]))
	var heads, levels []string
	for _, n := range htmltest.All(htmltest.All(root, "main")[0], "") {
		if len(n.Data) == 2 && n.Data[0] == 'h' {
			heads, levels = append(heads, htmltest.Text(n)), append(levels, n.Data)
		}
	}
	assert.Equal(t, []string{"Answer", "Doubts", "Supplement", "Too deep", "Figures", "Figures"}, heads[1:])
	assert.Equal(t, []string{"h1", "h2", "h2", "h2", "h3", "h3", "h3"}, levels)
	assert.Len(t, htmltest.All(htmltest.All(root, "ol")[0], "li"), 2)
	assert.Contains(t, file, `<div class="card wide" tabindex="0" role="group" aria-labelledby="f1-title">`)
	var links []string
	for _, a := range htmltest.All(htmltest.All(root, "nav")[0], "a") {
		links = append(links, htmltest.Text(a))
	}
	assert.Equal(t, []string{"Eerste", "Supplement"}, links)
	assert.Contains(t, file, `<section class="new-page" aria-labelledby="h4">`)
}

// The groups of a table are cells of several rows, each group in a body of its
// own; no cell but numbers holds markup.
func TestHTMLTableGroups(t *testing.T) {
	root := htmltest.Parse(t, hard().HTML())
	table := htmltest.All(root, "table")[1]
	assert.Len(t, htmltest.All(table, "tbody"), 2)
	assert.Equal(t, [][]string{{"Outcome", "Visit", "Method", "d"}, {"pain", "early", "a", "1"}, {"", "", "b", "2"}, {"", "late", "a", "3"},
		{"", "", "b", "4"}, {"force", "late", "a", "5"}, {"", "", "b", "−6.0"}}, htmltest.Grid(t, table))
	var scopes []string
	for _, th := range htmltest.All(table, "th")[4:] {
		scopes = append(scopes, htmltest.Text(th)+" "+htmltest.Attr(th, "scope")+" "+htmltest.Attr(th, "rowspan"))
	}
	assert.Equal(t, []string{"pain rowgroup 4", "early row 2", "late row 2", "force rowgroup 2", "late row 2"}, scopes)
	first := htmltest.Grid(t, htmltest.All(root, "table")[0])
	assert.Equal(t, []string{"1", "−2.49 (−4.42 to −0.55)"}, first[1][2:])
	assert.NotContains(t, first[1][0], "\n")
	assert.Len(t, htmltest.All(htmltest.All(root, "table")[0], "td"), 8, "an empty cell heads nothing")
}

// What makes a table's print small is how long its rows are, not how many columns
// it has: nine of one letter fit a line, two of sixty do not.
func TestHTMLPrintsLongRowsSmaller(t *testing.T) {
	table := func(columns, letters int) string {
		d := &Document{Meta: Meta{Lang: "en", Title: "A trial"}}
		var heads []Column
		var row []string
		for range columns {
			heads, row = append(heads, Words("a")), append(row, strings.Repeat("m", letters))
		}
		d.Table(heads, [][]string{row})
		return d.HTML()
	}
	const small = `<figure class="table short wide">`
	assert.NotContains(t, table(9, 1), small)
	assert.NotContains(t, table(2, 58), small) // 118 with the gap
	assert.Contains(t, table(2, 60), small)
}

func TestNumbersAreMarkedWhole(t *testing.T) {
	for s, want := range map[string]string{
		"−2.49 (−4.42 to −0.55)":       "[−2.49] ([−4.42] to [−0.55])",
		"15% to 95%":                   "[15%] to [95%]",
		"5 + 5":                        "[5] + [5]",
		"3/5":                          "[3/5]",
		"<0.001":                       "&lt;[0.001]",
		"0,0079":                       "[0,0079]",
		"1,200,000.5, 3.":              "[1,200,000.5], [3].",
		"−1,21 tot 1,22":               "[−1,21] tot [1,22]",
		"> −1.40 to < 1.40":            "&gt; [−1.40] to &lt; [1.40]",
		"arm − control":                "arm − control",
		"2024-03-01, 1/2/2024, 12:30":  "2024-03-01, 1/2/2024, 12:30",
		"NCT06632119 T1 4a x_2 v1.2.3": "NCT06632119 T1 4a x_2 v1.2.3",
		"−2.26 cm":                     "[−2.26] cm",
		"64:29":                        "64:29",
		"–":                            "–",
		"":                             "",
	} {
		got := strings.NewReplacer(`<span class="n">`, "[", "</span>", "]").Replace(numbers(s))
		assert.Equal(t, want, got)
	}
	assert.Equal(t, `to <span class="n">−0.5</span> of 5`, prose("to −0.5 of 5"))
	assert.Equal(t, "a &lt; 5", prose("a < 5"))
}

// Two figures of one page keep their own titles, clips and descriptions.
func TestSVGIDsAreTheFiguresOwn(t *testing.T) {
	var b strings.Builder
	inlineSVG(&b, []byte(drawing), "f7-", "alt")
	got := b.String()
	assert.True(t, strings.HasPrefix(got, "<svg "), got[:20])
	for _, want := range []string{`aria-labelledby="f7-title f7-desc"`, `<title id="f7-title">`, `<desc id="f7-desc">`, `<clipPath id='f7-c'>`,
		`clip-path="url(#f7-c)" data-x="a > b"`, `<use href="#f7-c"/>`, `more, id="x"`, "2 > 1"} {
		assert.Contains(t, got, want)
	}
	for _, cut := range []string{"<svg", "<svg id='", `<svg id="a" b="`, "<svg><!-- ", "<svg><path d"} {
		b.Reset()
		require.NotPanics(t, func() { inlineSVG(&b, []byte(cut), "p-", "alt") }, cut)
	}
}
