package statfile

import (
	"bytes"
	"compress/zlib"
	"io"
	"math"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// inflateAllowed bounds what compressed data may become: so much, and so many
// times the size of the file.
const (
	inflateAllowed     = 32 << 20
	inflateAllowedByte = 64
)

// inflate returns the codes of a .zsav: blocks of zlib, listed in a trailer at
// the file's end. The trailer says how large each becomes, and is held to it.
func (f *savFile) inflate() ([]byte, *sheet.Fault) {
	c := &cursor{b: f.src, at: f.data, order: f.order, part: "blocks"}
	header, trailer, size := c.i64(), c.i64(), c.i64()
	if c.fault != nil {
		return nil, c.fault
	}
	end := int64(len(f.src))
	if header != int64(f.data) || trailer < header+24 || size < 24 {
		return nil, damaged("blocks", f.data)
	}
	if trailer > end || size > end-trailer {
		return nil, cut("blocks", trailer, size, max(0, end-trailer))
	}
	c.at = int(trailer)
	c.take(20) // the bias again, 0, and the size of a block
	n := c.i32()
	if n < 0 || size != 24+24*n {
		return nil, damaged("blocks", int(trailer))
	}
	var total int64
	for range n {
		c.take(16)
		plain := c.i32()
		c.take(4)
		if plain < 0 {
			return nil, damaged("blocks", c.at)
		}
		total += plain
	}
	if total > inflateAllowed+inflateAllowedByte*end || total > math.MaxInt {
		return nil, &sheet.Fault{Code: "file-stat-inflated", Args: text.Args{"size": float64(total >> 20)}}
	}
	c.at = int(trailer) + 24
	out := make([]byte, 0, total)
	shift := header // offsets of the stream that would stand in a .sav
	at := header + 24
	for range n {
		plainAt, packedAt, plain, packed := c.i64(), c.i64(), c.i32(), c.i32()
		if plainAt != shift || packedAt != at || packed < 0 || packed > trailer-at {
			return nil, damaged("blocks", c.at)
		}
		r, err := zlib.NewReader(bytes.NewReader(f.src[at : at+packed]))
		if err != nil {
			return nil, damaged("rows", int(at))
		}
		from := len(out)
		out = out[:from+int(plain)]
		if _, err := io.ReadFull(r, out[from:]); err != nil {
			return nil, damaged("rows", int(at))
		}
		// One byte more makes the reader see the end, with its checksum.
		if k, err := r.Read(make([]byte, 1)); k != 0 || err != io.EOF {
			return nil, damaged("rows", int(at))
		}
		shift += plain
		at += packed
	}
	if at != trailer {
		return nil, damaged("blocks", int(at))
	}
	return out, nil
}
