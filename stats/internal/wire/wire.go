// Package wire writes results as JSON, in the keys of study's results.json:
// estimate, se, df, level, lower, upper, p. A number that does not exist is
// null and an infinite one "Inf" or "-Inf", as JSON knows neither.
package wire

import (
	"encoding/json"
	"math"
)

// Number is a float64 that always has a JSON: NaN is null, an infinity "Inf" or
// "-Inf".
type Number float64

// MarshalJSON writes the number.
func (x Number) MarshalJSON() ([]byte, error) {
	switch v := float64(x); {
	case math.IsNaN(v):
		return []byte("null"), nil
	case math.IsInf(v, 1):
		return []byte(`"Inf"`), nil
	case math.IsInf(v, -1):
		return []byte(`"-Inf"`), nil
	default:
		return json.Marshal(v)
	}
}

// Numbers turns a slice into numbers that always have a JSON; nil is empty, not
// null.
func Numbers(x []float64) []Number {
	out := make([]Number, len(x))
	for i, v := range x {
		out[i] = Number(v)
	}
	return out
}

// Matrix does the same for rows.
func Matrix(x [][]float64) [][]Number {
	out := make([][]Number, len(x))
	for i, row := range x {
		out[i] = Numbers(row)
	}
	return out
}

// Join writes one object with the keys of several, in order; each part must
// marshal to an object.
func Join(parts ...any) ([]byte, error) {
	out := []byte{'{'}
	for _, p := range parts {
		b, err := json.Marshal(p)
		if err != nil {
			return nil, err
		}
		if len(b) < 2 || b[0] != '{' {
			panic("wire.Join: " + string(b) + " is no object")
		}
		if len(b) > 2 && len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, b[1:len(b)-1]...)
	}
	return append(out, '}'), nil
}

// Effect writes what an effect answers by default: its estimate, the 95%
// interval, the p-value against null and the method that made them. What else
// belongs to it, such as its standard error, comes behind the estimate. The
// interval, which must marshal to an object, is a type parameter because
// stats, which has it, imports this package.
func Effect[I any](e interface {
	Point() float64
	CI(level float64) I
	P(null float64) float64
}, null float64, method string, more ...any) ([]byte, error) {
	parts := append([]any{struct {
		Estimate Number `json:"estimate"`
	}{Number(e.Point())}}, more...)
	parts = append(parts, e.CI(0.95), struct {
		Null   Number `json:"null"`
		P      Number `json:"p"`
		Method string `json:"method,omitempty"`
	}{Number(null), Number(e.P(null)), method})
	return Join(parts...)
}
