package page

import (
	"net/url"
	"strings"
)

// Markdown writes the document as Markdown.
func (d *Document) Markdown() string {
	var b strings.Builder
	for i, bl := range d.blocks {
		if bl.kind == breakBlock {
			continue
		}
		if i > 0 && !(bl.kind == itemBlock && d.blocks[i-1].kind == itemBlock) {
			b.WriteByte('\n')
		}
		switch bl.kind {
		case headingBlock:
			b.WriteString(strings.Repeat("#", bl.level) + " " + escapeMarkdown(bl.text) + "\n")
		case bannerBlock:
			b.WriteString("**" + escapeMarkdown(bl.text) + "**\n")
		case sectionBlock:
			b.WriteString("## " + escapeMarkdown(bl.text) + "\n")
		case paragraphBlock:
			b.WriteString(escapeMarkdown(bl.text) + "\n")
		case itemBlock:
			b.WriteString("- " + escapeMarkdown(bl.text) + "\n")
		case pairsBlock:
			for _, p := range bl.pairs {
				b.WriteString("- " + escapeMarkdown(p[0]) + ": " + escapeMarkdown(p[1]) + "\n")
			}
		case figureBlock:
			b.WriteString("![" + escapeMarkdown(bl.figure.Alt) + "](" + (&url.URL{Path: bl.figure.Name}).EscapedPath() + ")\n")
			if bl.figure.Caption != "" {
				b.WriteString("\n" + escapeMarkdown(bl.figure.Caption) + "\n")
			}
		case tableBlock:
			markdownTable(&b, bl.table)
		}
	}
	return b.String()
}

func markdownTable(b *strings.Builder, t Table) {
	row := func(cells []string) {
		b.WriteByte('|')
		for _, c := range cells {
			b.WriteString(" " + escapeMarkdown(c) + " |")
		}
		b.WriteByte('\n')
	}
	if t.Caption != "" {
		b.WriteString("**" + escapeMarkdown(t.Caption) + "**\n\n")
	}
	titles, rules := []string{}, []string{}
	for _, c := range t.Columns {
		titles = append(titles, c.Title)
		if c.Right {
			rules = append(rules, "--:")
		} else {
			rules = append(rules, ":--")
		}
	}
	row(titles)
	b.WriteString("|" + strings.Join(rules, "|") + "|\n")
	for _, r := range t.shown() {
		row(r)
	}
	for _, n := range t.Notes {
		b.WriteString("\n" + escapeMarkdown(n) + "\n")
	}
}

// escapeMarkdown keeps labels and file names from becoming markup.
var markdownEscaper = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "#", `\#`,
	"[", `\[`, "]", `\]`, "\n", " ", "\r", " ")

func escapeMarkdown(s string) string { return markdownEscaper.Replace(s) }
