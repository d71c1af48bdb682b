package propose

import (
	"encoding/csv"
	"fmt"
	"github.com/trialkit/trialkit/study/text"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestZZ(t *testing.T) {
	fs, _ := filepath.Glob(os.Getenv("ZZ"))
	for _, f := range fs {
		b, _ := os.Open(f)
		r := csv.NewReader(b)
		r.FieldsPerRecord = -1
		if strings.Contains(f, "semicolon") {
			r.Comma = ';'
		}
		rows, err := r.ReadAll()
		if err != nil {
			fmt.Println(f, err)
			continue
		}
		in := Input{File: filepath.Base(f)}
		for j, n := range rows[0] {
			c := Column{Name: n}
			for _, row := range rows[1:] {
				if j < len(row) {
					c.Cells = append(c.Cells, row[j])
				} else {
					c.Cells = append(c.Cells, "")
				}
			}
			in.Columns = append(in.Columns, c)
		}
		p := New(in, nil)
		fmt.Println("=====", f)
		fmt.Println(p.YAML(text.English()))
	}
}
