// Package mcid derives which change of an instrument matters from an anchor:
// every participant's own judgement of change beside the change in score. It
// puts all methods side by side (mean of those who say slightly better, ROC,
// predictive model, and what the instrument can measure at all) and says whether
// the anchor can be trusted.
//
// # What answers which question
//
//	question                                          answer
//	which change do patients call important?          Triangulate, TriangulateContext, AnchorStudy
//	can the anchor be trusted?                        Triangulation.Anchor, Triangulation.AUC
//	all of this in words                              Triangulation.WriteText, Triangulation.WriteMarkdown
package mcid
