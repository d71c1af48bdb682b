package page

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"image"
	"image/png"
	"io"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// childOrder is the order of children that ECMA-376-1:2016 Annex A (wml.xsd)
// prescribes, by element: Word refuses a file that breaks it. trPr is a choice there;
// an order is kept all the same.
var childOrder = map[string]string{
	"pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs suppressAutoHyphens kinsoku wordWrap " +
		"overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc " +
		"textDirection textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange",
	"rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid vanish webHidden color spacing w kern " +
		"position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em lang eastAsianLayout specVanish oMath",
	"tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing tblInd tblBorders shd tblLayout " +
		"tblCellMar tblLook tblCaption tblDescription",
	"tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark headers",
	"trPr": "cnfStyle divId gridBefore gridAfter wBefore wAfter cantSplit trHeight tblHeader tblCellSpacing jc hidden",
	"sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType pgNumType cols formProt vAlign noEndnote " +
		"titlePg textDirection bidi rtlGutter docGrid printerSettings",
	"tbl":         "tblPr tblGrid tr",
	"tr":          "trPr tc",
	"tc":          "tcPr p",
	"body":        "p|tbl sectPr",
	"tblBorders":  "top start left bottom end right insideH insideV",
	"tcBorders":   "top start left bottom end right insideH insideV tl2br tr2bl",
	"tblCellMar":  "top start left bottom end right",
	"pBdr":        "top left bottom right between bar",
	"style":       "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked rsid pPr rPr tblPr trPr tcPr tblStylePr",
	"tblStylePr":  "pPr rPr tblPr trPr tcPr",
	"styles":      "docDefaults latentStyles style",
	"docDefaults": "rPrDefault pPrDefault",
	"numbering":   "numPicBullet abstractNum num numIdMacAtCleanup",
	"abstractNum": "nsid multiLevelType tmpl name styleLink numStyleLink lvl",
	"lvl":         "start numFmt lvlRestart pStyle isLgl suff lvlText lvlPicBulletId legacy lvlJc pPr rPr",
	"font":        "altName panose1 charset family notTrueType pitch sig",
	"settings":    "zoom defaultTabStop characterSpacingControl compat themeFontLang decimalSymbol listSeparator", // of the many, those in use
	"inline":      "extent effectExtent docPr cNvGraphicFramePr graphic",
	"pic":         "nvPicPr blipFill spPr",
}

// node is an element of a part.
type node struct {
	name     string
	attr     map[string]string
	children []*node
	text     string
}

func parse(t *testing.T, data []byte) *node {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(data))
	root := &node{}
	open := []*node{root}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		top := open[len(open)-1]
		switch x := tok.(type) {
		case xml.StartElement:
			n := &node{name: x.Name.Local, attr: map[string]string{}}
			for _, a := range x.Attr {
				n.attr[a.Name.Local] = a.Value
			}
			top.children = append(top.children, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			top.text += string(x)
		}
	}
	return root
}

// all are the elements of a name below n, in the document's order.
func (n *node) all(name string) []*node {
	var out []*node
	for _, c := range n.children {
		if c.name == name {
			out = append(out, c)
		}
		out = append(out, c.all(name)...)
	}
	return out
}

// has reports whether there is such an element below n.
func (n *node) has(name string) bool { return len(n.all(name)) > 0 }

// words is the text below n.
func (n *node) words() string {
	s := ""
	for _, t := range n.all("t") {
		s += t.text
	}
	return s
}

func unpack(t *testing.T, file []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	assert.Equal(t, "[Content_Types].xml", z.File[0].Name)
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(t, err)
		data, err := io.ReadAll(r)
		require.NoError(t, err)
		assert.NotContains(t, out, f.Name)
		assert.Zero(t, f.Flags&8, "%s: its size follows it", f.Name)
		out[f.Name] = data
	}
	return out
}

func docx(t *testing.T, d *Document) map[string][]byte {
	t.Helper()
	file, err := d.DOCX()
	require.NoError(t, err)
	return unpack(t, file)
}

func body(t *testing.T, d *Document) *node {
	t.Helper()
	return parse(t, docx(t, d)["word/document.xml"])
}

func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))))
	return b.Bytes()
}

var grouped = Table{
	Caption: "Table 2. Results",
	Columns: []Column{Names("Outcome"), Names("Visit"), Words("Arm"), Numbers("Mean (SD)")},
	Rows: [][]string{
		{"Pain", "1 h", "A", "3.80 (1.53)"}, {"Pain", "1 h", "B", "6.46 (0.83)"}, {"Pain", "24 h", "A", "−3.22 (1.40)"},
		{"Strength", "24 h", "A", "75.6"}, {"Strength", "24 h", "A", ""}},
	Notes: []string{"A note.", "Another."},
	Group: 2,
}

// everything is a document of all that there is.
func everything(t *testing.T) *Document {
	d := &Document{Meta: Meta{Title: "Trial <1> & co", Lang: "nl", Banner: "SIMULATED", Software: "trialkit devel"}}
	d.Heading(1, "Trial")
	d.Banner("SIMULATED: all of it")
	d.Section("Question")
	d.Paragraph("Does it?")
	d.Pairs([][2]string{{"right after", "−2.49"}, {"24 h", "−3.03"}})
	d.Item("one")
	d.Item("two")
	d.Table([]Column{Words("a"), Numbers("b")}, [][]string{{"x", "1"}})
	d.Table([]Column{Words("a"), Numbers("b")}, [][]string{{"y", "2"}})
	d.Table([]Column{Numbers("n"), Words("unit")}, [][]string{{"1", "cm"}})
	d.Heading(2, "Supplement")
	d.Heading(3, "More")
	d.TableWith(grouped)
	d.Break()
	d.Table([]Column{Words("a"), Numbers("b")}, [][]string{{"z", "3"}})
	d.Figure(Figure{Name: "a.svg", Alt: "Means \"of\" both", Caption: "Figure 1. Means", PNG: picture(t, 992, 600), WidthMM: 84, HeightMM: 50.8})
	d.Figure(Figure{Name: "b.svg", PNG: picture(t, 300, 600)})
	d.Figure(Figure{Name: "c.svg", Caption: "Figure 3. Not drawn"})
	return d
}

func TestDOCXOrder(t *testing.T) {
	seen := map[string]bool{}
	var walk func(part string, n *node)
	walk = func(part string, n *node) {
		if list, ok := childOrder[n.name]; ok {
			seen[n.name] = true
			at := 0
			order := strings.Fields(list)
			for _, c := range n.children {
				i := slices.IndexFunc(order, func(s string) bool { return slices.Contains(strings.Split(s, "|"), c.name) })
				assert.GreaterOrEqual(t, i, at, "%s: %s in %s", part, c.name, n.name)
				at = i
			}
		}
		for _, c := range n.children {
			walk(part, c)
		}
	}
	for part, data := range docx(t, everything(t)) {
		if strings.HasSuffix(part, ".xml") {
			walk(part, parse(t, data))
		}
	}
	for name := range childOrder {
		assert.True(t, seen[name] || name == "tcBorders", "%s is not written any more", name)
	}
}

// Properties stand first, once, and every cell ends in a paragraph: a cell without
// one is what Word calls a damaged file.
func TestDOCXCells(t *testing.T) {
	doc := body(t, everything(t))
	for _, c := range doc.all("tc") {
		require.Len(t, c.children, 2)
		assert.Equal(t, "p", c.children[1].name)
	}
	for _, n := range slices.Concat(doc.all("p"), doc.all("r")) {
		for i, c := range n.children {
			assert.False(t, i > 0 && (c.name == "pPr" || c.name == "rPr"), "%s is child %d of %s", c.name, i, n.name)
		}
	}
}

func TestDOCXPackage(t *testing.T) {
	parts := docx(t, everything(t))
	types := parse(t, parts["[Content_Types].xml"])
	byName, byEnd := map[string]bool{}, map[string]bool{}
	for _, n := range types.all("Override") {
		assert.Contains(t, parts, strings.TrimPrefix(n.attr["PartName"], "/"))
		byName[n.attr["PartName"]] = n.attr["ContentType"] != ""
	}
	for _, n := range types.all("Default") {
		byEnd["."+n.attr["Extension"]] = true
	}
	related := map[string]bool{}
	for name, data := range parts {
		end := path.Ext(name)
		assert.True(t, byName["/"+name] || byEnd[end] && end != ".xml" || name == "[Content_Types].xml", "%s has no content type", name)
		if end == ".xml" || end == ".rels" {
			parse(t, data)
		}
		if end != ".rels" {
			continue
		}
		ids := map[string]bool{}
		from := path.Dir(path.Dir(name))
		for _, r := range parse(t, data).all("Relationship") {
			target := path.Join(from, r.attr["Target"])
			assert.Contains(t, parts, target)
			assert.False(t, ids[r.attr["Id"]], r.attr["Id"])
			assert.NotEmpty(t, r.attr["Type"])
			ids[r.attr["Id"]], related[target] = true, true
		}
		if from == "word" {
			doc := parse(t, parts["word/document.xml"])
			for _, n := range slices.Concat(doc.all("blip"), doc.all("headerReference"), doc.all("footerReference")) {
				id := n.attr["embed"] + n.attr["id"]
				assert.True(t, ids[id], "%s refers to %q", n.name, id)
			}
		}
	}
	for name := range parts {
		assert.True(t, related[name] || path.Ext(name) == ".rels" || name == "[Content_Types].xml", "%s belongs to nothing", name)
	}
	d := everything(t)
	d.Meta.Banner = ""
	assert.NotContains(t, docx(t, d), "word/header1.xml")
}

// The flag stands once on each page: the first page's header is empty only where
// the page begins with the banner.
func TestDOCXFlagsEachPageOnce(t *testing.T) {
	d := &Document{Meta: Meta{Title: "A trial", Banner: "INVENTED"}}
	d.Paragraph("No banner")
	assert.False(t, body(t, d).has("titlePg"))
	d = &Document{Meta: d.Meta}
	d.Banner("INVENTED")
	doc := body(t, d)
	assert.True(t, doc.has("titlePg"))
	assert.Len(t, doc.all("headerReference"), 1)
	assert.Len(t, doc.all("footerReference"), 2, "the first page is numbered too")
	d.Meta.Banner = ""
	assert.False(t, body(t, d).has("titlePg"))
}

// Every style and list that is used is there, and no two figures have one number.
func TestDOCXNames(t *testing.T) {
	parts := docx(t, everything(t))
	styles := map[string]bool{}
	all := parse(t, parts["word/styles.xml"])
	for _, s := range all.all("style") {
		id := s.attr["type"] + " " + s.attr["styleId"]
		assert.False(t, styles[id], id)
		styles[id] = true
	}
	nums := map[string]bool{}
	numbering := parse(t, parts["word/numbering.xml"])
	for _, n := range numbering.all("num") {
		nums[n.attr["numId"]] = true
	}
	used, listed := 0, 0
	for name, data := range parts {
		if path.Ext(name) != ".xml" {
			continue
		}
		part := parse(t, data)
		for element, kind := range map[string]string{"pStyle": "paragraph", "basedOn": "", "next": "paragraph", "tblStyle": "table"} {
			for _, n := range part.all(element) {
				used++
				v := n.attr["val"]
				assert.True(t, kind != "" && styles[kind+" "+v] || kind == "" && (styles["paragraph "+v] || styles["table "+v]), "%s: %s %s", name, element, v)
			}
		}
		for _, n := range part.all("numId") {
			listed++
			assert.True(t, nums[n.attr["val"]], "%s: list %s", name, n.attr["val"])
		}
	}
	assert.Greater(t, used, 40)
	assert.Positive(t, listed)
	ids := map[string]bool{}
	for _, n := range parse(t, parts["word/document.xml"]).all("docPr") {
		assert.False(t, ids[n.attr["id"]])
		ids[n.attr["id"]] = true
	}
	assert.Len(t, ids, 2)
}

// A number is the report's, whether Word counts or not.
func TestDOCXCaptions(t *testing.T) {
	for _, c := range []struct {
		captions []string
		fields   []string
	}{
		{[]string{"Table 1. At baseline", "Table 2. Results"}, []string{`SEQ Table \* ARABIC`, `SEQ Table \* ARABIC`}},
		{[]string{"Table 1. A", "Table 3. C", "Table 4. D"}, []string{`SEQ Table \* ARABIC`, `SEQ Table \* ARABIC \r 3`, `SEQ Table \* ARABIC`}},
		{[]string{"Tabel 1. A", "Tabel S1. B", "Tabel S2: C"}, []string{`SEQ Tabel \* ARABIC`, `SEQ Tabel_S \* ARABIC`, `SEQ Tabel_S \* ARABIC`}},
		{[]string{"Means at 24 h", "At 24 hours"}, nil},
	} {
		d := &Document{}
		for _, s := range c.captions {
			d.TableWith(Table{Caption: s, Columns: []Column{Words("a")}, Rows: [][]string{{"x"}}})
		}
		var fields, said []string
		doc := body(t, d)
		for _, f := range doc.all("fldSimple") {
			fields = append(fields, strings.TrimSpace(f.attr["instr"]))
		}
		for _, p := range doc.all("p") {
			if s := p.all("pStyle"); len(s) > 0 && s[0].attr["val"] == styleCaption {
				said = append(said, p.words())
				assert.True(t, p.has("keepNext"))
			}
		}
		assert.Equal(t, c.fields, fields)
		assert.Equal(t, c.captions, said)
	}
}

// 84 mm are 3,024,000 EMU (36,000 each); what is wider than the text, 170.00 mm of
// A4 (9,638 twips of 635), becomes that wide in its proportion; 300 dots an inch where nothing is said.
func TestDOCXFigures(t *testing.T) {
	d := everything(t)
	d.Figure(Figure{Name: "d.svg", PNG: picture(t, 400, 100), WidthMM: 320, HeightMM: 80})
	doc := body(t, d)
	var sizes []string
	for _, e := range doc.all("extent") {
		sizes = append(sizes, e.attr["cx"]+" "+e.attr["cy"])
	}
	assert.Equal(t, []string{"3024000 1828800", "914400 1828800", "6120130 1530033"}, sizes)
	assert.Equal(t, `Means "of" both`, doc.all("docPr")[0].attr["descr"])
	assert.Contains(t, doc.words(), "c.svg", "one without a picture is named")
	d = &Document{}
	d.Figure(Figure{Name: "e.svg", PNG: []byte("GIF89a: no PNG at all, I fear")})
	_, err := d.DOCX()
	assert.ErrorContains(t, err, `"e.svg"`)
}

// Minus signs, no-break spaces and spaces at the ends stay; what XML has no place
// for does not break the file.
func TestDOCXCharacters(t *testing.T) {
	d := &Document{Meta: Meta{Title: "a\x00b"}}
	said := " −2.49\u00a0cm  (95%\u202fCI), N·m ≥ ½ <b> & \"q\" "
	d.Paragraph(said)
	d.Paragraph("bell\a, half \xff, \ufffe, line\nbreak,\ttab")
	d.Table([]Column{Words("a\x1b")}, [][]string{{"\x02"}})
	parts := docx(t, d)
	p := parse(t, parts["word/document.xml"]).all("p")
	assert.Equal(t, said, p[0].words())
	assert.Equal(t, "preserve", p[0].all("t")[0].attr["space"])
	assert.Equal(t, "bell\ufffd, half \ufffd, \ufffd, line break, tab", p[1].words())
	assert.Equal(t, "a\ufffdb", parse(t, parts["docProps/core.xml"]).all("title")[0].text)
}

func TestDOCXMeta(t *testing.T) {
	d := everything(t)
	parts := docx(t, d)
	core := parse(t, parts["docProps/core.xml"])
	assert.Equal(t, "SIMULATED · Trial <1> & co", core.all("title")[0].text)
	assert.Equal(t, "nl-NL", core.all("language")[0].text)
	assert.Equal(t, "trialkit devel", parse(t, parts["docProps/app.xml"]).all("Application")[0].text)
	assert.Equal(t, "nl-NL", parse(t, parts["word/styles.xml"]).all("lang")[0].attr["val"])
	assert.Equal(t, "SIMULATED", parse(t, parts["word/header1.xml"]).words())
	d.Meta.Mark = "SIM"
	assert.Equal(t, "SIM · Trial <1> & co", parse(t, docx(t, d)["docProps/core.xml"]).all("title")[0].text)
	size := func(d *Document) string {
		n := body(t, d).all("pgSz")[0]
		return n.attr["w"] + " " + n.attr["h"]
	}
	assert.Equal(t, "11906 16838", size(d), "210 and 297 mm in twentieths of a point")
	d.Meta.Paper = "letter"
	assert.Equal(t, "12240 15840", size(d), "8.5 and 11 inches")
	d.Meta.Paper = "folio"
	_, err := d.DOCX()
	assert.ErrorContains(t, err, "folio")
}

// A page begins with what follows the break, not with an empty line, and none
// begins at the start or the end.
func TestDOCXBreaks(t *testing.T) {
	d := &Document{}
	d.Break()
	d.Paragraph("a")
	d.Break()
	d.Break()
	d.Heading(2, "b")
	d.Break()
	var at []string
	for _, p := range body(t, d).all("p") {
		if p.has("pageBreakBefore") {
			at = append(at, p.words())
		}
	}
	assert.Equal(t, []string{"b"}, at)
}

func TestDOCXSameBytes(t *testing.T) {
	a, err := everything(t).DOCX()
	require.NoError(t, err)
	b, err := everything(t).DOCX()
	require.NoError(t, err)
	assert.True(t, bytes.Equal(a, b))
}
