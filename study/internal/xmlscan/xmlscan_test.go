package xmlscan

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

var spaces = map[string]Space{"urn:a": 1, "urn:b": 2}

// events writes a document's tokens, a text in one piece.
func events(r io.Reader) (string, error) {
	s := New("p.xml", r, spaces)
	var b strings.Builder
	text := ""
	flush := func() {
		if text != "" {
			fmt.Fprintf(&b, "%q ", text)
		}
		text = ""
	}
	for s.Next() {
		switch s.Kind {
		case Start:
			flush()
			fmt.Fprintf(&b, "<%d:%s", s.Space, s.Name)
			for i := range s.Attributes() {
				space, _, name, value := s.Attribute(i)
				fmt.Fprintf(&b, " %d:%s=%q", space, name, value)
			}
			b.WriteString("> ")
		case End:
			flush()
			fmt.Fprintf(&b, "</%d:%s> ", s.Space, s.Name)
		case Text:
			text += string(s.Text())
		}
	}
	return strings.TrimSpace(b.String()), s.Err()
}

func TestTokens(t *testing.T) {
	for src, want := range map[string]string{
		`<a/>`: `<0:a> </0:a>`,
		"\ufeff<?xml version=\"1.0\" encoding=\"UTF-8\" standalone='yes'?>\n<!-- c --><a b='1' c=\"x &amp; 'y'\">t</a>\n<?p?>\n": `<0:a 0:b="1" 0:c="x & 'y'"> "t" </0:a>`,
		`<x:a xmlns:x="urn:a" x:b="1" b="2"><x:c xmlns:x='urn:b'/><x:c/></x:a >`:                                                 `<1:a 0:x="urn:a" 1:b="1" 0:b="2"> <2:c 0:x="urn:b"> </2:c> <1:c> </1:c> </1:a>`,
		`<a xmlns="urn:a"><b xmlns=""><c/></b><d/></a>`:                                                                          `<1:a 0:xmlns="urn:a"> <0:b 0:xmlns=""> <0:c> </0:c> </0:b> <1:d> </1:d> </1:a>`,
		`<a>1 &lt; 2 &#233;&#xE9; ]] <![CDATA[<b>&amp;]]>]] more<!-- x -->.</a>`:                                                 `<0:a> "1 < 2 éé ]] <b>&amp;]] more." </0:a>`,
		"<a b='1\n2\t3&#10;'>x\r\ny\rz<![CDATA[\r\n]]></a>":                                                                      `<0:a 0:b="1 2 3\n"> "x\ny\nz\n" </0:a>`,
		`<à:b xmlns:à="urn:b"/>`: `<2:b 0:à="urn:b"> </2:b>`,
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(src), "by bytes": iotest.OneByteReader(strings.NewReader(src))} {
			got, err := events(r)
			assert.NoError(t, err, "%s: %s", name, src)
			assert.Equal(t, want, got, "%s: %s", name, src)
		}
	}
}

// What is not well-formed is an error however much of it could be read.
func TestFaults(t *testing.T) {
	for code, sources := range map[string][]string{
		"file-xml-cut": {"", " ", "<", "<a", "<a ", "<a b", "<a b=", "<a b='", "<a>", "<a><b/>", "<a></a", "<a>t", "<a>&am", "<a><!", "<a><!-- ", "<a><!-- --", "<a><![CDATA[x]]", "<?xml version='1.0'",
			"<a/", "<a>\xc3", "<!-- only -->", "\xef\xbb\xbf"},
		"file-xml-damaged": {"<a></b>", "</a>", "<a/><b/>", "<a/>t", "t<a/>", "<a b=1/>", "<a b/>", "<a b='1'c='2'/>", "<a b='1' b='2'/>", "<a b='<'/>", "<a>]]></a>", "<a>\x01</a>", "<a>\x00</a>", "<a>\xff</a>",
			"<a>\ufffe</a>", "<a>&#0;</a>", "<a>&#xD800;</a>", "<a>&#x110000;</a>", "<1/>", "<a:/>", "<:a/>", "<a:b:c/>", "<x:a/>", "<a x:b='1'/>", "< a/>", "<a><!-- -- --></a>", "<a><![cdata[]]></a>",
			" <?xml version='1.0'?><a/>", "<a><?xml version='1.0'?></a>", "<?xml version='1.1'?><a/>", "<?xml?x?><a/>", "<a xmlns:x=''/>", "<a/><![CDATA[]]>", "<a\x00/>", "<a / >",
			"<a xmlns:x='urn:a' xmlns:y='urn:a' x:b='1' y:b='2'/>", "<a><? x?></a>", "<?>?><a/>", "<a>\xc3\x28</a>", "<a b='\x02'/>", "<?xml version='1.0' standalone='maybe'?><a/>"},
		"file-xml-doctype":  {"<!DOCTYPE a><a/>", "<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a><!DOCTYPE b></a>"},
		"file-xml-entity":   {"<a>&b;</a>", "<a b='&nbsp;'/>", "<a>&</a>", "<a>& b;</a>", "<a>&;</a>", "<a>&averyveryverylongname;</a>"},
		"file-xml-encoding": {"<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "\xff\xfe<\x00a\x00/\x00>\x00", "\xfe\xff\x00<\x00a\x00/\x00>"},
	} {
		for _, src := range sources {
			for name, r := range map[string]io.Reader{"whole": strings.NewReader(src), "by bytes": iotest.OneByteReader(strings.NewReader(src))} {
				_, err := events(r)
				f, ok := err.(*sheet.Fault)
				if assert.True(t, ok, "%s: %q: %v", name, src, err) {
					assert.Equal(t, code, f.Code, "%s: %q", name, src)
				}
			}
		}
	}
}

func TestLimits(t *testing.T) {
	fault := func(src io.Reader) string {
		_, err := events(src)
		if err == nil {
			return ""
		}
		return err.(*sheet.Fault).Code
	}
	deep := func(n int) io.Reader { return strings.NewReader(strings.Repeat("<a>", n) + strings.Repeat("</a>", n)) }
	assert.Empty(t, fault(deep(MaxDepth)))
	assert.Equal(t, "file-xml-deep", fault(deep(MaxDepth+1)))
	wide := func(n int) io.Reader {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, " a%d=''", i)
		}
		return strings.NewReader("<a" + b.String() + "/>")
	}
	assert.Empty(t, fault(wide(MaxAttributes)))
	assert.Equal(t, "file-xml-attributes", fault(wide(MaxAttributes+1)))
	assert.Empty(t, fault(strings.NewReader("<a>"+strings.Repeat("x", MaxToken)+"</a>")))
	assert.Equal(t, "file-xml-long", fault(strings.NewReader("<a>"+strings.Repeat("x", MaxToken+1)+"</a>")))
	// What never ends is not waited for.
	for _, begin := range []string{"<a>", "<a b='", "<", "<!--", "<a><![CDATA[", "<?p ", "<a "} {
		assert.Equal(t, "file-xml-long", fault(io.MultiReader(strings.NewReader(begin), endless{})), begin)
	}
	broken := errors.New("the disk")
	_, err := events(io.MultiReader(strings.NewReader("<a>"), iotest.ErrReader(broken)))
	assert.Equal(t, broken, err)
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

func TestSkipAndAttributes(t *testing.T) {
	s := New("p", strings.NewReader(`<a xmlns:n="urn:b"><b n:c="1" c="2"><c><b/></c></b><d/></a>`), spaces)
	require.True(t, s.Next())
	require.True(t, s.Next())
	v, ok := s.Attr("c")
	assert.True(t, ok)
	assert.Equal(t, "2", string(v))
	v, ok = s.AttrIn(2, "c")
	assert.True(t, ok)
	assert.Equal(t, "1", string(v))
	_, ok = s.AttrIn(1, "c")
	assert.False(t, ok)
	require.True(t, s.Skip())
	require.True(t, s.Next())
	assert.Equal(t, "d", string(s.Name))
	assert.Equal(t, 2, s.Depth())
	assert.True(t, s.Skip())
	assert.True(t, s.Next())
	assert.False(t, s.Next())
	assert.NoError(t, s.Err())
}

// theirs writes a document's tokens as encoding/xml reads them.
func theirs(src string) (string, error) {
	d := xml.NewDecoder(strings.NewReader(src))
	var b strings.Builder
	text, depth := "", 0
	flush := func() {
		if text != "" {
			fmt.Fprintf(&b, "%q ", text)
		}
		text = ""
	}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return strings.TrimSpace(b.String()), nil
		}
		if err != nil {
			return "", err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			flush()
			depth++
			fmt.Fprintf(&b, "<%d:%s", spaces[tok.Name.Space], tok.Name.Local)
			for _, a := range tok.Attr {
				space := spaces[a.Name.Space]
				if a.Name.Space == "xmlns" {
					space = 0
				}
				fmt.Fprintf(&b, " %d:%s=%q", space, a.Name.Local, a.Value)
			}
			b.WriteString("> ")
		case xml.EndElement:
			flush()
			depth--
			fmt.Fprintf(&b, "</%d:%s> ", spaces[tok.Name.Space], tok.Name.Local)
		case xml.CharData:
			if depth > 0 {
				text += string(tok)
			}
		}
	}
}

// What this scanner takes, encoding/xml takes, and both see the same tokens.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{`<a/>`, "\ufeff<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b='1' c=\"x &amp; y\">t</a>\n", `<x:a xmlns:x="urn:a" x:b="1"><x:c xmlns:x='urn:b'/></x:a>`,
		`<a xmlns="urn:a"><b xmlns=""/><d/></a>`, `<a>1 &lt; 2 &#233;&#xE9; ]] <![CDATA[<b>&amp;]]>]]<!-- x -->.</a>`, "<a b='1'>x\r\ny\rz</a>", "<a>&b;</a>", "<!DOCTYPE a><a/>", "<a><b></a></b>", "<a>é\x01</a>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		got, err := events(strings.NewReader(src))
		small, errSmall := events(iotest.HalfReader(strings.NewReader(src)))
		if got != small || (err == nil) != (errSmall == nil) {
			t.Fatalf("in pieces %q, whole %q", small, got)
		}
		if err != nil {
			if _, ok := err.(*sheet.Fault); !ok {
				t.Fatalf("%v is no fault", err)
			}
			return
		}
		// encoding/xml keeps line ends and tabs of values, and knows names of
		// other scripts by another table.
		for _, r := range src {
			if r >= utf8.RuneSelf && r != '\ufeff' || r == '\t' || r == '\r' || r == '\n' {
				return
			}
		}
		want, err := theirs(strings.TrimPrefix(src, "\ufeff"))
		if err != nil {
			t.Fatalf("%q is taken, but %v", src, err)
		}
		if got != want {
			t.Fatalf("%q\n gives %s\n  not %s", src, got, want)
		}
	})
}
