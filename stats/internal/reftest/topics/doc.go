// Package topics holds the handlers of the reference cases, one file a topic,
// and the one test that runs them all, TestReference. It has no code outside
// its tests, so it may import every room of stats.
package topics
