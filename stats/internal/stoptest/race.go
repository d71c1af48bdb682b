//go:build race

package stoptest

// Race reports whether the race detector runs, which is ten times as slow.
const Race = true
