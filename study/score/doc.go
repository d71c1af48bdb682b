// Package score turns the answers of a questionnaire into its score, by the
// instrument's own rules for answers that are missing. A rule that allows no
// score is an error, and so is an answer that the instrument does not have.
//
// # What answers which question
//
//	question                                          answer
//	the answers of one participant                    Answer, Answers
//	pain, symptoms, ADL, sport and QOL of the knee    KOOS
//	osteoarthritis of hip or knee                     WOMAC
//	the same from 0 to 100                            WOMACNormalize
//	disability from low back pain                     ODI, RMDQ, QBPDS
//	risk of persistent back pain                      STarTBack
package score
