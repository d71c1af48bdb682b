package study

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// FuzzLoad: whatever the bytes, Load returns a Dataset whose accounting sums
// up, or Problems with places; it never panics. Three workers make of them what one does.
func FuzzLoad(f *testing.F) {
	keys := strings.Replace(inData(longProtocol, "values: {x: {none: 0, much: 9}}", "rows: {keep: ['', y]}", "arm_values: {'': ''}", "missing: [NA]"),
		"participant: id", "participant: [centre, id]", 1)
	protocols := []Protocol{Parsed(f, wideProtocol), Parsed(f, longProtocol), Parsed(f, valueProtocol), Parsed(f, keys)}
	for i, data := range []string{wideHeader + wideRows, longHeader + longRows, valueHeader + valueRows, "centre,keep," + longHeader +
		"n,,1,,v0,none,,7,50,n,0\nn,,1,a,v1,much,6,7,NA,n,0\ns,y,1,c,v0,5,,8,51,z,0\ns,n,1,c,v0,4,6,8,999,z,0\n"} {
		f.Add([]byte(data), uint8(i))
		f.Add(encoded(data, "UTF-16LE"), uint8(i))
		f.Add(encoded(data, "UTF-16BE bare"), uint8(i))
		f.Add([]byte(strings.ReplaceAll(data, ",", ";")), uint8(i))
		f.Add([]byte("sep=,\r\n"+strings.ReplaceAll(data, "\n", "\r")), uint8(i))
	}
	f.Add([]byte(wideHeader+"\"1\"\"\n\",a,1,\"5,5\",4,1.250,-9e-5,50,n,0"), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, which uint8) {
		p := protocols[int(which)%len(protocols)]
		one, _ := loadedAtOnce(t, p, 1, "d.csv", data)
		if three, _ := loadedAtOnce(t, p, 3, "d.csv", data); !assert.ObjectsAreEqual(one, three) {
			t.Fatalf("one worker: %v\nthree: %v", one, three)
		}
		ds, err := Load(bytes.NewReader(data), "d.csv", p)
		if err != nil {
			var problems Problems
			if !errors.As(err, &problems) || ds != nil {
				t.Fatalf("%v", err)
			}
			lines := 1 + bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r"))
			for _, p := range problems {
				if p.Line < 1 || p.Column < 1 || p.Line > lines || p.File != "d.csv" {
					t.Fatalf("place of %v", p)
				}
			}
			return
		}
		a := ds.Accounting()
		if a.RowsRead != a.RowsUsed+len(a.Excluded) {
			t.Fatalf("%+v", a)
		}
		for _, o := range ds.Protocol().Outcomes {
			for _, v := range ds.PostVisits(o.ID) {
				ds.Records(o.ID, v.ID)
			}
		}
	})
}

// longFile is a long file of n rows: n/4 participants at 4 visits.
func longFile(n int) (Protocol, []byte) {
	var b bytes.Buffer
	b.WriteString("USUBJID,AVISIT,ARMCD,SEX,FEV1_BL,FEV1\n")
	for i := range n / 4 {
		for v := range 4 {
			fmt.Fprintf(&b, "PT%d,VIS%d,%s,%s,%d.%02d,%d.%03d\n", i, v+1, []string{"TRT", "PBO"}[i%2],
				[]string{"F", "M"}[i/2%2], 30+i%40, i%100, 35+(i+v)%30, (i*7+v)%1000)
		}
	}
	p, err := ParseProtocol(strings.NewReader(`arms: [{id: TRT}, {id: PBO, control: true}]
visits: [{id: VIS1}, {id: VIS2}, {id: VIS3}, {id: VIS4}]
outcomes: [{id: fev, better: higher, range: [0, 150], resolution: 0.001}]
data: {layout: long, participant: USUBJID, arm: ARMCD, visit: AVISIT, columns: {fev: FEV1}, baseline: {fev: FEV1_BL},
  covariates: {sex: {column: SEX, kind: category}}}
`), "p.yaml")
	if err != nil {
		panic(err)
	}
	return p, b.Bytes()
}

func BenchmarkLoad100k(b *testing.B) {
	p, data := longFile(100_000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(bytes.NewReader(data), "d.csv", p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadHILT(b *testing.B) {
	data, err := os.ReadFile(studies + "hilt/data.csv")
	if err != nil {
		b.Fatal(err)
	}
	p := loadStudy(b, "hilt").Protocol()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(bytes.NewReader(data), "d.csv", p); err != nil {
			b.Fatal(err)
		}
	}
}
