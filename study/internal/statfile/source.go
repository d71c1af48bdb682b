package statfile

import (
	"encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// readWhole reads a file of a format, which its faults name.
func readWhole(format string, r io.ReaderAt, size int64, parse func(src []byte) ([]sheet.Sheet, *sheet.Fault)) ([]sheet.Sheet, error) {
	src, err := load(r, size)
	if err == nil {
		var sheets []sheet.Sheet
		var fault *sheet.Fault
		if sheets, fault = parse(src); fault == nil {
			return sheets, nil
		}
		err = fault
	}
	var fault *sheet.Fault
	if errors.As(err, &fault) {
		const of = "file-stat-format-"
		fault.Args["format"] = text.Phrase{Code: of + format}
	}
	return nil, err
}

// load holds the whole file in memory: no format here says where its rows are
// before its end has been seen.
func load(r io.ReaderAt, size int64) ([]byte, error) {
	if size < 0 || size > math.MaxInt-1 {
		return nil, &sheet.Fault{Code: "file-stat-memory", Args: text.Args{"size": float64(size >> 20)}}
	}
	b := make([]byte, int(size))
	n, err := r.ReadAt(b, 0)
	if n < len(b) {
		if err == nil || errors.Is(err, io.EOF) {
			return nil, cut("header", int64(n), size-int64(n), 0)
		}
		return nil, err
	}
	return b, nil
}

// part is a piece of a file in the words of the catalog.
func part(name string) text.Phrase {
	const of = "file-stat-part-"
	return text.Phrase{Code: of + name}
}

// cut is the fault of a file that ends within one of its parts.
func cut(name string, at, need, left int64) *sheet.Fault {
	return &sheet.Fault{Code: "file-stat-cut", Args: text.Args{"part": part(name), "at": at, "need": need, "left": left}}
}

// damaged is the fault of a part that cannot be right.
func damaged(name string, at int) *sheet.Fault {
	return &sheet.Fault{Code: "file-stat-damaged", Args: text.Args{"part": part(name), "at": at}}
}

// cursor walks through the bytes of a file. The first fault stays: what is
// read behind it is zero, and every loop over a count asks for it.
type cursor struct {
	b     []byte
	at    int
	order binary.ByteOrder
	part  string // what is being read
	fault *sheet.Fault
}

// take returns the next n bytes, nil if there are fewer.
func (c *cursor) take(n int64) []byte {
	if c.fault != nil {
		return nil
	}
	if left := int64(len(c.b) - c.at); n < 0 || n > left {
		if n < 0 {
			c.damage()
		} else {
			c.fault = cut(c.part, int64(c.at), n, left)
		}
		return nil
	}
	b := c.b[c.at : c.at+int(n)]
	c.at += int(n)
	return b
}

// damage marks what was read last as impossible.
func (c *cursor) damage() {
	if c.fault == nil {
		c.fault = damaged(c.part, c.at)
	}
}

func (c *cursor) u8() uint8 {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) u16() uint16 {
	if b := c.take(2); b != nil {
		return c.order.Uint16(b)
	}
	return 0
}

func (c *cursor) u32() uint32 {
	if b := c.take(4); b != nil {
		return c.order.Uint32(b)
	}
	return 0
}

func (c *cursor) u64() uint64 {
	if b := c.take(8); b != nil {
		return c.order.Uint64(b)
	}
	return 0
}

func (c *cursor) i32() int64   { return int64(int32(c.u32())) }
func (c *cursor) i64() int64   { return int64(c.u64()) }
func (c *cursor) f64() float64 { return math.Float64frombits(c.u64()) }
