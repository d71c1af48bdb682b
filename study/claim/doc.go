// Package claim reads what a paper, a poster or a blog says about a trial, in
// the numbers that it prints, and says what these numbers can support and what
// they cannot: whether a change is a difference, whether an interval follows
// from what is printed, whether the numbers can belong together, and which
// conclusions they do not carry.
//
//	c, err := claim.ParseFS(os.DirFS("."), "claim.yaml")
//	reading, err := c.Read()
//	err = reading.WriteText(os.Stdout, report.Options{})
//
// # What answers which question
//
//	question                                          answer
//	what does the text claim?                         Claim, Parse, ParseFS (all keys)
//	what can its numbers support?                     Claim.Read, Reading
//	do its numbers fit together?                      Reading.Findings, Reading.Checked
//	what do its conclusions lack?                     Reading.Flags
//	could a trial of this size show it?               Reading.Power, Reading.Floors
//	all of this in words                              Reading.WriteText, Reading.WriteMarkdown, Reading.WriteHTML
package claim
