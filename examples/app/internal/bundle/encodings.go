package bundle

import (
	"os"
	"path/filepath"
)

// browserEncodings copies the module of character sets, and has the browser's own
// TextDecoder read those of Chinese, Japanese and Korean files, whose tables would be a
// twentieth of the program. Both follow the same standard (encoding.spec.whatwg.org).
func browserEncodings(from, to string) error {
	for _, name := range []string{"encoding", "transform", "unicode/norm"} {
		if err := os.CopyFS(filepath.Join(to, filepath.FromSlash(name)), os.DirFS(filepath.Join(from, filepath.FromSlash(name)))); err != nil {
			return err
		}
	}
	if err := copyFile(filepath.Join(from, "go.mod"), filepath.Join(to, "go.mod")); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(to, "encoding", "internal", "browser", "browser.go"), []byte(browserSource)); err != nil {
		return err
	}
	for _, p := range []struct {
		name string
		sets [][2]string
	}{
		{"japanese", [][2]string{{"ShiftJIS", "shift_jis"}, {"EUCJP", "euc-jp"}}},
		{"korean", [][2]string{{"EUCKR", "euc-kr"}}},
		{"simplifiedchinese", [][2]string{{"GBK", "gbk"}, {"GB18030", "gb18030"}}},
		{"traditionalchinese", [][2]string{{"Big5", "big5"}}},
	} {
		folder := filepath.Join(to, "encoding", p.name)
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
		src := "package " + p.name + "\n\nimport (\n\t\"golang.org/x/text/encoding\"\n\t\"golang.org/x/text/encoding/internal/browser\"\n)\n\n"
		for _, s := range p.sets {
			src += "var " + s[0] + " encoding.Encoding = browser.Encoding(\"" + s[1] + "\")\n"
		}
		if err := writeFile(filepath.Join(folder, "browser.go"), []byte(src)); err != nil {
			return err
		}
	}
	return nil
}

// browserSource is the package that asks the browser. It decodes whole texts alone,
// which is what the readers of files do.
const browserSource = `package browser

import (
	"errors"
	"syscall/js"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

type Encoding string

func (e Encoding) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: decoder{name: string(e)}}
}

func (e Encoding) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: encoder{}}
}

type decoder struct {
	transform.NopResetter
	name string
}

func (d decoder) Transform(dst, src []byte, atEOF bool) (int, int, error) {
	if !atEOF {
		return 0, 0, transform.ErrShortSrc
	}
	bytes := js.Global().Get("Uint8Array").New(len(src))
	js.CopyBytesToJS(bytes, src)
	text := js.Global().Get("TextDecoder").New(d.name).Call("decode", bytes).String()
	if len(text) > len(dst) {
		return 0, 0, transform.ErrShortDst
	}
	return copy(dst, text), len(src), nil
}

type encoder struct{ transform.NopResetter }

var errEncode = errors.New("encoding: the browser does not encode")

func (encoder) Transform(dst, src []byte, atEOF bool) (int, int, error) { return 0, 0, errEncode }
`
