//go:build race

package plot

// underRace says that the race detector slows everything down.
const underRace = true
