package report

import (
	"cmp"
	"strings"

	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// Change is a change of the protocol that was made after results had been shown. A
// program in which the protocol can be changed beside its results keeps them
// (Options.Changes); the report prints them, and results.json holds them.
type Change struct {
	// At says when, as the program writes it: 2026-03-01 14:05.
	At string `json:"at"`
	// Key is the key that was changed: outcomes[0].better.
	Key string `json:"key"`
	// From and To are its values before and after, "" for none.
	From string `json:"from"`
	To   string `json:"to"`
}

// changes says on page one that there were any.
func (b *builder) changes() string {
	if len(b.opt.Changes) == 0 {
		return ""
	}
	var keys []string
	for _, c := range b.opt.Changes {
		keys = appendNew(keys, c.Key)
	}
	return b.Say("page-changes", text.Args{"n": len(b.opt.Changes), "keys": text.List(keys, 4)})
}

// changesInFull lists them in their order.
func (b *builder) changesInFull() {
	if len(b.opt.Changes) == 0 {
		return
	}
	b.Heading("report-changes")
	b.Paragraph("changes-intro", nil)
	t := page.Table{Columns: []page.Column{page.Words(b.Say("col-changed-at", nil)), page.Words(b.Say("col-changed-key", nil)),
		page.Words(b.Say("col-changed-from", nil)), page.Words(b.Say("col-changed-to", nil))}}
	for _, c := range b.opt.Changes {
		row := []string{c.At, c.Key, cmp.Or(c.From, "–"), cmp.Or(c.To, "–")}
		for i := range row {
			row[i] = strings.Join(strings.Fields(row[i]), " ")
		}
		t.Rows = append(t.Rows, row)
	}
	b.Doc.TableWith(t)
}
