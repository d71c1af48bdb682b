//go:build !race

package sheettest

const underRace = false
