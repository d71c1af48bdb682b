package page

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/xml"
	"fmt"
	"hash/crc32"
	"strings"
)

// DOCX writes the document as WordprocessingML (ECMA-376, the transitional form
// that Word and LibreOffice write): styles by Word's own names, tables that are
// tables, figures as PNG. The same document gives the same bytes: no date is in it.
func (d *Document) DOCX() ([]byte, error) {
	paper, err := paperOf(d.Meta.Paper)
	if err != nil {
		return nil, err
	}
	b := docxBody{paper: paper}
	b.begin()
	for i, bl := range d.blocks {
		// What introduces a table stands on its page.
		b.introduces = i+1 < len(d.blocks) && d.blocks[i+1].kind == tableBlock
		if err := b.block(bl); err != nil {
			return nil, err
		}
	}
	b.end(d.Meta.Banner != "")
	parts := d.parts(paper, &b)

	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		if err := p.pack(z); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// pack adds the part with its size ahead of it: some readers take no stored file
// whose size follows.
func (p docxPart) pack(z *zip.Writer) error {
	const version = 20 // of the format: 2.0 has deflate
	h := &zip.FileHeader{Name: p.name, Method: zip.Store, CreatorVersion: version, ReaderVersion: version,
		CRC32: crc32.ChecksumIEEE(p.data), UncompressedSize64: uint64(len(p.data))}
	data := p.data
	if p.kind != pngType { // compressed already
		var packed bytes.Buffer
		// A report's XML repeats itself: the fastest level packs it nearly as small.
		f, err := flate.NewWriter(&packed, flate.BestSpeed)
		if err != nil {
			return err
		}
		if _, err = f.Write(data); err == nil {
			err = f.Close()
		}
		if err != nil {
			return err
		}
		h.Method, data = zip.Deflate, packed.Bytes()
	}
	h.CompressedSize64 = uint64(len(data))
	w, err := z.CreateRaw(h)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// docxPart is a file of the package. One with a relation is a target: of the
// document's where it lies in its folder, of the package's elsewhere.
type docxPart struct {
	name string
	kind string // content type; "" where the extension says it
	rel  string // type of the relation
	id   string // of the relation, where the document's text names it
	data []byte
}

const (
	wordType     = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	packageType  = "application/vnd.openxmlformats-package."
	pngType      = "image/png"
	officeRel    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	packageRel   = "http://schemas.openxmlformats.org/package/2006/relationships"
	xmlHead      = xml.Header
	wordSpaces   = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	headerRel    = "rIdHeader"
	footerRel    = "rIdFooter"
	wordFolder   = "word/"
	documentPart = wordFolder + "document.xml"
)

// parts are the package's files, the list of their content types first.
func (d *Document) parts(paper paper, b *docxBody) []docxPart {
	m := d.Meta
	parts := []docxPart{
		{name: documentPart, kind: wordType + "document.main+xml", rel: officeRel + "officeDocument", data: b.Bytes()},
		{name: wordFolder + "styles.xml", kind: wordType + "styles+xml", rel: officeRel + "styles", data: docxStyles(m.Lang)},
		{name: wordFolder + "numbering.xml", kind: wordType + "numbering+xml", rel: officeRel + "numbering", data: []byte(docxNumbering)},
		{name: wordFolder + "settings.xml", kind: wordType + "settings+xml", rel: officeRel + "settings", data: docxSettings(m.Lang)},
		{name: wordFolder + "fontTable.xml", kind: wordType + "fontTable+xml", rel: officeRel + "fontTable", data: []byte(docxFonts)},
		{name: wordFolder + "footer1.xml", kind: wordType + "footer+xml", rel: officeRel + "footer", id: footerRel, data: docxFooter(m.Title, paper)},
		{name: "docProps/core.xml", kind: packageType + "core-properties+xml", rel: packageRel + "/metadata/core-properties", data: docxCore(m)},
		{name: "docProps/app.xml", kind: "application/vnd.openxmlformats-officedocument.extended-properties+xml", rel: officeRel + "extended-properties", data: docxApp(m)},
	}
	if m.Banner != "" {
		parts = append(parts, docxPart{name: wordFolder + "header1.xml", kind: wordType + "header+xml", rel: officeRel + "header", id: headerRel, data: docxHeader(m.Banner)})
	}
	for i, png := range b.images {
		n := fmt.Sprint(i + 1)
		parts = append(parts, docxPart{name: wordFolder + "media/image" + n + ".png", kind: pngType, rel: officeRel + "image", id: imageRel(i + 1), data: png})
	}
	head := []docxPart{{name: "[Content_Types].xml", data: docxTypes(parts)}}
	for _, in := range []struct{ folder, rels string }{{"", "_rels/.rels"}, {wordFolder, wordFolder + "_rels/document.xml.rels"}} {
		head = append(head, docxPart{name: in.rels, data: docxRels(in.folder, parts)})
	}
	return append(head, parts...)
}

func docxTypes(parts []docxPart) []byte {
	b := docxXML{}
	b.raw(xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="` + packageType + `relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="` + pngType + `"/>`)
	for _, p := range parts {
		if p.kind != pngType {
			b.raw(`<Override PartName="/` + p.name + `" ContentType="` + p.kind + `"/>`)
		}
	}
	b.raw(`</Types>`)
	return b.Bytes()
}

// docxRels lists the parts that the document (which lies in folder) or the package
// (folder "") is related to.
func docxRels(folder string, parts []docxPart) []byte {
	b := docxXML{}
	b.raw(xmlHead + `<Relationships xmlns="` + packageRel + `">`)
	for i, p := range parts {
		ofDocument := strings.HasPrefix(p.name, wordFolder) && p.name != documentPart
		if ofDocument != (folder == wordFolder) {
			continue
		}
		id := p.id
		if id == "" {
			id = fmt.Sprint("rId", i+1)
		}
		b.raw(`<Relationship Id="` + id + `" Type="` + p.rel + `" Target="` + strings.TrimPrefix(p.name, folder) + `"/>`)
	}
	b.raw(`</Relationships>`)
	return b.Bytes()
}

// docxCore says what the file is. The title of invented data says so: a list of
// files shows no more than it.
func docxCore(m Meta) []byte {
	title := m.Title
	if mark := cmp.Or(m.Mark, m.Banner); mark != "" {
		title = mark + " · " + title
	}
	b := docxXML{}
	b.raw(xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>`)
	b.text(title)
	b.raw(`</dc:title><dc:language>`)
	b.text(docxLang(m.Lang))
	b.raw(`</dc:language></cp:coreProperties>`)
	return b.Bytes()
}

func docxApp(m Meta) []byte {
	b := docxXML{}
	b.raw(xmlHead + `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>`)
	b.text(m.Software)
	b.raw(`</Application></Properties>`)
	return b.Bytes()
}

// docxSettings asks for no compatibility with older versions of Word.
func docxSettings(lang string) []byte {
	decimal, list := ".", ","
	if strings.HasPrefix(lang, "nl") {
		decimal, list = ",", ";"
	}
	return []byte(xmlHead + `<w:settings ` + wordSpaces + `><w:zoom w:percent="100"/><w:defaultTabStop w:val="567"/><w:characterSpacingControl w:val="doNotCompress"/>` +
		`<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>` +
		`<w:themeFontLang w:val="` + docxLang(lang) + `"/><w:decimalSymbol w:val="` + decimal + `"/><w:listSeparator w:val="` + list + `"/></w:settings>`)
}

// docxLang is the language as Word names it, which checks spelling by it.
func docxLang(lang string) string {
	switch lang {
	case "nl":
		return "nl-NL"
	case "", "en":
		return "en-US"
	}
	return lang
}

// paper is a sheet of paper in twips, twentieths of a point.
type paper struct{ width, height int }

// docxMargin is 20 mm.
const docxMargin = 1134

// text is the width of what is written on the sheet.
func (p paper) text() int { return p.width - 2*docxMargin }

func paperOf(name string) (paper, error) {
	switch name {
	case "", "a4":
		return paper{11906, 16838}, nil
	case "letter":
		return paper{12240, 15840}, nil
	}
	return paper{}, fmt.Errorf("paper %q: a4 or letter", name)
}

// docxXML gathers XML.
type docxXML struct{ bytes.Buffer }

func (b *docxXML) raw(s string) { b.WriteString(s) }

// oneLine keeps a label in its line; Word would read a tab as a tab stop.
var oneLine = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ")

// text writes characters. Those that XML has no place for, such as control
// characters, become U+FFFD.
func (b *docxXML) text(s string) {
	_ = xml.EscapeText(b, []byte(oneLine.Replace(s))) // a buffer refuses nothing
}
