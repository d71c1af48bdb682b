//go:build !race

package plot

const underRace = false
