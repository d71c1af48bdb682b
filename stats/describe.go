package stats

// Description summarizes one sample.
type Description struct {
	N, Missing int
	// Mean, SD (n − 1), SE = SD/√N. SD and SE are NaN for N = 1, all are NaN for N = 0.
	Mean, SD, SE float64
	// Median, quartiles (type 7, R's default), minimum and maximum.
	Min, Q1, Median, Q3, Max float64
}
