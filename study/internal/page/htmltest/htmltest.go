// Package htmltest holds HTML files of reports to what a browser, a screen reader
// and a copy of a table need, without a browser.
package htmltest

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

// Parse reads a file as HTML.
func Parse(t testing.TB, file string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(file))
	require.NoError(t, err)
	return root
}

// All are the elements of a name below a node ("" for all), in their order.
func All(n *html.Node, name string) []*html.Node {
	var out []*html.Node
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && (name == "" || c.Data == name) {
			out = append(out, c)
		}
	}
	return out
}

// Text is what an element says, with single blanks.
func Text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.FieldsFunc(b.String(), func(r rune) bool { return r == ' ' || r == '\n' }), " ")
}

// Attr is an attribute of an element, "" where it has none.
func Attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// Check asserts what holds for every file.
func Check(t testing.TB, file string) {
	t.Helper()
	root := Parse(t, file)
	sameTree(t, file, root)
	references(t, root)
	alone(t, file, root)
	outline(t, root)
	for _, table := range All(root, "table") {
		Grid(t, table)
	}
}

// sameTree: the markup is well-formed XML, and HTML's rules for mending markup
// move, add and drop no element.
func sameTree(t testing.TB, file string, root *html.Node) {
	t.Helper()
	var want, got []string
	d := xml.NewDecoder(strings.NewReader(file))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err, "well-formed XML")
		switch e := token.(type) {
		case xml.StartElement:
			want = append(want, strings.ToLower(e.Name.Local))
		case xml.EndElement:
			want = append(want, "/"+strings.ToLower(e.Name.Local))
		}
	}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			got = append(got, strings.ToLower(n.Data))
			defer func() { got = append(got, "/"+strings.ToLower(n.Data)) }()
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	walk(root)
	assert.True(t, slices.Equal(want, got), "HTML reads other elements than are written")
}

// references: ids are unique, and what refers to one finds it.
func references(t testing.TB, root *html.Node) {
	t.Helper()
	ids := map[string]bool{}
	for _, n := range All(root, "") {
		if id := Attr(n, "id"); id != "" {
			assert.False(t, ids[id], "id %s stands twice", id)
			ids[id] = true
		}
	}
	for _, n := range All(root, "") {
		for _, a := range n.Attr {
			var to []string
			switch {
			case strings.HasPrefix(a.Key, "aria-labelledby"), a.Key == "aria-describedby":
				to = strings.Fields(a.Val)
				assert.NotEmpty(t, to)
			case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
				to = []string{a.Val[1:]}
			default:
				for _, m := range regexp.MustCompile(`url\(#([^)]*)\)`).FindAllStringSubmatch(a.Val, -1) {
					to = append(to, m[1])
				}
			}
			for _, id := range to {
				assert.True(t, ids[id], "%s %s=%q leads nowhere", n.Data, a.Key, id)
			}
		}
	}
}

// alone: no script, no handler of events, nothing from elsewhere.
func alone(t testing.TB, file string, root *html.Node) {
	t.Helper()
	assert.Contains(t, file, `http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;;`)
	for _, n := range All(root, "") {
		assert.NotContains(t, []string{"script", "link", "iframe", "object", "embed", "base", "form"}, n.Data)
		for _, a := range n.Attr {
			assert.False(t, strings.HasPrefix(a.Key, "on"), "%s has %s", n.Data, a.Key)
			if slices.Contains([]string{"src", "href", "srcset", "data", "poster", "action"}, a.Key) {
				assert.Regexp(t, `^(#|data:)`, a.Val, "%s %s", n.Data, a.Key)
			}
			assert.NotRegexp(t, `(?i)url\(\s*['"]?[^#)'"]|javascript:`, a.Val)
		}
		if n.Data == "style" {
			css := Text(n)
			assert.NotContains(t, css, "@import")
			for _, m := range regexp.MustCompile(`url\(['"]?([a-z]*:?)`).FindAllStringSubmatch(css, -1) {
				assert.Equal(t, "data:", m[1])
			}
		}
	}
}

// outline: a language, a title, one main part, one heading of level 1, first,
// and no level jumped over; a landmark's name is its own.
func outline(t testing.TB, root *html.Node) {
	t.Helper()
	assert.NotEmpty(t, Attr(All(root, "html")[0], "lang"))
	assert.NotEmpty(t, Text(All(All(root, "head")[0], "title")[0]))
	assert.Len(t, All(root, "main"), 1)
	assert.Len(t, All(root, "h1"), 1)
	byID, names, level := map[string]*html.Node{}, map[string]bool{}, 0
	for _, n := range All(root, "") {
		byID[Attr(n, "id")] = n
		if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
			l := int(n.Data[1] - '0')
			assert.LessOrEqual(t, l, level+1, "heading %q jumps over a level", Text(n))
			assert.NotEmpty(t, Text(n))
			level = l
		}
	}
	for _, n := range All(root, "") {
		if n.Data == "section" || Attr(n, "role") == "region" {
			by := byID[Attr(n, "aria-labelledby")]
			if by == nil {
				continue
			}
			name := strings.ToLower(Text(by))
			assert.False(t, names[name], "two landmarks are called %q", name)
			names[name] = true
		}
		if Attr(n, "role") == "img" && n.Data == "svg" {
			assert.NotEmpty(t, Attr(n, "aria-labelledby")+Attr(n, "aria-label"))
		}
		if n.Data == "img" {
			assert.NotEmpty(t, Attr(n, "alt"))
		}
	}
}

// Grid is a table's cells as a spreadsheet lays them out, the head's rows first.
// Every row is of one length, no cell holds more than a line of text, and every
// heading cell says what it heads.
func Grid(t testing.TB, table *html.Node) [][]string {
	t.Helper()
	assert.NotEmpty(t, All(table, "thead"))
	rows := All(table, "tr")
	grid := make([][]string, len(rows))
	taken := map[[2]int]bool{}
	for i, row := range rows {
		j := 0
		for c := range row.ChildNodes() {
			for taken[[2]int{i, j}] {
				grid[i] = append(grid[i], "")
				j++
			}
			span, _ := strconv.Atoi(Attr(c, "rowspan"))
			for k := range span {
				taken[[2]int{i + k, j}] = true
			}
			grid[i] = append(grid[i], Text(c))
			j++
			for _, inside := range All(c, "") {
				assert.Equal(t, "span", inside.Data, "in a cell")
				assert.Equal(t, "n", Attr(inside, "class"), "in a cell")
			}
			if c.Data == "th" {
				assert.Contains(t, []string{"col", "row", "rowgroup"}, Attr(c, "scope"))
				assert.NotEmpty(t, Text(c), "an empty heading cell")
			}
		}
		for taken[[2]int{i, j}] {
			grid[i] = append(grid[i], "")
			j++
		}
		assert.Len(t, grid[i], len(grid[0]), "row %d", i)
	}
	return grid
}
