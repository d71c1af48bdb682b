// Package zipfile opens the zip files that workbooks are, under one policy of
// limits: how many parts there may be, and how large a part and all of them
// may become, absolutely and beside the bytes that are there. A small file of
// bad intent is refused before it costs time or memory, and whatever is damaged
// is an error, never a shorter part. Source: APPNOTE.TXT of PKWARE.
package zipfile

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/xmlscan"
	"github.com/trialkit/trialkit/study/text"
)

// Limits of one file. A part of n bytes may expand to Room + Ratio·n, and all
// parts of a file of n bytes to twice that. Sheets of workbooks expand to
// between 5 and 20 times their size, sheets of one number repeated to 60 times;
// a bomb of the compression's own best expands to 1,000 times.
const (
	MaxParts     = 10_000
	MaxDirectory = 4 << 20 // bytes of the list of parts
	Room         = 16 << 20
	Ratio        = 100
	MaxPart      = 1 << 30
	MaxAll       = 2<<30 - 1
)

// Archive is an open zip file.
type Archive struct {
	size  int64
	left  int64 // bytes that may still be expanded
	most  int64
	names []string
	parts map[string]*zip.File
}

// Open reads the list of parts.
func Open(r io.ReaderAt, size int64) (*Archive, error) {
	limited := &directory{r: r, left: MaxDirectory}
	z, err := zip.NewReader(limited, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		if limited.left < 0 {
			return nil, fault("file-zip-parts", text.Args{"limit": MaxParts})
		}
		return nil, fault("file-zip-damaged", text.Args{"detail": strings.TrimPrefix(err.Error(), "zip: ")})
	}
	if len(z.File) > MaxParts {
		return nil, fault("file-zip-parts", text.Args{"limit": MaxParts})
	}
	limited.open = true
	a := &Archive{size: size, parts: make(map[string]*zip.File, len(z.File))}
	a.most = min(MaxAll, 2*(Room+Ratio*min(size, MaxAll/Ratio)))
	a.left = a.most
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		name := clean(f.Name)
		if a.parts[strings.ToLower(name)] != nil {
			return nil, fault("file-zip-twice", text.Args{"part": name})
		}
		a.parts[strings.ToLower(name)] = f
		a.names = append(a.names, name)
	}
	return a, nil
}

// clean is the name of a part without what writers vary: a slash before it, and
// backslashes.
func clean(name string) string {
	return strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, "\\", "/")), "/")
}

// Names lists the parts in the file's order.
func (a *Archive) Names() []string { return a.names }

// Has reports whether there is a part. Names of parts do not tell capitals.
func (a *Archive) Has(name string) bool { return a.parts[strings.ToLower(clean(name))] != nil }

// Open opens a part. Reading fails where the part is damaged or becomes larger
// than it may; the end of a part that was read whole is io.EOF.
func (a *Archive) Open(name string) (io.Reader, error) {
	f := a.parts[strings.ToLower(clean(name))]
	if f == nil {
		return nil, fault("file-part-missing", text.Args{"part": name})
	}
	name = clean(f.Name)
	if f.Flags&1 != 0 {
		return nil, fault("file-zip-password", text.Args{"part": name})
	}
	p := &part{a: a, name: name}
	p.bytes = min(int64(min(f.CompressedSize64, MaxPart)), a.size)
	p.most = min(MaxPart, Room+Ratio*min(p.bytes, MaxPart/Ratio))
	p.left = p.most
	if f.UncompressedSize64 > uint64(p.most) {
		return nil, p.large()
	}
	r, err := f.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return nil, fault("file-zip-method", text.Args{"part": name, "method": int(f.Method)})
	}
	if err != nil {
		return nil, p.damaged(err)
	}
	p.r = r
	return p, nil
}

// XML opens a part as XML.
func (a *Archive) XML(name string, spaces map[string]xmlscan.Space) (*xmlscan.Scanner, error) {
	r, err := a.Open(name)
	if err != nil {
		return nil, err
	}
	return xmlscan.New(clean(name), r, spaces), nil
}

// part reads one part.
type part struct {
	a                 *Archive
	r                 io.ReadCloser
	name              string
	bytes, most, left int64
	err               error
}

func (p *part) Read(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	n, err := p.r.Read(b)
	p.left -= int64(n)
	p.a.left -= int64(n)
	switch {
	case p.left < 0:
		p.err = p.large()
	case p.a.left < 0:
		p.err = fault("file-parts-large", text.Args{"mib": int(p.a.most >> 20), "bytes": p.a.size})
	case err == nil:
		return n, nil
	case err == io.EOF:
		p.err = err
		return n, p.r.Close() // which gives back what unpacking needs
	default:
		p.err = p.damaged(err)
	}
	return 0, p.err
}

func (p *part) large() error {
	return fault("file-part-large", text.Args{"part": p.name, "mib": int(p.most >> 20), "bytes": p.bytes})
}

func (p *part) damaged(err error) error {
	return fault("file-part-damaged", text.Args{"part": p.name, "detail": strings.TrimPrefix(err.Error(), "zip: ")})
}

func fault(code string, args text.Args) *sheet.Fault { return &sheet.Fault{Code: code, Args: args} }

// directory bounds what may be read for the list of parts.
type directory struct {
	r    io.ReaderAt
	left int64
	open bool
}

func (d *directory) ReadAt(b []byte, at int64) (int, error) {
	if !d.open {
		if d.left -= int64(len(b)); d.left < 0 {
			return 0, fmt.Errorf("the list of parts is longer than %d bytes", MaxDirectory)
		}
	}
	return d.r.ReadAt(b, at)
}
