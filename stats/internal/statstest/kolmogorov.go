package statstest

// KSFar is a signed distance of the two steps as the alternative counts it.
func KSFar(k int, alternative string) int {
	switch alternative {
	case "greater":
		return max(k, 0)
	case "less":
		return max(-k, 0)
	}
	return max(k, -k)
}

// EnumerateKS lists every arrangement of the pooled values.
func EnumerateKS(x, y []float64, alternative string) float64 {
	all := append(append([]float64(nil), x...), y...)
	dist := func(in func(i int) bool) int {
		best := 0
		for _, v := range all {
			i, j := 0, 0
			for k, w := range all {
				if w <= v {
					if in(k) {
						i++
					} else {
						j++
					}
				}
			}
			best = max(best, KSFar(i*len(y)-j*len(x), alternative))
		}
		return best
	}
	obs := dist(func(i int) bool { return i < len(x) })
	hits, total := 0, 0
	for set := 0; set < 1<<len(all); set++ {
		size := 0
		for k := range all {
			size += set >> k & 1
		}
		if size != len(x) {
			continue
		}
		total++
		if dist(func(i int) bool { return set>>i&1 == 1 }) >= obs {
			hits++
		}
	}
	return float64(hits) / float64(total)
}
