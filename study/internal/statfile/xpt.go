package statfile

import (
	"bytes"
	"encoding/binary"
	"io"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// XPT reports whether a file begins as a SAS transport file does, of version 5
// or 8.
func XPT(head []byte) bool {
	return bytes.HasPrefix(head, xptHeader("LIBRARY")) || bytes.HasPrefix(head, xptHeader("LIBV8"))
}

const xptRecord = 80 // a file is records of so many bytes

// xptHeader is how the header record of a part begins.
func xptHeader(part string) []byte {
	return []byte("HEADER RECORD*******" + (part + "        ")[:8] + "HEADER RECORD!!!!!!!")
}

// xptMember is a data set of a transport file, its texts as the file writes them.
type xptMember struct {
	name   []byte
	vars   []xptVariable
	size   int    // of a row
	data   []byte // its rows, and what fills the last record
	at     int    // where they begin
	stated int64  // the number of rows, −1 where the file does not say
	rows   int
	blank  int // rows of blanks behind the last, which may be what fills it
}

// xptVariable is a variable of a member.
type xptVariable struct {
	name, label []byte
	number      int // the variable's own
	format      string
	text        bool
	at, size    int // in a row
}

// ReadXPT reads a SAS transport file, a sheet a member. A special missing value
// is a Missing cell with its letter, and the single dot an empty one. Numbers
// are the shortest decimals that are stored as the bytes that are there.
func ReadXPT(r io.ReaderAt, size int64) ([]sheet.Sheet, error) {
	return readWhole("xport", r, size, func(src []byte) ([]sheet.Sheet, *sheet.Fault) {
		members, fault := xptMembers(src)
		if fault != nil {
			return nil, fault
		}
		// No member states the encoding of its texts: they are UTF-8 if all are.
		sheets, found, fault := xptSheets(members, utf8Set)
		set := utf8Set
		if fault == nil && !found.isUTF8() {
			set = latin()
			sheets, found, fault = xptSheets(members, set)
		}
		for i := range sheets {
			sheets[i].Encoding = set.name
			sheets[i].Notes = append(sheets[i].Notes, encodingNotes(set, found, true)...)
		}
		return sheets, fault
	})
}

// xptMembers finds the members and counts their rows.
func xptMembers(src []byte) ([]xptMember, *sheet.Fault) {
	c := &cursor{b: src, order: binary.BigEndian, part: "header"}
	c.take(3 * xptRecord)
	var members []xptMember
	for c.fault == nil && (members == nil || c.at < len(src)) {
		members = append(members, xptMember{stated: -1})
		members[len(members)-1].read(c)
	}
	names := map[string]bool{}
	for _, m := range members {
		// One of two members of the same name could never be asked for.
		if names[string(m.name)] && c.fault == nil {
			c.fault = damaged("header", m.at)
		}
		names[string(m.name)] = true
	}
	return members, c.fault
}

// record takes a header record and returns what stands behind its name.
func (c *cursor) record(names ...string) (name string, rest []byte) {
	at := c.at
	b := c.take(xptRecord)
	if b == nil {
		return "", nil
	}
	for _, name := range names {
		if bytes.HasPrefix(b, xptHeader(name)) {
			return name, b[48:]
		}
	}
	c.at = at
	c.damage()
	return "", nil
}

// fill skips what fills the last record of a part.
func (c *cursor) fill() { c.take(int64((xptRecord - c.at%xptRecord) % xptRecord)) }

// read reads a member up to the end of its rows.
func (m *xptMember) read(c *cursor) {
	c.part = "header"
	_, rest := c.record("MEMBER", "MEMBV8")
	stride := int64(140)
	switch {
	case rest == nil:
		return
	case string(rest[26:30]) == "0136": // written under VMS
		stride = 136
	case string(rest[26:30]) != "0140":
		c.damage()
		return
	}
	kind, _ := c.record("DSCRPTR", "DSCPTV8")
	about := c.take(2 * xptRecord)
	kind2, rest := c.record("NAMESTR", "NAMSTV8")
	if about == nil || rest == nil {
		return
	}
	width := 8
	if kind == "DSCPTV8" {
		width = 32
	}
	m.name = trimmed(about[8 : 8+width])
	c.part = "variable"
	for _, b := range c.several(stride, rest[4:10], rest[6:12]) {
		m.vars = append(m.vars, xptNamestr(b, kind2 == "NAMSTV8"))
	}
	if c.fault == nil && kind2 == "NAMSTV8" && (bytes.HasPrefix(c.b[c.at:], xptHeader("LABELV8")) || bytes.HasPrefix(c.b[c.at:], xptHeader("LABELV9"))) {
		m.longLabels(c)
	}
	c.part = "header"
	kind, rest = c.record("OBS", "OBSV8")
	if c.fault == nil && kind == "OBSV8" {
		m.count(c, rest)
	}
	if c.fault == nil {
		m.layOut(c)
	}
	if c.fault == nil {
		m.findRows(c)
	}
}

// several takes the descriptions of a member's variables. Their number is read
// as the places tell that writers put it in: the first behind which a header
// record follows, as it must.
func (c *cursor) several(size int64, places ...[]byte) [][]byte {
	at := c.at
	var first *sheet.Fault
	for _, place := range places {
		c.at, c.fault = at, nil
		n, err := strconv.Atoi(strings.TrimSpace(string(place)))
		if err != nil || n < 0 {
			c.damage()
		}
		b := c.take(int64(n) * size)
		c.fill()
		if c.fault == nil && bytes.HasPrefix(c.b[c.at:], []byte("HEADER RECORD*******")) {
			out := make([][]byte, n)
			for i := range out {
				out[i] = b[i*int(size) : (i+1)*int(size)]
			}
			return out
		}
		c.damage()
		if first == nil {
			first = c.fault
		}
	}
	c.fault = first
	return nil
}

// xptNamestr reads the description of a variable.
func xptNamestr(b []byte, long bool) xptVariable {
	u16 := func(at int) int { return int(binary.BigEndian.Uint16(b[at:])) }
	v := xptVariable{name: trimmed(b[8:16]), label: trimmed(b[16:56]), number: u16(6), format: string(trimmed(b[56:64])),
		text: u16(0) == 2, size: u16(4), at: int(int32(binary.BigEndian.Uint32(b[84:])))}
	if u16(0) != 1 && !v.text {
		v.size = 0 // no kind that there is: refused with the size
	}
	if name := trimmed(b[88:120]); long && len(name) > 0 {
		v.name = name
	}
	return v
}

// longLabels reads labels of more than 40 bytes, and in LABELV9 formats of more
// than eight.
func (m *xptMember) longLabels(c *cursor) {
	kind, rest := c.record("LABELV8", "LABELV9")
	if rest == nil {
		return
	}
	at := c.at
	of := make(map[int]*xptVariable, len(m.vars))
	for i := range m.vars {
		of[m.vars[i].number] = &m.vars[i]
	}
	// SAS writes the number in front, others in columns of five or six digits.
	for _, place := range [][]byte{rest, rest[:5], rest[4:10]} {
		n, err := strconv.Atoi(strings.TrimSpace(string(place)))
		if err != nil || n < 1 || n > len(m.vars) {
			continue
		}
		c.at, c.fault = at, nil
		long := map[*xptVariable][4][]byte{}
		for range n {
			number, lengths := int(c.u16()), [4]int64{int64(c.u16()), int64(c.u16())}
			// In front of a name haven leaves the lengths of formats out, for variables
			// with a short one.
			v := of[number]
			short := v != nil && len(v.name) > 0 && bytes.HasPrefix(c.b[c.at:], v.name)
			if kind == "LABELV9" && !short {
				lengths[2], lengths[3] = int64(c.u16()), int64(c.u16())
			}
			var texts [4][]byte
			for i, n := range lengths {
				texts[i] = c.take(n)
			}
			if v != nil {
				long[v] = texts
			}
		}
		c.fill()
		if c.fault == nil && bytes.HasPrefix(c.b[c.at:], xptHeader("OBSV8")) {
			for v, texts := range long {
				v.lengthen(trimmed(texts[0]), trimmed(texts[1]), string(trimmed(texts[2])))
			}
			return
		}
	}
	c.damage()
}

// lengthen gives a variable its long name, label and format.
func (v *xptVariable) lengthen(name, label []byte, format string) {
	if len(name) > 0 {
		v.name = name
	}
	if len(label) > 0 {
		v.label = label
	}
	if format != "" {
		v.format = format
	}
}
