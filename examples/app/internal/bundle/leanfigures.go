package bundle

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// withoutGoFonts copies the module that sets LaTeX for gonum/plot, which no figure
// asks for, and has it name faces that are in the program anyway.
func withoutGoFonts(from, to string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	name := filepath.Join(to, "font", "ttf", "ttf.go")
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	src := string(b)
	for _, face := range []string{"regular", "italic", "bold", "bolditalic"} {
		old := "\t\"golang.org/x/image/font/gofont/go" + face + "\"\n"
		if !strings.Contains(src, old) {
			return fmt.Errorf("%s does not import go%s", name, face)
		}
		src = strings.Replace(src, old, "\tgo"+face+" \""+fontsModule+"/liberationsans"+face+"\"\n", 1)
	}
	if err := os.Chmod(name, 0o644); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(src), 0o644)
}

// withoutPDF copies of the module that writes PDF files what cuts fonts for SVG, since
// the page gives no figure as PDF; who asks for one all the same is told so.
func withoutPDF(from, to string) error {
	for _, name := range []string{"go.mod", "LICENSE", "utf8fontfile.go"} {
		if err := copyFile(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return writeFile(filepath.Join(to, "refused.go"), []byte(refusedPDF))
}

// refusedPDF has what plot/internal/render calls, and an error instead of a document.
const refusedPDF = `package fpdf

import (
	"errors"
	"io"
	"time"
)

type (
	Fpdf          struct{}
	InitType      struct {
		UnitStr, OrientationStr string
		Size                    SizeType
	}
	SizeType      struct{ Wd, Ht float64 }
	ImageOptions  struct{ ImageType string }
	ImageInfoType struct{}
	fontBoxType   struct{ Xmin, Ymin, Xmax, Ymax int }
)

func NewCustom(*InitType) *Fpdf { return &Fpdf{} }

func (*Fpdf) Output(io.Writer) error { return errors.New("the page in the browser writes no PDF") }

func (*Fpdf) AddPage()                                           {}
func (*Fpdf) AddUTF8FontFromBytes(family, style string, b []byte) {}
func (*Fpdf) RawWriteBuf(io.Reader)                              {}
func (*Fpdf) SetAlpha(float64, string)                           {}
func (*Fpdf) SetAutoPageBreak(bool, float64)                     {}
func (*Fpdf) SetCatalogSort(bool)                                {}
func (*Fpdf) SetCreationDate(time.Time)                          {}
func (*Fpdf) SetError(error)                                     {}
func (*Fpdf) SetFont(family, style string, size float64)         {}
func (*Fpdf) SetLang(string)                                     {}
func (*Fpdf) SetLineJoinStyle(string)                            {}
func (*Fpdf) SetMargins(left, top, right float64)                {}
func (*Fpdf) SetModificationDate(time.Time)                      {}
func (*Fpdf) SetProducer(string, bool)                           {}
func (*Fpdf) SetSubject(string, bool)                            {}
func (*Fpdf) SetTitle(string, bool)                              {}
func (*Fpdf) Text(x, y float64, s string)                        {}
func (*Fpdf) TransformBegin()                                    {}
func (*Fpdf) TransformEnd()                                      {}
func (*Fpdf) TransformRotate(angle, x, y float64)                {}

func (*Fpdf) ImageOptions(name string, x, y, w, h float64, flow bool, o ImageOptions, link int, url string) {}
func (*Fpdf) RegisterImageOptionsReader(string, ImageOptions, io.Reader) *ImageInfoType { return nil }
`
