package workbook

import (
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

func (w *worksheet) say(code string, args text.Args) {
	w.out.Notes = append(w.out.Notes, text.Phrase{Code: code, Args: args})
}

// note tells what was decided about the sheet.
func (w *worksheet) note() {
	if len(w.hiddenRows) > 0 {
		code := "file-note-hidden-rows"
		if w.filter {
			code = "file-note-filtered-rows"
		}
		names := make([]string, min(len(w.hiddenRows), 11))
		for i := range names {
			names[i] = strconv.Itoa(w.hiddenRows[i])
		}
		w.say(code, text.Args{"count": len(w.hiddenRows), "rows": text.List(names, 10)})
	}
	var columns []string
	for _, h := range w.hiddenColumns {
		for c := max(h[0], 1); c <= min(h[1], w.widest); c++ {
			columns = append(columns, strings.TrimRight(sheet.Name(0, c), "0"))
		}
	}
	if len(columns) > 0 {
		w.say("file-note-hidden-columns", text.Args{"count": len(columns), "columns": text.List(columns, 10)})
	}
	for _, t := range []struct {
		tally
		code string
		args text.Args
	}{
		{w.percent, "file-note-percent", text.Args{}},
		{w.zeros, "file-note-zeros", text.Args{"format": strings.Repeat("0", min(w.zerosFormat, 20))}},
		{w.stale, "file-note-recalculate", text.Args{}},
	} {
		if t.n > 0 {
			t.args["count"], t.args["cell"] = t.n, sheet.Name(t.row, t.column)
			w.say(t.code, t.args)
		}
	}
}
