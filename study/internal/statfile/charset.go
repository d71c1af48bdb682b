package statfile

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// charset is how a file writes its texts.
type charset struct {
	name string
	// high are the characters of the bytes from 0x80 of a code page; wide is an
	// encoding of several bytes a character. UTF-8 has neither.
	high *[128]rune
	wide encoding.Encoding
}

var utf8Set = &charset{name: "UTF-8"}

// latin is Windows-1252, the code page of most files that state none.
func latin() *charset { return pageOf("Windows-1252", charmap.Windows1252) }

func pageOf(name string, m *charmap.Charmap) *charset {
	c := &charset{name: name, high: new([128]rune)}
	for i := range c.high {
		c.high[i] = m.DecodeByte(byte(0x80 + i))
	}
	return c
}

// pages are the encodings of one byte a character, by the names that files
// give them, in small letters without blanks, dashes and underscores.
var pages = map[string]*charmap.Charmap{
	"iso88592": charmap.ISO8859_2, "iso88593": charmap.ISO8859_3, "iso88594": charmap.ISO8859_4, "iso88595": charmap.ISO8859_5,
	"iso88596": charmap.ISO8859_6, "iso88597": charmap.ISO8859_7, "iso88598": charmap.ISO8859_8, "iso88599": charmap.ISO8859_9,
	"iso885910": charmap.ISO8859_10, "iso885913": charmap.ISO8859_13, "iso885914": charmap.ISO8859_14, "iso885915": charmap.ISO8859_15,
	"iso885916": charmap.ISO8859_16, "latin2": charmap.ISO8859_2, "latin9": charmap.ISO8859_15,
	"437": charmap.CodePage437, "850": charmap.CodePage850, "852": charmap.CodePage852, "855": charmap.CodePage855, "858": charmap.CodePage858,
	"862": charmap.CodePage862, "866": charmap.CodePage866, "874": charmap.Windows874, "1250": charmap.Windows1250, "1251": charmap.Windows1251,
	"1252": charmap.Windows1252, "1253": charmap.Windows1253, "1254": charmap.Windows1254, "1255": charmap.Windows1255,
	"1256": charmap.Windows1256, "1257": charmap.Windows1257, "1258": charmap.Windows1258,
	"koi8r": charmap.KOI8R, "koi8u": charmap.KOI8U, "macintosh": charmap.Macintosh, "macroman": charmap.Macintosh,
	// What is called Latin-1 is written in Windows-1252: the two differ only
	// where Latin-1 has control characters.
	"iso88591": charmap.Windows1252, "latin1": charmap.Windows1252,
}

var wides = map[string]encoding.Encoding{
	"932": japanese.ShiftJIS, "shiftjis": japanese.ShiftJIS, "sjis": japanese.ShiftJIS, "eucjp": japanese.EUCJP, "51932": japanese.EUCJP,
	"936": simplifiedchinese.GBK, "gbk": simplifiedchinese.GBK, "gb2312": simplifiedchinese.GBK, "euccn": simplifiedchinese.GBK,
	"gb18030": simplifiedchinese.GB18030, "54936": simplifiedchinese.GB18030,
	"949": korean.EUCKR, "euckr": korean.EUCKR, "51949": korean.EUCKR, "ksc56011987": korean.EUCKR,
	"950": traditionalchinese.Big5, "big5": traditionalchinese.Big5,
}

// named finds the encoding that a file states, nil for one that is not known.
func named(name string) *charset {
	key := strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(name))
	switch key {
	case "utf8", "65001", "cp65001", "ascii", "usascii", "20127", "ansix3.41968":
		return utf8Set
	}
	for _, prefix := range []string{"", "windows", "xwindows", "cp", "ibm", "ms", "msdos", "x", "win", "dos"} {
		if k, ok := strings.CutPrefix(key, prefix); ok {
			if m := pages[k]; m != nil {
				shown := name
				if m == charmap.Windows1252 {
					shown = "Windows-1252"
				}
				return pageOf(shown, m)
			}
			if w := wides[k]; w != nil {
				return &charset{name: name, wide: w}
			}
		}
	}
	return nil
}

// unknownSet is the fault of an encoding that is not read.
func unknownSet(name string) *sheet.Fault {
	return &sheet.Fault{Code: "file-stat-encoding-unknown", Args: text.Args{"encoding": name}}
}

// codePage finds the encoding of a Windows code page by its number.
func codePage(number int64) *charset {
	if iso := number - 28590; iso >= 1 && iso <= 16 {
		return named(fmt.Sprintf("ISO-8859-%d", iso))
	}
	c := named(fmt.Sprint(number))
	if c != nil && c != utf8Set {
		c.name = fmt.Sprintf("Windows-%d", number)
	}
	return c
}

// seen counts the texts with bytes from 0x80: all of them, those that the
// encoding cannot read, and those that only lack the end of their last
// character, as texts do that were cut at a count of bytes.
type seen struct{ high, broken, clipped int }

func (s *seen) add(o seen) { s.high += o.high; s.broken += o.broken; s.clipped += o.clipped }

// isUTF8 judges a file that states no encoding and was read as UTF-8.
func (s seen) isUTF8() bool { return s.broken == 0 && s.clipped*2 <= s.high }

// text writes a text without the blanks and zero bytes that fill its field.
func (p *printer) text(b []byte) string {
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == 0) {
		b = b[:len(b)-1]
	}
	if isASCII(b) {
		return p.keep(b)
	}
	p.seen.high++
	switch set := p.set; {
	case set.high != nil:
		out := p.scratch[:0]
		for _, c := range b {
			if c < utf8.RuneSelf {
				out = append(out, c)
			} else {
				out = utf8.AppendRune(out, set.high[c-utf8.RuneSelf])
			}
		}
		p.scratch = out
		b = out
	case set.wide != nil:
		out, err := set.wide.NewDecoder().Bytes(b)
		if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
			p.seen.broken++
		}
		b = out
	case !utf8.Valid(b):
		if utf8.Valid(whole(b)) {
			p.seen.clipped++
		} else {
			p.seen.broken++
		}
		b = bytes.ToValidUTF8(b, []byte("\ufffd"))
	}
	return p.keep(b)
}

// whole cuts the begun last character off a text.
func whole(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if tail := b[len(b)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return b[:len(b)-i]
			}
			return b
		}
	}
	return b
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// encodingNotes tells how texts were read where the file leaves it open or
// where a text could not be read. Guessed tells that no encoding is stated.
func encodingNotes(set *charset, s seen, guessed bool) (notes []text.Phrase) {
	if guessed && s.high > 0 {
		code := "file-stat-note-encoding-utf8"
		if set != utf8Set {
			code = "file-stat-note-encoding-guessed"
		}
		notes = append(notes, text.Phrase{Code: code, Args: text.Args{"encoding": set.name}})
	}
	if n := s.broken + s.clipped; n > 0 {
		notes = append(notes, text.Phrase{Code: "file-stat-note-characters", Args: text.Args{"count": n, "encoding": set.name}})
	}
	return notes
}
