package statfile

import (
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// Whatever the bytes, a reader answers soon, with sheets that hold together or
// with a fault that has a sentence. It never panics.
func fuzz(f *testing.F, seeds ...[]byte) {
	for _, b := range seeds {
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		start := time.Now()
		sheets, err := readAny(b)
		if d := time.Since(start); d > 10*time.Second {
			t.Fatal(d)
		}
		if err != nil {
			var fault *sheet.Fault
			if !errors.As(err, &fault) || fault.Error() == "" || sheets != nil {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, s := range sheets {
			holdsTogether(t, s)
		}
	})
}

// holdsTogether checks that a sheet holds together.
func holdsTogether(t *testing.T, s sheet.Sheet) {
	for _, n := range s.Notes {
		text.English().Say(n.Code, n.Args)
	}
	for _, c := range s.Columns {
		if !utf8.ValidString(c.Name+c.Label) || c.Kind < sheet.Number || c.Kind > sheet.Time {
			t.Fatalf("%+v", c)
		}
	}
	for i, r := range s.Rows {
		if r.Number != i+1 || len(r.Cells) != len(s.Columns) {
			t.Fatalf("row %d has %d cells for %d columns", r.Number, len(r.Cells), len(s.Columns))
		}
		for j, c := range r.Cells {
			ok := utf8.ValidString(c.Text) && (c.Kind == sheet.Empty) == (c.Text == "")
			switch c.Kind {
			case sheet.Empty, sheet.Text:
			case sheet.Number:
				x, err := strconv.ParseFloat(c.Text, 64)
				ok = ok && err == nil && x-x == 0
			case sheet.Date:
				ok = ok && len(c.Text) == len("2006-01-02") && s.Columns[j].Kind == sheet.Date
			case sheet.DateTime:
				ok = ok && len(c.Text) >= len("2006-01-02T15:04:05") && c.Text[10] == 'T' && s.Columns[j].Kind != sheet.Text
			case sheet.Time:
				ok = ok && strings.Count(c.Text, ":") == 2 && s.Columns[j].Kind == sheet.Time
			case sheet.Missing:
				ok = ok && len(c.Text) == 2 && c.Text[0] == '.' && (c.Text[1] == '_' || c.Text[1] >= 'A' && c.Text[1] <= 'Z')
			default:
				ok = ok && c.Kind == sheet.Error
			}
			if !ok {
				t.Fatalf("row %d: %+v in %+v", i+1, c, s.Columns[j])
			}
		}
	}
}

func FuzzSAV(f *testing.F) {
	var seeds [][]byte
	for compression := range 3 {
		seeds = append(seeds, savEvery(binary.LittleEndian, compression, 5).bytes(f), savEvery(binary.BigEndian, compression, -1).bytes(f))
	}
	fuzz(f, seeds...)
}

func FuzzXPT(f *testing.F) {
	w := xptEvery()
	seeds := [][]byte{w.bytes()}
	w.labels = "LABELV8"
	seeds = append(seeds, w.bytes())
	w.labels, w.eight, w.members[2].counts = "", false, ""
	seeds = append(seeds, w.bytes())
	w.vms, w.reverse, w.members = true, true, w.members[1:]
	fuzz(f, append(seeds, w.bytes())...)
}

func FuzzDTA(f *testing.F) {
	var seeds [][]byte
	for _, release := range dtaReleases {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			seeds = append(seeds, dtaEvery(release, order).bytes())
		}
	}
	fuzz(f, seeds...)
}
