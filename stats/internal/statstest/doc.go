// Package statstest holds the slow, separate computations that tests of more
// than one package compare the library with: counting, enumeration, bisection.
// It takes plain numbers and imports nothing of the library.
package statstest
