package page

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"
)

// wideFigure in mm is more than a journal's column: where the window is narrow,
// such a figure scrolls instead of shrinking to letters that nobody can read.
const wideFigure = 100

// titled finds the title that names an SVG.
var titled = regexp.MustCompile(`<svg[^>]*aria-labelledby="([^" ]+)`)

// figure writes a figure: its SVG in the page, or else its PNG, or else what it
// shows in words.
func (w *htmlWriter) figure(f Figure) {
	prefix := "f" + strconv.Itoa(w.figures) + "-"
	w.body.WriteString("<figure>\n")
	switch {
	case len(f.SVG) > 0:
		w.body.WriteString(`<div class="card`)
		if f.WidthMM > wideFigure {
			w.body.WriteString(` wide" tabindex="0`)
			if m := titled.FindSubmatch(f.SVG[:min(len(f.SVG), 1<<10)]); m != nil {
				w.body.WriteString(`" role="group" aria-labelledby="` + prefix + string(m[1]))
			}
		}
		w.body.WriteString(`">`)
		inlineSVG(&w.body, f.SVG, prefix, f.Alt)
		w.body.WriteString("</div>\n")
	case len(f.PNG) > 0:
		size := ""
		if f.WidthMM > 0 {
			size = ` style="width:` + strconv.FormatFloat(f.WidthMM, 'f', 1, 64) + `mm"`
		}
		w.body.WriteString(`<div class="card"><img alt="` + escapeHTML(f.Alt) + `"` + size + ` src="data:image/png;base64,` +
			base64.StdEncoding.EncodeToString(f.PNG) + "\"/></div>\n")
	default:
		w.body.WriteString("<p>" + prose(f.Name) + "</p>\n<p>" + prose(f.Alt) + "</p>\n")
	}
	if f.Caption != "" {
		w.body.WriteString("<figcaption>" + prose(f.Caption) + "</figcaption>\n")
	}
	w.body.WriteString("</figure>\n")
}

// inlineSVG writes an SVG file into the page. Its ids, and what refers to them,
// get a prefix: every figure of plot calls its title "title". A root that no
// title names is named by alt.
func inlineSVG(b *strings.Builder, svg []byte, prefix, alt string) {
	at := bytes.Index(svg, []byte("<svg"))
	if at < 0 {
		b.WriteString("<p>" + prose(alt) + "</p>")
		return
	}
	svg = svg[at:] // without the XML declaration, which HTML does not know
	root := true
	for len(svg) > 0 {
		i := bytes.IndexByte(svg, '<')
		if i < 0 {
			break
		}
		b.Write(svg[:i])
		svg = svg[i:]
		if bytes.HasPrefix(svg, []byte("<!--")) {
			end := bytes.Index(svg, []byte("-->"))
			if end < 0 {
				break
			}
			svg = svg[end+3:]
			continue
		}
		n := tagLength(svg)
		tag := string(svg[:n])
		if needsPrefix(tag) {
			tag = prefixIDs(tag, prefix)
		}
		if root {
			root = false
			if !strings.Contains(tag, "aria-label") {
				tag = `<svg role="img" aria-label="` + escapeHTML(alt) + `"` + strings.TrimPrefix(tag, "<svg")
			}
		}
		b.WriteString(tag)
		svg = svg[n:]
	}
}

// tagLength is where the tag that begins s ends; a > in quotes ends none.
func tagLength(s []byte) int {
	quote := byte(0)
	for i, c := range s {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1
		}
	}
	return len(s)
}

// needsPrefix is a quick look at most tags, which are paths without ids.
func needsPrefix(tag string) bool {
	return strings.Contains(tag, "id=") || strings.Contains(tag, "aria-") || strings.Contains(tag, "#")
}

// prefixIDs puts the prefix before the ids in a tag's attributes.
func prefixIDs(tag, prefix string) string {
	var b strings.Builder
	for {
		eq := strings.IndexByte(tag, '=')
		if eq < 0 || eq+1 >= len(tag) {
			break
		}
		name := strings.TrimSpace(tag[:eq])
		if k := strings.LastIndexAny(name, " \t\r\n"); k >= 0 {
			name = name[k+1:]
		}
		rest := strings.TrimLeft(tag[eq+1:], " \t\r\n")
		if rest == "" || rest[0] != '"' && rest[0] != '\'' {
			break
		}
		end := strings.IndexByte(rest[1:], rest[0])
		if end < 0 {
			break
		}
		value := rest[1 : 1+end]
		switch name {
		case "id":
			value = prefix + value
		case "aria-labelledby", "aria-describedby":
			ids := strings.Fields(value)
			for i := range ids {
				ids[i] = prefix + ids[i]
			}
			value = strings.Join(ids, " ")
		case "href", "xlink:href":
			if strings.HasPrefix(value, "#") {
				value = "#" + prefix + value[1:]
			}
		default:
			value = strings.ReplaceAll(value, "url(#", "url(#"+prefix)
		}
		b.WriteString(tag[:eq+1] + rest[:1] + value + rest[:1])
		tag = rest[end+2:]
	}
	b.WriteString(tag)
	return b.String()
}
