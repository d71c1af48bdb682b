package page

import "strconv"

// The sizes of letters, in half points: page one of a trial with a few outcomes
// fits one sheet with them.
const (
	docxBodySize  = 18
	docxTableSize = 16
	docxSmallSize = 14
)

// Arial is on every computer with Word; Liberation Sans, which comes with LibreOffice, is
// as wide to the last unit, and the figures are set in it.
const docxFont = "Arial"

const docxFonts = xmlHead + `<w:fonts ` + wordSpaces + `><w:font w:name="` + docxFont + `"><w:altName w:val="Liberation Sans"/>` +
	`<w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font></w:fonts>`

// Names of the styles, by what they are for.
const (
	styleHeading    = "Heading" // and its level
	styleCaption    = "Caption"
	styleBanner     = "Banner"
	styleItem       = "ListBullet"
	stylePair       = "Pair"
	styleFigure     = "Figure"
	styleTable      = "TrialTable"
	styleCell       = "TableText"
	styleNumber     = "TableNumber"
	styleHead       = "TableHead"
	styleNumberHead = "TableNumberHead"
	styleNote       = "TableNote"
	styleGap        = "TableGap"
	styleHeader     = "Header"
	styleFooter     = "Footer"
)

// docxStyles are the styles that an author changes once for the whole document;
// the text itself carries no looks.
func docxStyles(lang string) []byte {
	return []byte(xmlHead + `<w:styles ` + wordSpaces + `>` +
		`<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="` + docxFont + `" w:hAnsi="` + docxFont + `" w:eastAsia="` + docxFont + `" w:cs="` + docxFont + `"/>` +
		letters(docxBodySize) + `<w:lang w:val="` + docxLang(lang) + `"/></w:rPr></w:rPrDefault>` +
		`<w:pPrDefault><w:pPr><w:spacing w:after="60" w:line="240" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>` +
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>` +
		`<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>` +
		`<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:semiHidden/>` +
		`<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>` +
		`<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/><w:uiPriority w:val="99"/><w:semiHidden/></w:style>` +
		headingStyle("1", "0", "0", "80", 26) + headingStyle("2", "1", "120", "10", 20) + headingStyle("3", "2", "110", "20", 19) +
		style(styleCaption, "caption", "Normal", `<w:keepLines/><w:spacing w:before="110" w:after="40" w:line="240" w:lineRule="auto"/>`, letters(17)) +
		style(styleBanner, styleBanner, "Normal", `<w:keepLines/><w:pBdr><w:top w:val="single" w:sz="8" w:space="3" w:color="9C0006"/><w:bottom w:val="single" w:sz="8" w:space="3" w:color="9C0006"/></w:pBdr><w:spacing w:before="40" w:after="140"/>`, `<w:b/><w:bCs/><w:color w:val="9C0006"/>`) +
		style(styleItem, "List Bullet", "Normal", `<w:numPr><w:numId w:val="1"/></w:numPr><w:spacing w:after="40"/>`, "") +
		style(stylePair, stylePair, "Normal", `<w:keepLines/><w:spacing w:after="20"/>`, "") +
		style(styleFigure, styleFigure, "Normal", `<w:keepNext/><w:spacing w:before="160" w:after="60" w:line="240" w:lineRule="auto"/>`, "") +
		style(styleCell, "Table Text", "Normal", `<w:spacing w:before="10" w:after="10" w:line="240" w:lineRule="auto"/>`, letters(docxTableSize)) +
		style(styleNumber, "Table Number", styleCell, `<w:jc w:val="right"/>`, "") +
		style(styleHead, "Table Head", styleCell, `<w:keepNext/>`, `<w:b/><w:bCs/>`) +
		style(styleNumberHead, "Table Number Head", styleHead, `<w:jc w:val="right"/>`, "") +
		style(styleNote, "Table Note", "Normal", `<w:keepLines/><w:spacing w:before="30" w:after="30" w:line="240" w:lineRule="auto"/>`, letters(15)) +
		style(styleGap, "Table Gap", "Normal", `<w:spacing w:after="0" w:line="120" w:lineRule="exact"/>`, letters(8)) +
		style(styleHeader, "header", "Normal", `<w:spacing w:after="0" w:line="240" w:lineRule="auto"/>`, `<w:b/><w:bCs/><w:color w:val="9C0006"/>`+letters(16)) +
		style(styleFooter, "footer", "Normal", `<w:spacing w:after="0" w:line="240" w:lineRule="auto"/>`, `<w:color w:val="595959"/>`+letters(16)) +
		// Rules above, below the head and below: no others, as journals set tables.
		`<w:style w:type="table" w:customStyle="1" w:styleId="` + styleTable + `"><w:name w:val="Trial Table"/><w:basedOn w:val="TableNormal"/><w:qFormat/>` +
		`<w:tblPr><w:tblBorders><w:top w:val="single" w:sz="8" w:space="0" w:color="000000"/><w:bottom w:val="single" w:sz="8" w:space="0" w:color="000000"/></w:tblBorders>` +
		`<w:tblCellMar><w:left w:w="` + strconv.Itoa(cellMargin) + `" w:type="dxa"/><w:right w:w="` + strconv.Itoa(cellMargin) + `" w:type="dxa"/></w:tblCellMar></w:tblPr>` +
		`<w:tblStylePr w:type="firstRow"><w:tblPr/><w:tcPr><w:tcBorders><w:bottom w:val="single" w:sz="4" w:space="0" w:color="000000"/></w:tcBorders></w:tcPr></w:tblStylePr></w:style>` +
		`</w:styles>`)
}

// style is a paragraph style. Word knows its own by their names; the others are
// the document's.
func style(id, name, base, paragraph, run string) string {
	custom := ` w:customStyle="1"`
	switch id {
	case styleCaption, styleItem, styleHeader, styleFooter:
		custom = ""
	}
	if run != "" {
		run = `<w:rPr>` + run + `</w:rPr>`
	}
	return `<w:style w:type="paragraph"` + custom + ` w:styleId="` + id + `"><w:name w:val="` + name + `"/><w:basedOn w:val="` + base + `"/><w:qFormat/>` +
		`<w:pPr>` + paragraph + `</w:pPr>` + run + `</w:style>`
}

func headingStyle(level, outline, before, after string, size int) string {
	return `<w:style w:type="paragraph" w:styleId="` + styleHeading + level + `"><w:name w:val="heading ` + level + `"/><w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:uiPriority w:val="9"/><w:qFormat/>` +
		`<w:pPr><w:keepNext/><w:keepLines/><w:spacing w:before="` + before + `" w:after="` + after + `" w:line="240" w:lineRule="auto"/><w:outlineLvl w:val="` + outline + `"/></w:pPr>` +
		`<w:rPr><w:b/><w:bCs/>` + letters(size) + `</w:rPr></w:style>`
}

// docxNumbering is the one list: bullets.
const docxNumbering = xmlHead + `<w:numbering ` + wordSpaces + `><w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="hybridMultilevel"/>` +
	`<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:pStyle w:val="` + styleItem + `"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/>` +
	`<w:pPr><w:ind w:left="284" w:hanging="284"/></w:pPr><w:rPr><w:rFonts w:ascii="` + docxFont + `" w:hAnsi="` + docxFont + `" w:cs="` + docxFont + `"/></w:rPr></w:lvl></w:abstractNum>` +
	`<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`

// letters are the size of letters in half points.
func letters(size int) string {
	s := strconv.Itoa(size)
	return `<w:sz w:val="` + s + `"/><w:szCs w:val="` + s + `"/>`
}
