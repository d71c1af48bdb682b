package page

import (
	_ "embed"
	"strconv"
	"strings"
)

//go:embed style.css
var styleSheet string

// contentPolicy lets a report load nothing: styles, figures and fonts are in the
// file, and there is no script.
const contentPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"

// HTML writes the document as one file that needs no other and runs no script.
// Its markup is well-formed XML too, so that HTML's rules for mending markup
// never change what stands where.
func (d *Document) HTML() string {
	w := htmlWriter{doc: d, names: map[string]bool{}}
	w.body.Grow(1 << 16)
	for i := range d.blocks {
		w.block(d.blocks, i)
	}
	w.endSection()
	var b strings.Builder
	b.Grow(w.body.Len() + len(styleSheet) + len(d.Meta.FontFaces) + 1<<12)
	title := d.Meta.Title
	if d.Meta.Mark != "" {
		title = d.Meta.Mark + " · " + title
	}
	b.WriteString("<!DOCTYPE html>\n<html lang=\"" + escapeHTML(d.Meta.Lang) + "\">\n<head>\n<meta charset=\"utf-8\"/>\n" +
		`<meta http-equiv="Content-Security-Policy" content="` + escapeHTML(contentPolicy) + "\"/>\n" +
		`<meta name="viewport" content="width=device-width, initial-scale=1"/>` + "\n" +
		`<meta name="color-scheme" content="light dark"/>` + "\n")
	if d.Meta.Software != "" {
		b.WriteString(`<meta name="generator" content="` + escapeHTML(d.Meta.Software) + "\"/>\n")
	}
	b.WriteString("<title>" + escapeHTML(title) + "</title>\n<style>\n" + styleSheet)
	if d.Meta.Mark != "" { // on every printed page after the first, where it stands in full
		b.WriteString("@page{@top-center{content:" + quoteCSS(d.Meta.Mark) + "}}\n@page :first{@top-center{content:none}}\n")
	}
	// No font's rule holds a "<": escaped, it cannot end the style sheet.
	b.WriteString(strings.ReplaceAll(d.Meta.FontFaces, "<", `\3c `))
	b.WriteString("</style>\n</head>\n<body>\n")
	b.WriteString(`<a class="skip" href="#main">` + escapeHTML(d.Meta.Labels.Skip) + "</a>\n")
	if w.banner != "" {
		b.WriteString(`<header class="banner"><p>` + escapeHTML(w.banner) + "</p></header>\n")
	}
	if len(w.contents) > 1 {
		b.WriteString(`<nav aria-label="` + escapeHTML(d.Meta.Labels.Contents) + "\">\n<ul>\n")
		for _, e := range w.contents {
			b.WriteString(`<li><a href="#` + e.id + `">` + escapeHTML(e.text) + "</a></li>\n")
		}
		b.WriteString("</ul>\n</nav>\n")
	}
	b.WriteString("<main id=\"main\" tabindex=\"-1\">\n" + w.body.String() + "</main>\n</body>\n</html>\n")
	return b.String()
}

// htmlWriter writes blocks into the page's body; what stands around it is known
// at the end.
type htmlWriter struct {
	doc      *Document
	body     strings.Builder
	banner   string
	contents []entry
	// names are the accessible names given to landmarks: no two alike.
	names map[string]bool

	section   bool // a section is open
	heading   entry
	level     int // of the last heading
	parts     int // headings of level 1 so far
	newPage   bool
	tables    int
	figures   int
	headings  int
	pageOne   bool // the labeled sections and what stands between them
	inLabeled bool // in one of them
}

// entry is a heading that can be linked to.
type entry struct{ id, text string }

func (w *htmlWriter) block(blocks []block, i int) {
	bl := blocks[i]
	follows := func(j int, k blockKind) bool { return j >= 0 && j < len(blocks) && blocks[j].kind == k }
	// A table ends a section of page one, as in the text.
	if w.inLabeled && (bl.kind == tableBlock || bl.kind == figureBlock) {
		w.endSection()
	}
	switch bl.kind {
	case headingBlock:
		w.head(bl.level, bl.text)
	case sectionBlock:
		w.openSection("labeled", 2, bl.text)
		w.inLabeled, w.pageOne = true, true
	case bannerBlock:
		if w.banner == "" {
			w.banner = bl.text
			return
		}
		w.body.WriteString(`<p class="warning">` + prose(bl.text) + "</p>\n")
	case paragraphBlock:
		w.body.WriteString("<p>" + prose(bl.text) + "</p>\n")
	case itemBlock:
		if !follows(i-1, itemBlock) {
			w.body.WriteString("<ul>\n")
		}
		w.body.WriteString("<li>" + prose(bl.text) + "</li>\n")
		if !follows(i+1, itemBlock) {
			w.body.WriteString("</ul>\n")
		}
	case pairsBlock:
		w.pairs(bl.pairs)
	case tableBlock:
		w.tables++
		w.table(bl.table)
	case figureBlock:
		if !follows(i-1, figureBlock) {
			w.body.WriteString("<div class=\"figures\">\n")
		}
		w.figures++
		w.figure(bl.figure)
		if !follows(i+1, figureBlock) {
			w.body.WriteString("</div>\n")
		}
	case breakBlock:
		w.endSection()
		w.newPage = true
	}
}

// pairs writes names and what is said of them; a list where the names number it.
func (w *htmlWriter) pairs(pairs [][2]string) {
	numbered := true
	for i, p := range pairs {
		numbered = numbered && p[0] == strconv.Itoa(i+1)+"."
	}
	if numbered {
		w.body.WriteString("<ol>\n")
		for _, p := range pairs {
			w.body.WriteString("<li>" + prose(p[1]) + "</li>\n")
		}
		w.body.WriteString("</ol>\n")
		return
	}
	w.body.WriteString("<dl>\n")
	for _, p := range pairs {
		w.body.WriteString("<div><dt>" + prose(p[0]) + "</dt><dd>" + prose(p[1]) + "</dd></div>\n")
	}
	w.body.WriteString("</dl>\n")
}

// head writes a heading. The first of level 1 is the document's; a later one
// begins a part and counts as one level deeper, with what follows it. No level
// is jumped over.
func (w *htmlWriter) head(level int, s string) {
	if level == 1 {
		w.parts++
	}
	if w.parts > 1 {
		level++
	}
	level = min(level, w.level+1)
	if level == 2 {
		w.newPage = w.newPage || w.pageOne // which ends here
		w.pageOne = false
		e := w.openSection("", level, s)
		w.contents = append(w.contents, e)
		return
	}
	if level == 1 {
		w.endSection()
		e := w.writeHeading(level, s, "")
		w.contents = append(w.contents, entry{e.id, w.doc.Meta.Labels.Top})
		return
	}
	w.writeHeading(level, s, w.pageClass(""))
}

func (w *htmlWriter) writeHeading(level int, s, class string) entry {
	w.headings++
	e := entry{"h" + strconv.Itoa(w.headings), s}
	tag := "h" + strconv.Itoa(min(level, 6))
	w.body.WriteString("<" + tag + ` id="` + e.id + `"` + class + ">" + prose(s) + "</" + tag + ">\n")
	w.heading, w.level = e, level
	return e
}

// openSection begins a section, a landmark of its heading's name.
func (w *htmlWriter) openSection(class string, level int, s string) entry {
	w.endSection()
	w.body.WriteString("<section" + w.pageClass(class))
	if w.unique(s) {
		w.body.WriteString(` aria-labelledby="h` + strconv.Itoa(w.headings+1) + `"`)
	}
	w.body.WriteString(">\n")
	w.section = true
	return w.writeHeading(level, s, "")
}

func (w *htmlWriter) endSection() {
	if w.section {
		w.body.WriteString("</section>\n")
	}
	w.section, w.inLabeled = false, false
}

// pageClass is the class attribute of what begins a new page where one was
// asked for.
func (w *htmlWriter) pageClass(class string) string {
	if w.newPage {
		w.newPage = false
		class = strings.TrimSpace(class + " new-page")
	}
	if class == "" {
		return ""
	}
	return ` class="` + class + `"`
}

// unique takes a landmark's name; it is false where another has it already.
func (w *htmlWriter) unique(name string) bool {
	name = strings.ToLower(strings.Join(strings.Fields(name), " "))
	if name == "" || w.names[name] {
		return false
	}
	w.names[name] = true
	return true
}

var htmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// escapeHTML escapes text and attributes; control characters, which neither
// HTML nor XML allows, become spaces, line ends too.
func escapeHTML(s string) string {
	return htmlEscaper.Replace(strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7F && r < 0xA0 || r == 0xFFFE || r == 0xFFFF {
			return ' '
		}
		return r
	}, s))
}

// quoteCSS writes a string of a style sheet.
func quoteCSS(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r < ' ' || r == 0x7F:
			b.WriteByte(' ')
		case strings.ContainsRune(`"\<>&`, r):
			b.WriteString(`\` + strconv.FormatInt(int64(r), 16) + " ")
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
