package datasetjson

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// A compressed file of n bytes may expand to Room + Ratio·n. Files of trials
// expand to between 5 and 30 times their size, a bomb to 1,000 times.
const (
	Room  = 32 << 20
	Ratio = 50
)

// compressed reports whether a file begins as a stream of zlib in which JSON is:
// that is how the specification says it. The files that CDISC publishes with it
// are streams of gzip.
func compressed(head []byte) bool {
	z, err := inflate(bytes.NewReader(head))
	if err != nil {
		return false
	}
	first := make([]byte, 4096)
	n, _ := io.ReadFull(z, first) // the head cuts the stream
	return begins(first[:n])
}

// inflate unpacks a stream of zlib or gzip.
func inflate(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	magic, err := b.Peek(2)
	if err != nil {
		return nil, err
	}
	if string(magic) == "\x1f\x8b" {
		return gzip.NewReader(b)
	}
	return zlib.NewReader(b)
}

// unpack returns the text in a compressed file. It goes over the stream twice:
// the first time nothing is kept, so that neither a bomb nor a damaged file costs
// memory.
func unpack(r io.ReaderAt, size int64) (string, error) {
	most := int64(min(Room+Ratio*size, 1<<31-2))
	n, err := expand(io.Discard, r, size, most)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.Grow(int(n))
	_, err = expand(&b, r, size, most)
	return b.String(), err
}

func expand(to io.Writer, r io.ReaderAt, size, most int64) (int64, error) {
	in := &source{SectionReader: io.NewSectionReader(r, 0, size)}
	z, err := inflate(in)
	var n int64
	if err == nil {
		n, err = io.Copy(to, io.LimitReader(z, most+1))
	}
	switch {
	case in.err != nil:
		return 0, in.err
	case n > most:
		return 0, &sheet.Fault{Code: "file-json-inflated", Args: text.Args{"mib": most >> 20, "bytes": size}}
	case err != nil:
		return 0, &sheet.Fault{Code: "file-json-packed", Args: text.Args{"detail": err.Error()}}
	}
	return n, nil
}

// source keeps the error of the file itself, which is not the stream's.
type source struct {
	*io.SectionReader
	err error
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.SectionReader.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
