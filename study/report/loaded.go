package report

import (
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// Loaded says what loading decided or doubts, a sentence an item: about the
// protocol before data are read, then about the file (how signs, headers and codes
// were read), then which rows were left out and why.
func Loaded(ds *study.Dataset, lang string) (protocol, file []string, err error) {
	c, err := text.In(lang)
	if err != nil {
		return nil, nil, err
	}
	said, err := study.Report{Protocol: ds.Protocol()}.In(lang)
	if err != nil {
		return nil, nil, err
	}
	for _, n := range ds.Protocol().Doubts() {
		protocol = append(protocol, Note(c, said.Protocol, n))
	}
	for _, n := range ds.Notes() {
		file = append(file, Note(c, said.Protocol, n))
	}
	return protocol, append(file, excluded(c, ds.Accounting().Excluded)...), nil
}
