package page

import (
	"fmt"
	"regexp"
	"strconv"
)

// docxBody writes the document's text.
type docxBody struct {
	docxXML
	paper  paper
	images [][]byte
	// breaks: the next paragraph begins a page. An own paragraph for the break
	// would leave an empty line there.
	breaks, written bool
	flagged         bool           // the banner is what the first page begins with
	introduces      bool           // a table follows the block
	counts          map[string]int // captions so far, by their label
}

func (b *docxBody) block(bl block) error {
	switch bl.kind {
	case headingBlock:
		b.paragraph(styleHeading+strconv.Itoa(min(max(bl.level, 1), 3)), "", bl.text)
	case sectionBlock:
		b.paragraph(styleHeading+"2", "", bl.text)
	case bannerBlock:
		b.flagged = b.flagged || !b.written
		b.paragraph(styleBanner, "", bl.text)
	case paragraphBlock:
		keep := ""
		if b.introduces {
			keep = keepNext
		}
		b.paragraph("", keep, bl.text)
	case itemBlock:
		b.paragraph(styleItem, "", bl.text)
	case pairsBlock:
		b.pairs(bl.pairs)
	case tableBlock:
		b.table(bl.table)
	case figureBlock:
		if err := b.figure(bl.figure); err != nil {
			return err
		}
	case breakBlock:
		b.breaks = b.written
	}
	b.written = b.written || bl.kind != breakBlock
	return nil
}

// open begins a paragraph of a style, "" for the text's own. keep is keepNext
// or nothing, after is what the schema wants behind it.
func (b *docxBody) open(style, keep, after string) {
	b.raw(`<w:p>`)
	if b.breaks {
		keep += `<w:pageBreakBefore/>`
		b.breaks = false
	}
	if style != "" {
		style = `<w:pStyle w:val="` + style + `"/>`
	}
	if style+keep+after != "" {
		b.raw(`<w:pPr>` + style + keep + after + `</w:pPr>`)
	}
}

const keepNext = `<w:keepNext/>`

// paragraph writes a paragraph of one run.
func (b *docxBody) paragraph(style, keep, s string) {
	b.open(style, keep, "")
	b.run("", s)
	b.raw(`</w:p>`)
}

// run writes characters with their properties. Spaces count, at the ends too.
func (b *docxXML) run(properties, s string) {
	if s == "" {
		return
	}
	b.raw(`<w:r>`)
	if properties != "" {
		b.raw(`<w:rPr>` + properties + `</w:rPr>`)
	}
	b.raw(`<w:t xml:space="preserve">`)
	b.text(s)
	b.raw(`</w:t></w:r>`)
}

// field writes what Word computes when it is asked to, with its present value.
func (b *docxXML) field(instruction, properties, value string) {
	b.raw(`<w:fldSimple w:instr=" ` + instruction + ` ">`)
	b.run(properties, value)
	b.raw(`</w:fldSimple>`)
}

// pairs writes names and, at a tab stop behind the longest, what is said of them.
func (b *docxBody) pairs(pairs [][2]string) {
	const left, gap = 284, 200
	name := 0
	for _, p := range pairs {
		name = max(name, textWidth(p[0], docxBodySize, false)+gap)
	}
	name = min(name, b.paper.text()/2)
	indent := fmt.Sprintf(`<w:ind w:left="%d" w:hanging="%d"/>`, left+name, name)
	for i, p := range pairs {
		space := ""
		if i+1 == len(pairs) {
			space = `<w:spacing w:after="80"/>`
		}
		b.open(stylePair, "", fmt.Sprintf(`<w:tabs><w:tab w:val="left" w:pos="%d"/></w:tabs>`, left+name)+space+indent)
		b.run("", p[0])
		b.raw(`<w:r><w:tab/></w:r>`)
		b.run("", p[1])
		b.raw(`</w:p>`)
	}
}

// numbered is a caption that begins with its own number: "Table 1. At baseline",
// "Table S2. ...".
var numbered = regexp.MustCompile(`^(\p{L}+)([ \x{A0}])(\p{Lu}?)(\d{1,4})([.:])`)

// caption writes a caption. Its number becomes Word's own, a SEQ field, so that
// it is listed and can be referred to; where Word would count otherwise, the field
// is told the number, as the one printed is the report's.
func (b *docxBody) caption(keep, s string) {
	const bold = `<w:b/><w:bCs/>`
	b.open(styleCaption, keep, "")
	if m := numbered.FindStringSubmatch(s); m != nil {
		label := m[1]
		if m[3] != "" {
			label += "_" + m[3]
		}
		if b.counts == nil {
			b.counts = map[string]int{}
		}
		n, _ := strconv.Atoi(m[4])
		instruction := "SEQ " + label + ` \* ARABIC`
		if n != b.counts[label]+1 {
			instruction += ` \r ` + strconv.Itoa(n)
		}
		b.counts[label] = n
		b.run(bold, m[1]+m[2]+m[3])
		b.field(instruction, bold, m[4])
		b.run(bold, m[5])
		b.run("", s[len(m[0]):])
	} else { // in the supplement it names what follows as a small heading does
		b.run(bold, s)
	}
	b.raw(`</w:p>`)
}

// begin opens the document's part.
func (b *docxBody) begin() {
	b.raw(xmlHead + `<w:document ` + wordSpaces + ` xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"` +
		` xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><w:body>`)
}

// end closes it with the section: paper, margins, header and footer.
func (b *docxBody) end(header bool) {
	b.raw(`<w:sectPr>`)
	if header {
		b.raw(`<w:headerReference w:type="default" r:id="` + headerRel + `"/>`)
	}
	b.raw(`<w:footerReference w:type="default" r:id="` + footerRel + `"/>`)
	first := ""
	if header && b.flagged { // the first page's own header is empty: the banner stands below it
		b.raw(`<w:footerReference w:type="first" r:id="` + footerRel + `"/>`)
		first = `<w:titlePg/>`
	}
	b.raw(fmt.Sprintf(`<w:pgSz w:w="%d" w:h="%d"/><w:pgMar w:top="%[3]d" w:right="%[3]d" w:bottom="%[3]d" w:left="%[3]d" w:header="567" w:footer="567" w:gutter="0"/>`,
		b.paper.width, b.paper.height, docxMargin))
	b.raw(first + `</w:sectPr></w:body></w:document>`)
}

// docxHeader marks every page of invented data.
func docxHeader(banner string) []byte {
	b := docxXML{}
	b.raw(xmlHead + `<w:hdr ` + wordSpaces + `><w:p><w:pPr><w:pStyle w:val="` + styleHeader + `"/></w:pPr>`)
	b.run("", banner)
	b.raw(`</w:p></w:hdr>`)
	return b.Bytes()
}

// docxFooter names the document and the page, as printed pages get apart.
func docxFooter(title string, paper paper) []byte {
	b := docxXML{}
	b.raw(xmlHead + `<w:ftr ` + wordSpaces + `><w:p><w:pPr><w:pStyle w:val="` + styleFooter + `"/>` +
		fmt.Sprintf(`<w:tabs><w:tab w:val="right" w:pos="%d"/></w:tabs>`, paper.text()) + `</w:pPr>`)
	b.run("", title)
	b.raw(`<w:r><w:tab/></w:r>`)
	b.field("PAGE", "", "1")
	b.run("", " / ")
	b.field("NUMPAGES", "", "1")
	b.raw(`</w:p></w:ftr>`)
	return b.Bytes()
}
