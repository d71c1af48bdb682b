package desk

import (
	"slices"

	"github.com/trialkit/trialkit/examples/app/internal/yamltext"
	"github.com/trialkit/trialkit/study/report"
)

// changed adds to a log what differs between the protocol whose results were shown
// and the one whose results are to be shown.
func changed(log []report.Change, shown, next, now string) ([]report.Change, error) {
	log = append([]report.Change{}, log...)
	if shown == "" || shown == next {
		return log, nil
	}
	old, err := yamltext.Parse(shown)
	if err != nil {
		return nil, err
	}
	fresh, err := yamltext.Parse(next)
	if err != nil {
		return nil, err
	}
	before, after := old.Root.Leaves(""), fresh.Root.Leaves("")
	find := func(list []yamltext.Leaf, key string) (string, bool) {
		i := slices.IndexFunc(list, func(l yamltext.Leaf) bool { return l.Path == key })
		if i < 0 {
			return "", false
		}
		return list[i].Text, true
	}
	for _, l := range before {
		if to, _ := find(after, l.Path); to != l.Text {
			log = append(log, report.Change{At: now, Key: l.Path, From: l.Text, To: to})
		}
	}
	for _, l := range after {
		if _, ok := find(before, l.Path); !ok {
			log = append(log, report.Change{At: now, Key: l.Path, To: l.Text})
		}
	}
	return log, nil
}
