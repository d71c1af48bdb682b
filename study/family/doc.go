// Package family decides several hypotheses of one trial together: which are shown, and
// with which adjusted p-values, by the scheme that a protocol declares.
//
// # What answers which question
//
//	question                                          answer
//	what does a protocol declare?                     Scheme, Method, Graph
//	which methods are there?                          Methods, Method.Simultaneous, Method.Assumes
//	which hypotheses are shown, with which p?         Scheme.Decide, Decision
//	and by exchanging arms, whatever the outcomes'
//	distribution?                                     Permute, Endpoint
//	why was a hypothesis not tested?                  Decision.Tested, Decision.Before
//	what is left of a graph of hypotheses?            Decision.Graph
//	an effect whose interval holds with others'       Together, Alone
package family
