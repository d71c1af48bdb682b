package bundle

import (
	"bytes"
	"io/fs"
	"path"
	"strings"

	"github.com/andybalholm/brotli"
)

// File is one of the page's.
type File struct {
	Name string
	Data []byte
}

// folderName is the folder for a web server.
const folderName = "trialkit/"

// Served is the file's address below that of the page.
func (f File) Served() string {
	s := strings.TrimPrefix(f.Name, folderName)
	if s == "index.html" {
		return "{$}"
	}
	return s
}

// Type is the file's media type.
func (f File) Type() string {
	switch path.Ext(f.Name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".wasm":
		return "application/wasm"
	}
	return "application/octet-stream"
}

// Files makes the folder trialkit: the page and the program beside it. With whole it
// also makes trialkit.html, the page with the program inside, and with compressed of
// each file of the folder one compressed with brotli, for servers that send those.
func Files(embedded fs.FS, p Program, whole, compressed bool) ([]File, error) {
	page, err := fs.Sub(embedded, "page")
	if err != nil {
		return nil, err
	}
	index, err := Page(page, p, false)
	if err != nil {
		return nil, err
	}
	files := []File{{folderName + "index.html", index}, {folderName + "trialkit.wasm", p.WASM}}
	if !whole {
		return files, nil
	}
	single, err := Page(page, p, true)
	if err != nil {
		return nil, err
	}
	files = append(files, File{"trialkit.html", single})
	for _, f := range files[:2] {
		if !compressed {
			break
		}
		var b bytes.Buffer
		w := brotli.NewWriterOptions(&b, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: 24})
		if _, err := w.Write(f.Data); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		files = append(files, File{f.Name + ".br", b.Bytes()})
	}
	return files, nil
}
