package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// overlay adds the messages of the language of which the catalog is a variety,
// in its own words.
func (c *Catalog) overlay(base *Catalog) {
	for code, msg := range base.entries {
		if _, own := c.entries[code]; !own {
			c.entries[code] = c.reword(msg)
		}
	}
	c.comma = c.entries["decimal-sign"] == ","
}

// Own picks, from texts by language, those in the catalog's: of a variety that has
// none of its own, those of its language.
func (c *Catalog) Own(byLanguage map[string]map[string]string) map[string]string {
	if own, ok := byLanguage[c.lang]; ok {
		return own
	}
	base, _, _ := strings.Cut(c.lang, "-")
	return byLanguage[base]
}

// reword writes the catalog's own words for those of a message. Placeholders
// stay, and so do the names of keys that are written with a dot:
// "randomization.column".
func (c *Catalog) reword(msg string) string {
	var b strings.Builder
	for i := 0; i < len(msg); {
		if msg[i] == '{' {
			if j := strings.IndexByte(msg[i:], '}'); j > 0 {
				b.WriteString(msg[i : i+j+1])
				i += j + 1
				continue
			}
		}
		j := i
		for j < len(msg) {
			r, n := utf8.DecodeRuneInString(msg[j:])
			if !unicode.IsLetter(r) {
				break
			}
			j += n
		}
		if j == i {
			_, n := utf8.DecodeRuneInString(msg[i:])
			b.WriteString(msg[i : i+n])
			i += n
			continue
		}
		if word := msg[i:j]; dotted(msg, j) {
			b.WriteString(word)
		} else {
			b.WriteString(c.ownWord(word))
		}
		i = j
	}
	return b.String()
}

// dotted reports whether a letter follows a full stop at i.
func dotted(msg string, i int) bool {
	return i+1 < len(msg) && msg[i] == '.' && unicode.IsLetter(rune(msg[i+1]))
}

// ownWord is the catalog's word for one, with its capital.
func (c *Catalog) ownWord(word string) string {
	if own, ok := c.words[word]; ok {
		return own
	}
	r, n := utf8.DecodeRuneInString(word)
	own, ok := c.words[string(unicode.ToLower(r))+word[n:]]
	if !ok {
		return word
	}
	first, m := utf8.DecodeRuneInString(own)
	return string(unicode.ToUpper(first)) + own[m:]
}
