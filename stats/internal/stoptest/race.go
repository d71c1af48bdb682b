//go:build race

package stoptest

const race = true
