package workbook

import (
	"bytes"
	"io"
	"path"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/zipfile"
	"github.com/trialkit/trialkit/study/text"
)

// oleMagic begins compound files: what Office wrote until 2003, and workbooks
// under a password.
const oleMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// Is reports whether a file begins as workbooks do: as a zip file, or as the
// compound file in which Office keeps old workbooks and those under a password.
func Is(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte(oleMagic))
}

// foreign says what a compound file is; nil for a zip file.
func foreign(r io.ReaderAt, size int64) *sheet.Fault {
	head := make([]byte, min(size, int64(len(oleMagic))))
	n, _ := r.ReadAt(head, 0)
	if string(head[:n]) != oleMagic {
		return nil
	}
	return fault(compound(r, size), nil)
}

// compound tells by the names of its streams what a compound file is. A
// directory entry is 128 bytes and begins at a multiple of them; its name is
// UTF-16 with its length in bytes, the closing 0 with it, at byte 64
// (MS-CFB 2.6.1).
func compound(r io.ReaderAt, size int64) string {
	const entry, block = 128, 64 << 10
	streams := []struct{ name, code string }{
		{"EncryptedPackage", "file-workbook-password"},
		{"Workbook", "file-workbook-xls"},
		{"Book", "file-workbook-xls"},
		{"WordDocument", "file-workbook-document"},
		{"PowerPoint Document", "file-workbook-document"},
	}
	found := len(streams)
	buf := make([]byte, block)
	for at := int64(0); at < min(size, 1<<30) && found > 0; at += block {
		n, err := r.ReadAt(buf, at)
		for i := 0; i+entry <= n; i += entry {
			e := buf[i : i+entry]
			if e[1] != 0 || e[0] < 'A' || e[0] > 'Z' || e[65] != 0 || e[64] > 64 {
				continue
			}
			for j, s := range streams[:found] {
				if int(e[64]) == 2*len(s.name)+2 && wide(e, s.name) {
					found = j
					break
				}
			}
		}
		if err != nil {
			break
		}
	}
	if found == len(streams) {
		return "file-workbook-ole"
	}
	return streams[found].code
}

// wide reports whether b begins with a name in UTF-16.
func wide(b []byte, name string) bool {
	for i := range len(name) {
		if b[2*i] != name[i] || b[2*i+1] != 0 {
			return false
		}
	}
	return true
}

// otherZip says what a zip file is that is no workbook of this kind.
func otherZip(z *zipfile.Archive) *sheet.Fault {
	switch {
	case z.Has("xl/workbook.bin"):
		return fault("file-workbook-xlsb", nil)
	case z.Has("word/document.xml"), z.Has("ppt/presentation.xml"):
		return fault("file-workbook-document", nil)
	case z.Has("Index/Document.iwa"), z.Has("Index.zip"):
		return fault("file-workbook-numbers", nil)
	case z.Has("_rels/.rels"):
		return nil
	}
	names := z.Names()
	for _, n := range names {
		if strings.HasPrefix(n, "xl/") || n == "[Content_Types].xml" {
			return fault("file-part-missing", text.Args{"part": "_rels/.rels"})
		}
	}
	short := make([]string, 0, 4)
	for _, n := range names[:min(len(names), 4)] {
		short = append(short, path.Base(n))
	}
	return fault("file-zip-other", text.Args{"parts": text.List(short, 3)})
}
