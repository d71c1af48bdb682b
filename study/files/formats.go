package files

import (
	"bytes"
	"io"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/statfile"
	"github.com/trialkit/trialkit/study/internal/workbook"
	"github.com/trialkit/trialkit/study/text"
)

// format is a format that has a reader of its own.
type format struct {
	name string
	is   func(head []byte) bool
	read func(r io.ReaderAt, size int64) ([]sheet.Sheet, error)
}

// formats are tried in this order. Others are texts, or refused by name; see
// foreignFile.
var formats = []format{
	{"spss", statfile.SAV, statfile.ReadSAV},
	{"xlsx", func(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }, workbook.Read},
}

// recognize finds the format of a file by its first bytes; nil: none of them.
func recognize(head []byte) *format {
	for i := range formats {
		if formats[i].is(head) {
			return &formats[i]
		}
	}
	return nil
}

// open reads the sheets of a file that has a reader of its own; a nil format is
// none of these.
func open(r io.ReaderAt, size int64, name string) (*format, []sheet.Sheet, error) {
	head, err := headOf(r, size)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	f := recognize(head)
	if f == nil {
		return nil, nil, nil
	}
	sheets, err := f.read(r, size)
	if err != nil {
		var fault *sheet.Fault
		if errors.As(err, &fault) {
			return nil, nil, Problems{fromFault(name, fault)}
		}
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, sheets, nil
}

// headSize is how many bytes at the beginning of a file tell its format.
const headSize = 4096

func headOf(r io.ReaderAt, size int64) ([]byte, error) {
	head := make([]byte, min(size, headSize))
	if n, err := r.ReadAt(head, 0); n < len(head) && err != nil {
		return nil, err
	}
	return head, nil
}
