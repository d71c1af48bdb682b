package files

import (
	"fmt"
	"sort"

	"github.com/trialkit/trialkit/study/text"
)

// A file with one mistake has it in every row. problemList keeps one problem
// for each cause in each column, so that a second mistake is seen beside a
// first one that stands in a thousand rows.
type problemList struct {
	list Problems
	// group finds a cause's problem; causes counts those of a message in a
	// column.
	group  map[string]int
	causes map[string]int
	// unlisted counts the places of causes beyond the listed ones.
	unlisted int
}

const (
	// maxProblems is how many problems of a file are listed; the rest are counted.
	maxProblems = 100
	// maxCauses is how many words of the file (the argument word) with one
	// message in one column are told apart; all later ones are one problem.
	maxCauses = 4
	// maxPlaces is how many places of a problem are told.
	maxPlaces = 3
)

// varies names the arguments of a message that belong to a place and not to
// the cause: two rows that differ in nothing else have one problem.
var varies = map[string]bool{"value": true, "read": true, "participant": true, "line": true, "n": true, "other": true,
	"subject": true}

// add adds a problem in a column of the file (−1: none); at returns its place,
// which is asked only where it will be told.
func (l *problemList) add(file string, column int, code string, args text.Args, at func() Place) {
	message := fmt.Sprint(code, " ", column)
	cause := message
	names := make([]string, 0, len(args))
	for k := range args {
		if !varies[k] {
			names = append(names, k)
		}
	}
	sort.Strings(names)
	for _, k := range names {
		cause += fmt.Sprintf("\x00%v", args[k])
	}
	if l.group == nil {
		l.group, l.causes = map[string]int{}, map[string]int{}
	}
	i, known := l.group[cause]
	if _, word := args["word"]; word && !known && l.causes[message] >= maxCauses {
		cause = message + "\x00others"
		i, known = l.group[cause]
	}
	switch {
	case known:
		l.again(&l.list[i], args, at)
	case len(l.list) >= maxProblems:
		l.unlisted++
	default:
		place := at()
		p := NewProblem(place.Line, place.Column, code, args)
		p.File, p.At, p.Count = file, place.At, 1
		l.group[cause] = len(l.list)
		l.causes[message]++
		l.list = append(l.list, p)
	}
}

// again counts one more place of a problem.
func (l *problemList) again(p *Problem, args text.Args, at func() Place) {
	p.Count++
	if len(p.Also)+1 >= maxPlaces {
		return
	}
	place := at()
	for _, k := range []string{"word", "participant", "value"} {
		if v, ok := shownValue(args[k]); ok {
			if first, _ := shownValue(p.said.Args[k]); v != first {
				place.Value = v
			}
			break
		}
	}
	p.Also = append(p.Also, place)
}

// shownValue is an argument as the file writes it.
func shownValue(arg any) (string, bool) {
	if p, ok := arg.(text.Phrase); ok { // as asRead makes it
		arg = p.Args["value"]
	}
	s, ok := arg.(string)
	return s, ok
}

// err returns all problems, or nil.
func (l *problemList) err() error {
	for i := range l.list {
		l.list[i].Text = l.list[i].sentence(text.English())
	}
	err := l.list.Err()
	if l.unlisted > 0 { // behind the sorted ones, with the last one's place
		last := l.list[len(l.list)-1]
		p := NewProblem(last.Line, last.Column, "problem-unlisted", text.Args{"count": l.unlisted})
		p.File, p.At = last.File, last.At
		return append(l.list, p)
	}
	return err
}
