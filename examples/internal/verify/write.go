package verify

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study/text"
)

// WriteJSON writes the record as data.
func (r Record) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(r)
}

// WriteText writes the record for a reader: what was checked against which
// numbers, where and when, a line a case, and how many passed.
func (r Record) WriteText(w io.Writer, c *text.Catalog) error {
	rows := [][]string{{c.Say("verify-col-case", nil), c.Say("verify-col-source", nil), c.Say("verify-col-numbers", nil),
		c.Say("verify-col-digits", nil), c.Say("verify-col-result", nil)}}
	for _, x := range r.Cases {
		result := c.Say("verify-passed", nil)
		if !x.Passed {
			result = c.Say("verify-failed", text.Args{"fault": x.Fault})
		}
		rows = append(rows, []string{c.Say("verify-"+x.Check, nil) + " (" + strings.TrimPrefix(x.Topic+" "+x.ID, " ") + ")",
			x.Source, fmt.Sprint(x.Numbers), fmt.Sprintf("%d (%d)", x.Digits, int(-math.Log10(x.Tolerance))), result})
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	title := c.Say("verify-title", nil)
	fmt.Fprintf(&b, "%s\n%s\n\n", title, strings.Repeat("=", utf8.RuneCountInString(title)))
	fmt.Fprintln(&b, c.Say("verify-program", text.Args{"version": r.Version, "go": r.Go, "platform": r.Platform, "time": r.Time.Format(time.DateTime)}))
	fmt.Fprintf(&b, "%s\n\n", c.Say("verify-intro", nil))
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			if pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)); i == 2 || i == 3 {
				line += pad + cell + "  "
			} else {
				line += cell + pad + "  "
			}
		}
		fmt.Fprintln(&b, strings.TrimRight(line, " "))
	}
	fmt.Fprintf(&b, "\n%s\n", c.Say("verify-total", text.Args{"passed": r.Passed, "total": r.Total}))
	_, err := io.WriteString(w, b.String())
	return err
}
