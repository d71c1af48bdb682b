package statfile

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"strconv"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// DTA reports whether a file begins as a Stata file does, of format 113 to 115
// or 117 and later.
func DTA(head []byte) bool {
	return bytes.HasPrefix(head, []byte("<stata_dta>")) ||
		len(head) > 4 && head[0] >= 113 && head[0] <= 115 && (head[1] == 1 || head[1] == 2) && head[2] == 1 && head[3] == 0
}

// dtaFile is a Stata file taken apart, its texts as the file writes them.
type dtaFile struct {
	release int
	order   binary.ByteOrder
	vars    []dtaVariable
	rows    int
	size    int // of a row
	at      int // where the rows begin
	data    []byte
	long    []dtaLong
	bits    int                 // of the variable, where a cell names a long text
	sets    map[string]dtaWords // words of values, by name
	words   int64               // bytes of all words
}

// dtaVariable is a variable. What is no text of a fixed length is a number or a
// long text by its kind.
type dtaVariable struct {
	name, label, format, set []byte
	kind                     byte // a dtaByte and so on
	at, size                 int  // in a row
}

// Kinds of variables.
const (
	dtaText = iota
	dtaLongText
	dtaByte
	dtaInt
	dtaLongInt
	dtaFloat
	dtaDouble
)

// dtaLong is a long text, by variable and observation of its first use.
type dtaLong struct {
	variable, observation uint64
	content               []byte
	binary                bool
}

// dtaWords are the words of values, and apart from them those of missing ones.
type dtaWords struct{ values, missing []dtaLabel }

// dtaLabel is the word of a value.
type dtaLabel struct {
	value int32
	word  []byte
}

// ReadDTA reads a Stata file of format 113 to 115 or 117 to 119. A missing value
// with a letter is a Missing cell, the single dot an empty one. A float is the
// shortest decimal of a float32.
func ReadDTA(r io.ReaderAt, size int64) ([]sheet.Sheet, error) {
	return readWhole("stata", r, size, func(src []byte) ([]sheet.Sheet, *sheet.Fault) {
		f := &dtaFile{order: binary.LittleEndian, sets: map[string]dtaWords{}}
		c := &cursor{b: src, order: f.order, part: "header"}
		if bytes.HasPrefix(src, []byte("<stata_dta>")) {
			f.tagged(c)
		} else {
			f.old(c)
		}
		if c.fault != nil {
			return nil, c.fault
		}
		s, fault := f.sheet()
		if fault != nil {
			return nil, fault
		}
		return []sheet.Sheet{*s}, nil
	})
}

// old reads format 113, 114 or 115.
func (f *dtaFile) old(c *cursor) {
	head := c.take(109)
	if head == nil {
		return
	}
	f.release = int(head[0])
	if head[1] == 1 {
		f.order = binary.BigEndian
	}
	c.order, c.at = f.order, 4
	k, n := int64(c.u16()), int64(c.u32())
	c.at = 109
	format := int64(49)
	if f.release == 113 {
		format = 12
	}
	c.part = "variable"
	types := c.take(k)
	names := c.take(33 * k)
	c.take(2 * (k + 1)) // how it is sorted
	formats, sets, labels := c.take(format*k), c.take(33*k), c.take(81*k)
	if c.fault != nil {
		return
	}
	for i := range int(k) {
		v := dtaVariable{name: field(names, i, 33), format: field(formats, i, int(format)), set: field(sets, i, 33), label: field(labels, i, 81)}
		switch t := types[i]; {
		case t >= 1 && t <= 244:
			v.size = int(t)
		case t >= 251:
			v.kind = dtaByte + t - 251
		default:
			c.damage()
		}
		f.add(v)
	}
	// Characteristics: a kind, a length and so many bytes; the last is of kind 0.
	c.part = "dictionary"
	for c.fault == nil {
		kind, size := c.u8(), c.i32()
		c.take(size)
		if kind == 0 {
			break
		}
	}
	f.take(c, n)
	c.part = "labels"
	for c.fault == nil && c.at < len(c.b) {
		f.labelSet(c, 33)
	}
}

// add places a variable behind those before it.
func (f *dtaFile) add(v dtaVariable) {
	switch v.kind {
	case dtaByte:
		v.size = 1
	case dtaInt:
		v.size = 2
	case dtaLongInt, dtaFloat:
		v.size = 4
	case dtaDouble, dtaLongText:
		v.size = 8
	}
	v.at = f.size
	f.size += v.size
	f.vars = append(f.vars, v)
}

// field is the text that stands in one of many fields of the same size, up to
// the zero that ends it.
func field(b []byte, i, size int) []byte { return untilZero(b[i*size : (i+1)*size]) }

func untilZero(b []byte) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return b[:i]
	}
	return b
}

// take takes the data.
func (f *dtaFile) take(c *cursor, n int64) {
	c.part = "rows"
	if c.fault != nil {
		return
	}
	left := int64(len(c.b) - c.at)
	switch size := int64(f.size); {
	case n < 0 || size == 0 && n > 0:
		c.damage()
	case size > 0 && n > left/size:
		need := int64(math.MaxInt64)
		if n < need/size {
			need = n * size
		}
		c.fault = cut("rows", int64(c.at), need, left)
	default:
		f.rows, f.at = int(n), c.at
		f.data = c.take(n * size)
	}
}

// tag takes a tag, or whatever else must stand here.
func (c *cursor) tag(want string) {
	at := c.at
	if b := c.take(int64(len(want))); b != nil && string(b) != want {
		c.at = at
		c.damage()
	}
}

// is takes a tag if it stands here.
func (c *cursor) is(tag string) bool {
	if c.fault != nil || !bytes.HasPrefix(c.b[c.at:], []byte(tag)) {
		return false
	}
	c.at += len(tag)
	return true
}

// tagged reads a format from 117 on. The map that tells where its parts begin
// is not needed: they stand one behind the other.
func (f *dtaFile) tagged(c *cursor) {
	c.tag("<stata_dta><header><release>")
	release := c.take(3)
	c.tag("</release><byteorder>")
	order := string(c.take(3))
	c.tag("</byteorder><K>")
	if c.fault != nil {
		return
	}
	f.release, _ = strconv.Atoi(string(release))
	if f.release < 117 || f.release > 119 {
		c.damage()
		if f.release >= 100 {
			c.fault = &sheet.Fault{Code: "file-stat-release", Args: text.Args{"release": f.release}}
		}
		return
	}
	switch order {
	case "LSF":
	case "MSF":
		f.order = binary.BigEndian
	default:
		c.damage()
	}
	c.order = f.order
	// The sizes of what the formats write differently.
	name, format, label, sorted := int64(129), int64(57), int64(321), int64(2)
	k, n, about := int64(0), int64(0), int64(0)
	f.bits = 16
	if f.release == 119 {
		sorted, k, f.bits = 4, int64(c.u32()), 24
	} else {
		k = int64(c.u16())
	}
	c.tag("</K><N>")
	if f.release == 117 {
		name, format, label, n, f.bits = 33, 49, 81, int64(c.u32()), 32
	} else {
		n = c.i64()
	}
	c.tag("</N><label>")
	if f.release == 117 {
		about = int64(c.u8())
	} else {
		about = int64(c.u16())
	}
	c.take(about)
	c.tag("</label><timestamp>")
	c.take(int64(c.u8()))
	c.tag("</timestamp></header><map>")
	c.take(14 * 8)
	c.part = "variable"
	c.tag("</map><variable_types>")
	types := c.take(2 * k)
	c.tag("</variable_types><varnames>")
	names := c.take(name * k)
	c.tag("</varnames><sortlist>")
	c.take(sorted * (k + 1))
	c.tag("</sortlist><formats>")
	formats := c.take(format * k)
	c.tag("</formats><value_label_names>")
	sets := c.take(name * k)
	c.tag("</value_label_names><variable_labels>")
	labels := c.take(label * k)
	c.tag("</variable_labels><characteristics>")
	if c.fault != nil {
		return
	}
	for i := range int(k) {
		v := dtaVariable{name: field(names, i, int(name)), format: field(formats, i, int(format)), set: field(sets, i, int(name)), label: field(labels, i, int(label))}
		switch t := f.order.Uint16(types[2*i:]); {
		case t >= 1 && t <= 2045:
			v.size = int(t)
		case t == 32768:
			v.kind = dtaLongText
		case t >= 65526 && t <= 65530: // from double down to byte
			v.kind = byte(dtaByte + 65530 - t)
		default:
			c.damage()
		}
		f.add(v)
	}
	c.part = "dictionary"
	for c.is("<ch>") {
		c.take(c.i32())
		c.tag("</ch>")
	}
	c.tag("</characteristics><data>")
	f.take(c, n)
	c.tag("</data><strls>")
	c.part = "texts"
	for c.is("GSO") {
		f.longText(c)
	}
	c.tag("</strls><value_labels>")
	c.part = "labels"
	for c.is("<lbl>") {
		f.labelSet(c, name)
		c.tag("</lbl>")
	}
	c.tag("</value_labels></stata_dta>")
}

// longText reads a text of which cells have but the place.
func (f *dtaFile) longText(c *cursor) {
	t := dtaLong{variable: uint64(c.u32())}
	if f.release == 117 {
		t.observation = uint64(c.u32())
	} else {
		t.observation = c.u64()
	}
	switch c.u8() {
	case 129: // as it is
		t.content, t.binary = c.take(int64(c.u32())), true
	case 130: // with a zero behind it
		t.content = untilZero(c.take(int64(c.u32())))
	default:
		c.damage()
	}
	f.long = append(f.long, t)
}

// labelSet reads the words of values that columns share by a name.
func (f *dtaFile) labelSet(c *cursor, nameSize int64) {
	size := c.i32()
	name := string(untilZero(c.take(nameSize)))
	c.take(3)
	at := c.at
	in := &cursor{b: c.take(size), order: f.order, part: c.part}
	n, bytes := in.i32(), in.i32()
	if c.fault != nil || in.fault != nil || n < 0 || bytes < 0 || n > (size-8)/8 || bytes > size-8-8*n {
		c.at = at
		c.damage()
		return
	}
	offsets, values, words := in.take(4*n), in.take(4*n), in.take(bytes)
	var set dtaWords
	for i := range int(n) {
		offset := int64(int32(f.order.Uint32(offsets[4*i:])))
		if offset < 0 || offset > bytes {
			c.damage()
			return
		}
		l := dtaLabel{int32(f.order.Uint32(values[4*i:])), untilZero(words[offset:])}
		// Words may stand in one another, but not so that they outgrow the file.
		if f.words += int64(len(l.word)); f.words > int64(len(c.b)) {
			c.damage()
			return
		}
		if l.value >= firstMissing {
			set.missing = append(set.missing, l)
		} else {
			set.values = append(set.values, l)
		}
	}
	f.sets[name] = set
}
