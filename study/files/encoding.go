package files

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study/text"
)

// Names of encodings in Source.Encoding.
const (
	encUTF8    = "UTF-8"
	encUTF16LE = "UTF-16LE"
	encUTF16BE = "UTF-16BE"
	enc1252    = "Windows-1252"
)

// encodingName returns the encoding that a protocol states; "" is to be
// detected, and "UTF-16" takes its byte order from the file.
func encodingName(s string) (string, bool) {
	switch strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(s)) {
	case "":
		return "", true
	case "utf8", "utf8bom", "utf8sig", "ascii", "usascii":
		return encUTF8, true
	case "utf16":
		return "UTF-16", true
	case "utf16le":
		return encUTF16LE, true
	case "utf16be":
		return encUTF16BE, true
	case "windows1252", "cp1252", "latin1", "iso88591":
		// Windows-1252 is what files called Latin-1 are written in; it differs
		// only where Latin-1 has control characters.
		return enc1252, true
	}
	return "", false
}

// KnownEncoding reports whether a name is that of an encoding that Read can be
// told: UTF-8, UTF-16 with or without its byte order (LE, BE), or Windows-1252,
// in the usual spellings. "" is to be found.
func KnownEncoding(name string) bool {
	_, ok := encodingName(name)
	return ok
}

// decodeBytes returns a file as UTF-8 without byte order mark, and the
// encoding found: that of the byte order mark; else UTF-16 if every other byte
// of much of the file is zero; else UTF-8 if the bytes are that; else
// Windows-1252. A stated encoding is held to. text8 makes a string of bytes in UTF-8.
func decodeBytes(src []byte, stated string, text8 func([]byte) string) (content, encoding string, bad *Problem) {
	stated, _ = encodingName(stated)
	encoding, body := "", src
	switch {
	case bytes.HasPrefix(src, []byte("\xef\xbb\xbf")):
		encoding, body = encUTF8, src[3:]
	case bytes.HasPrefix(src, []byte("\xff\xfe")):
		encoding, body = encUTF16LE, src[2:]
	case bytes.HasPrefix(src, []byte("\xfe\xff")):
		encoding, body = encUTF16BE, src[2:]
	}
	bom, valid := encoding, false
	if encoding == "" {
		encoding, valid = guessEncoding(src)
		switch {
		case stated == "UTF-16" && encoding != encUTF16BE:
			encoding = encUTF16LE // without a mark, as Windows writes it
		case stated != "" && stated != "UTF-16":
			encoding = stated
		}
	}
	if stated != "" && !strings.HasPrefix(encoding, stated) {
		p := NewProblem(1, 1, "problem-encoding-mark", text.Args{"mark": bom, "stated": stated})
		return "", "", &p
	}
	switch encoding {
	case encUTF16LE, encUTF16BE:
		content, bad = decode16(body, encoding == encUTF16BE)
	case enc1252:
		content = decode1252(body)
	default:
		content = text8(body)
		if !valid && !utf8.ValidString(content) {
			i := 0
			for r, n := utf8.DecodeRuneInString(content); r != utf8.RuneError || n > 1; r, n = utf8.DecodeRuneInString(content[i:]) {
				i += n
			}
			line, col := lineColumn(content[:i])
			p := NewProblem(line, col, "problem-not-utf8", text.Args{"byte": fmt.Sprintf("%#x", content[i])})
			bad = &p
		}
	}
	return content, encoding, bad
}

// guessEncoding tells UTF-16, UTF-8 and Windows-1252 apart without a mark; valid: all
// bytes are UTF-8.
func guessEncoding(src []byte) (encoding string, valid bool) {
	head := src[:min(len(src), 4096)&^1]
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i&1]++
		}
	}
	half := len(head) / 2
	switch {
	case len(src)%2 == 0 && zeros[1]*10 > half*6 && zeros[0]*10 < half:
		return encUTF16LE, false
	case len(src)%2 == 0 && zeros[0]*10 > half*6 && zeros[1]*10 < half:
		return encUTF16BE, false
	case utf8.Valid(src):
		return encUTF8, true
	}
	return enc1252, false
}

func decode16(body []byte, bigEndian bool) (string, *Problem) {
	units := make([]uint16, len(body)/2)
	for i := range units {
		if bigEndian {
			units[i] = uint16(body[2*i])<<8 | uint16(body[2*i+1])
		} else {
			units[i] = uint16(body[2*i+1])<<8 | uint16(body[2*i])
		}
	}
	content := string(utf16.Decode(units))
	if i := strings.IndexRune(content, utf8.RuneError); i >= 0 {
		line, col := lineColumn(content[:i])
		p := NewProblem(line, col, "problem-not-utf16", nil)
		return "", &p
	}
	if len(body)%2 != 0 {
		line, col := lineColumn(content)
		p := NewProblem(line, col, "problem-half-character", nil)
		return "", &p
	}
	return content, nil
}

// high1252 holds the characters 0x80 to 0x9f of Windows-1252; 0 is undefined
// and becomes the control character of that number, which findNoise refuses.
var high1252 = [32]rune{'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ'}

func decode1252(body []byte) string {
	var b strings.Builder
	b.Grow(len(body) + len(body)/8)
	for _, c := range body {
		r := rune(c)
		if c >= 0x80 && c < 0xa0 && high1252[c-0x80] != 0 {
			r = high1252[c-0x80]
		}
		b.WriteRune(r)
	}
	return b.String()
}

// findNoise returns the first character that no text file holds, or nil, and
// whether there are characters that cannot be seen.
func findNoise(content string) (bad *Problem, invisible bool) {
	n := max(1, min(len(content)/leastPart, 4*runtime.GOMAXPROCS(0)))
	bounds := make([]int, n+1)
	for k := 1; k < n; k++ {
		bounds[k] = len(content) / n * k
		for bounds[k] > 0 && !utf8.RuneStart(content[bounds[k]]) {
			bounds[k]--
		}
	}
	bounds[n] = len(content)
	at, hiddens := make([]int, n), make([]bool, n)
	inParallel(n, func(k int) { at[k], hiddens[k] = noiseIn(content[bounds[k]:bounds[k+1]]) })
	for k := range n {
		invisible = invisible || hiddens[k]
		if at[k] >= 0 {
			i := bounds[k] + at[k]
			r, _ := utf8.DecodeRuneInString(content[i:])
			return noise(content[:i], r), invisible
		}
	}
	return nil, invisible
}

// plainByte are the bytes that a text may hold whatever stands around them.
var plainByte = func() (plain [256]bool) {
	for b := ' '; b < 0x7f; b++ {
		plain[b] = true
	}
	plain['\t'], plain['\n'], plain['\r'] = true, true, true
	return plain
}()

// printable reports whether eight bytes are all from blank to tilde: it looks at them as
// one number.
func printable(s string) bool {
	_ = s[7]
	x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	const each = 0x0101010101010101
	del := x ^ 0x7f*each
	// A byte's high bit is set in x where it is 0x80 or more; in the others where
	// subtracting borrows: below a blank, or no different from DEL. A borrow that
	// runs on into the next byte comes from one that is set already.
	return (x|(x-' '*each)|(del-each))&(0x80*each) == 0
}

// noiseIn returns the offset of the first character of a text that no text file holds,
// −1 without one, and whether there are characters before it that cannot be seen.
func noiseIn(content string) (at int, invisible bool) {
	for i := 0; i < len(content); {
		for i+8 <= len(content) && printable(content[i:i+8]) {
			i += 8
		}
		for end := min(i+8, len(content)); i < end && plainByte[content[i]]; {
			i++
		}
		if i == len(content) {
			break
		}
		if plainByte[content[i]] {
			continue
		}
		r, n := utf8.DecodeRuneInString(content[i:])
		switch {
		case r >= 0xa0:
			invisible = invisible || hidden(r)
			if r == 0xfffe || r == 0xffff {
				return i, invisible
			}
		case r != 0x85:
			return i, invisible
		}
		i += n
	}
	return -1, invisible
}

func noise(before string, r rune) *Problem {
	line, col := lineColumn(before)
	p := NewProblem(line, col, "problem-control-character", text.Args{"character": fmt.Sprintf("U+%04X", r)})
	return &p
}

// hidden reports whether a character takes no place and cannot be seen: byte
// order marks, zero-width blanks, marks of direction, soft hyphens.
func hidden(r rune) bool { return r >= 0xa0 && unicode.Is(unicode.Cf, r) }

// endMark is what DOS programs write behind the last line (Ctrl-Z).
const endMark = '\x1a'

// cutEnd cuts the mark of the end off a text, and what pads the last block of
// a disk behind it.
func cutEnd(content string) (cut string, marked bool) {
	i := strings.IndexByte(content, endMark)
	if i < 0 || strings.Trim(content[i:], "\x1a\x00\r\n \t") != "" {
		return content, false
	}
	return content[:i], true
}

// lineColumn returns the place of the character that follows before. A line
// ends with \n, \r\n or \r.
func lineColumn(before string) (line, column int) {
	line = 1
	start := 0
	for i := 0; i < len(before); i++ {
		switch before[i] {
		case '\r':
			if i+1 < len(before) && before[i+1] == '\n' {
				i++
			}
		case '\n':
		default:
			continue
		}
		line++
		start = i + 1
	}
	return line, utf8.RuneCountInString(before[start:]) + 1
}
