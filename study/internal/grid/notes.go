package grid

import (
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// maxNamed bounds how many hidden rows are named; the last stands for more.
const maxNamed = 11

func (g *Grid) say(code string, args text.Args) {
	g.Out.Notes = append(g.Out.Notes, text.Phrase{Code: code, Args: args})
}

// note tells what was decided about the sheet.
func (g *Grid) note() {
	if g.hiddenCount > 0 {
		code := "file-note-hidden-rows"
		if g.Filter {
			code = "file-note-filtered-rows"
		}
		names := make([]string, len(g.hiddenRows))
		for i := range names {
			names[i] = strconv.Itoa(g.hiddenRows[i])
		}
		g.say(code, text.Args{"count": g.hiddenCount, "rows": text.List(names, maxNamed-1)})
	}
	var columns []string
	last := 0
	for _, h := range g.hiddenColumns { // in their order
		for c := max(h[0], last+1); c <= min(h[1], g.widest); c++ {
			columns = append(columns, strings.TrimRight(sheet.Name(0, c), "0"))
			last = c
		}
	}
	if len(columns) > 0 {
		g.say("file-note-hidden-columns", text.Args{"count": len(columns), "columns": text.List(columns, 10)})
	}
	for _, t := range []struct {
		Tally
		code string
		args text.Args
	}{
		{g.Percent, "file-note-percent", text.Args{}},
		{g.Zeros, "file-note-zeros", text.Args{"format": strings.Repeat("0", min(g.ZerosFormat, 20))}},
		{g.Stale, "file-note-recalculate", text.Args{}},
	} {
		if t.n > 0 {
			t.args["count"], t.args["cell"] = t.n, sheet.Name(t.row, t.column)
			g.say(t.code, t.args)
		}
	}
}
