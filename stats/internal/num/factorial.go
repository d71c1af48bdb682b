package num

import "math"

// logFactorials holds ln k! of small counts, where tables spend their time.
var logFactorials = func() [256]float64 {
	var t [256]float64
	for k := 2; k < len(t); k++ {
		t[k], _ = math.Lgamma(float64(k) + 1)
	}
	return t
}()

// LogFactorial is ln k! for k ≥ 0.
func LogFactorial(k int) float64 {
	if k < len(logFactorials) {
		return logFactorials[k]
	}
	v, _ := math.Lgamma(float64(k) + 1)
	return v
}
