//go:build race

package report

// underRace says that the race detector slows everything down.
const underRace = true
