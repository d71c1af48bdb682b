package files

import (
	"io"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// format is a format that has a reader of its own.
type format struct {
	name string
	is   func(head []byte) bool
	read func(r io.ReaderAt, size int64) ([]sheet.Sheet, error)
}

// formats are tried in this order. Others are texts, or refused by name; see
// foreignFile.
var formats = []format{}

// recognize finds the format of a file by its first bytes; nil: none of them.
func recognize(head []byte) *format {
	for i := range formats {
		if formats[i].is(head) {
			return &formats[i]
		}
	}
	return nil
}

// choose makes the table of the sheet that is stated, or of the only one with
// data.
func choose(file, format string, sheets []sheet.Sheet, o Options) (*Table, error) {
	return fromSheet(file, format, &sheets[0], o.Header)
}
