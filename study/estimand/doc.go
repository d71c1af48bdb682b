// Package estimand says what a trial asks of participants to whom something happened
// after randomization that ends or changes what is compared (an intercurrent event:
// treatment stopped, rescue medication taken), as ICH E9(R1) has it: five attributes, of
// which the strategies for the events decide which values are used, set aside, given or
// imputed.
//
// # Which function answers which question
//
//	question                                            answer                  file
//	where does a file tell of intercurrent events?      Event, ReadEvents       event.go
//	what happened to a participant, and when?           Occurrence              event.go
//	which visits are after the event?                   Occurrence.First        event.go
//	what is asked?                                      Estimand, ReadEstimands estimand.go
//	what is wrong with the estimands of a protocol?     Check                   estimand.go
//	what becomes of each value?                         Estimand.Resolve, Cell  resolve.go
//	in which order are uses counted?                    Uses                    resolve.go
//
// # Which visits are after an event
//
// Where the file tells the day of an event, a visit is after it if its day is later. The
// day of a visit is that of its row (data.day), else its time. An event on the very day
// of a visit came after that visit's value: it is used as one from before. Days are
// compared whole where the day of the event is whole. Where columns tell by visit whether
// the event has happened, the first visit that says yes is after it. All visits that
// follow one after the event are after it too.
//
// # Several events of one participant
//
// Treatment policy takes nothing away. Of events with another strategy the earliest
// decides from its visit on; of several at one visit first a composite one (what
// happened is itself the outcome), then while on treatment, then a hypothetical one.
//
// Source: ICH E9(R1) (2019), Addendum on estimands and sensitivity analysis in clinical
// trials. https://database.ich.org/sites/default/files/E9-R1_Step4_Guideline_2019_1203.pdf
package estimand
