package render

import (
	"sync"
	"unicode"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansbolditalic"
	"codeberg.org/go-fonts/liberation/liberationsansitalic"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-pdf/fpdf"
)

// commonChars are what the labels of a trial are written with: Latin and Greek
// letters, punctuation, superscripts, arrows and mathematics.
var commonChars = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x20, Hi: 0x7E, Stride: 1}, {Lo: 0xA0, Hi: 0x17F, Stride: 1}, {Lo: 0x300, Hi: 0x30C, Stride: 1},
		{Lo: 0x391, Hi: 0x3C9, Stride: 1}, {Lo: 0x2010, Hi: 0x203A, Stride: 1}, {Lo: 0x2070, Hi: 0x208E, Stride: 1},
		{Lo: 0x20AC, Hi: 0x20AC, Stride: 1}, {Lo: 0x2190, Hi: 0x2195, Stride: 1}, {Lo: 0x2206, Hi: 0x2265, Stride: 1},
	},
	LatinOffset: 1,
}

// commonText reports whether the scene's text has common characters only.
func (s *Scene) commonText() bool {
	for _, m := range s.Marks {
		if m.Kind == MarkText {
			for _, r := range m.Text {
				if !unicode.Is(commonChars, r) {
					return false
				}
			}
		}
	}
	return true
}

// pdfFont is the font file of a style: the whole one, or its common part. fpdf
// reads every font anew for each document, and a whole one is 2,600 glyphs.
func pdfFont(style string, common bool) []byte {
	if common {
		return commonFonts[style]()
	}
	return wholeFonts[style]
}

var wholeFonts = map[string][]byte{
	"":   liberationsansregular.TTF,
	"B":  liberationsansbold.TTF,
	"I":  liberationsansitalic.TTF,
	"BI": liberationsansbolditalic.TTF,
}

var commonFonts = map[string]func() []byte{
	"":   sync.OnceValue(func() []byte { return commonPart(liberationsansregular.TTF) }),
	"B":  sync.OnceValue(func() []byte { return commonPart(liberationsansbold.TTF) }),
	"I":  sync.OnceValue(func() []byte { return commonPart(liberationsansitalic.TTF) }),
	"BI": sync.OnceValue(func() []byte { return commonPart(liberationsansbolditalic.TTF) }),
}

func commonPart(ttf []byte) []byte {
	var chars []rune
	for _, r := range commonChars.R16 {
		for c := r.Lo; c <= r.Hi; c++ {
			chars = append(chars, rune(c))
		}
	}
	return fpdf.UTF8CutFont(ttf, string(chars))
}
