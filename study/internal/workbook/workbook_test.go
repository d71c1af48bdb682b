package workbook

import (
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// said is all notes of a sheet in English.
func said(s sheet.Sheet) string {
	var out []string
	for _, n := range s.Notes {
		out = append(out, text.English().Say(n.Code, n.Args))
	}
	return strings.Join(out, "\n")
}
