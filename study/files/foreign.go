package files

import (
	"bytes"
	"slices"
	"strings"
)

// foreignFile is the message of a file that people give for a text file, by
// the bytes that it begins with; "" for others.
func foreignFile(src []byte) string {
	for _, f := range []struct{ begins, code string }{
		{"PK\x03\x04", "problem-file-workbook"},
		{"PK\x05\x06", "problem-file-workbook"},
		{"\x09\x00\x04\x00", "problem-file-old-workbook"}, // Excel 2, 3 and 4
		{"\x09\x02\x06\x00", "problem-file-old-workbook"},
		{"\x09\x04\x06\x00", "problem-file-old-workbook"},
		{"ID;PW", "problem-file-sylk"},
		{"\xd0\xcf\x11\xe0", "problem-file-old-workbook"},
		{"%PDF-", "problem-file-pdf"},
		{"HEADER RECORD*******LIB", "problem-file-xport"},
		{sasMagic, "problem-file-sas"},
		{"**COMPRESSED** **COMPRESSED**", "problem-file-cport"},
		{"LIB CONTROL ", "problem-file-cport"},
		{"\x1f\x8b", "problem-file-gzip"},
		{"BZh", "problem-file-compressed"},
		{"\xfd7zXZ\x00", "problem-file-compressed"},
		{"7z\xbc\xaf\x27\x1c", "problem-file-compressed"},
		{"Rar!\x1a\x07", "problem-file-compressed"},
		{"\x28\xb5\x2f\xfd", "problem-file-compressed"},
		{"RDX2\n", "problem-file-r"},
		{"RDX3\n", "problem-file-r"},
		{"RDA2\n", "problem-file-r"},
		{"RDA3\n", "problem-file-r"},
		{"X\n\x00\x00\x00", "problem-file-r"},
		{"B\n\x02\x00\x00\x00", "problem-file-r"},
		{"B\n\x03\x00\x00\x00", "problem-file-r"},
		{"A\n2\n", "problem-file-r"},
		{"A\n3\n", "problem-file-r"},
		{"\x78\xda", "problem-file-compressed"}, // zlib, as compressed Dataset-JSON
		{"MATLAB 5.0 MAT-file", "problem-file-matlab"},
		{"MATLAB 7.3 MAT-file", "problem-file-matlab"},
		{"\x93NUMPY", "problem-file-python"},
		{"\x80\x03", "problem-file-python"}, // pickle
		{"\x80\x04\x95", "problem-file-python"},
		{"\x80\x05\x95", "problem-file-python"},
		{"{\\rtf", "problem-file-rtf"},
		{"PAR1", "problem-file-database"},
		{"ARROW1", "problem-file-database"},
		{"FEA1", "problem-file-database"},
		{"SQLite format 3\x00", "problem-file-database"},
		{"\x89HDF\r\n", "problem-file-database"},
		{"\x00\x01\x00\x00Standard ", "problem-file-database"}, // Access
		{"\x89PNG", "problem-file-picture"},
		{"\xff\xd8\xff", "problem-file-picture"},
		{"GIF8", "problem-file-picture"},
		{"II*\x00", "problem-file-picture"},
		{"MM\x00*", "problem-file-picture"},
	} {
		if bytes.HasPrefix(src, []byte(f.begins)) {
			return f.code
		}
	}
	for _, begins := range []string{"$FL2@(#)", "$FL3@(#)", "PK\x03\x04", "<stata_dta>", "HEADER RECORD*******"} {
		if len(src) > 0 && len(src) < len(begins) && strings.HasPrefix(begins, string(src)) {
			return "problem-file-beginning"
		}
	}
	if bytes.Contains(src[:min(len(src), 500)], []byte("SPSS PORT FILE")) {
		return "problem-file-spss"
	}
	// Stata up to version 7: release, byte order, file type, 0.
	if len(src) > 4 && src[0] >= 102 && src[0] <= 116 && (src[1] == 1 || src[1] == 2) && src[2] == 1 && src[3] == 0 {
		return "problem-file-stata"
	}
	return ""
}

// sasMagic begins SAS data sets and catalogs (sas7bdat, sas7bcat).
const sasMagic = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c\x18\x1f\x10\x11"

// foreignText is the message of a text that is no table of rows and fields.
func foreignText(content string) string {
	s := strings.TrimLeft(content, " \t\r\n")
	head := strings.ToLower(s[:min(len(s), 2000)])
	begins := func(words ...string) bool {
		for _, w := range words {
			if strings.HasPrefix(head, w) {
				return true
			}
		}
		return false
	}
	switch {
	case begins("version https://git-lfs.github.com/", "version https://hawser.github.com/"):
		return "problem-file-lfs"
	case begins("/annex/objects/", "../") && strings.Contains(head, "annex/objects/"):
		return "problem-file-annex"
	case slices.Contains(htmlTags, firstTag(head)), begins("<!--", "<!doctype html"):
		return "problem-file-html"
	case begins("<?xml", "<!doctype", "<odm", "<workbook", "<error", "<svg"):
		if strings.Contains(head, "<html") {
			return "problem-file-html"
		}
		return "problem-file-xml"
	case begins("mime-version:") && strings.Contains(head, "multipart/"):
		return "problem-file-html"
	case looksLikeJSON(head):
		return "problem-file-json"
	}
	return ""
}

// htmlTags are tags that pages begin with, whole ones and what scripts send.
var htmlTags = []string{"html", "head", "body", "table", "tr", "div", "span", "meta", "style", "script", "center", "h1", "h2", "h3", "p", "br",
	"b", "title", "font"}

// firstTag is the name of the tag that a text begins with, "" for other texts.
func firstTag(s string) string {
	name, ok := strings.CutPrefix(s, "<")
	end := strings.IndexAny(name, " \t\r\n/>")
	if !ok || end < 0 {
		return ""
	}
	return name[:end]
}

// looksLikeJSON reports whether a text begins as an object or a list of
// objects, lists or words, which no header does.
func looksLikeJSON(s string) bool {
	if s == "" || s[0] != '{' && s[0] != '[' {
		return false
	}
	rest := strings.TrimLeft(s[1:], " \t\r\n")
	if rest == "" {
		return false
	}
	if s[0] == '{' {
		name := strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz_0123456789")
		return rest[0] == '"' && strings.Contains(rest, ":") || rest[0] == '}' || name != rest && strings.HasPrefix(name, ":")
	}
	if number := strings.TrimLeft(rest, "-0123456789."); number != rest && strings.HasPrefix(strings.TrimSpace(number), ",") {
		return true
	}
	return strings.IndexByte("{[\"", rest[0]) >= 0 || rest[0] == ']' && len(strings.TrimSpace(rest)) == 1
}
