//go:build race

package sheettest

// underRace says that the race detector slows everything down.
const underRace = true
