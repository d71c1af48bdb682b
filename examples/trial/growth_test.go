package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writeLarge makes a trial of n participants with two outcomes, a rating in tenths and one with
// four decimals, at three visits, and one MMRM plan.
func writeLarge(t *testing.T, n int) (protocol, data string) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(n), 3))
	var d strings.Builder
	d.WriteString("id,arm,a0,a1,a2,a3,b0,b1,b2,b3")
	for i := range n {
		fmt.Fprintf(&d, "\nP%06d,%c", i, "ac"[i%2])
		for o := range 2 {
			self := r.NormFloat64()
			for v := range 4 {
				z := self + r.NormFloat64() - 0.1*float64(v)*float64(2-i%2)
				switch {
				case v > 0 && r.IntN(33) == 0:
					d.WriteString(",")
				case o == 0:
					fmt.Fprintf(&d, ",%.1f", min(10, max(0, 5+1.6*z)))
				default:
					fmt.Fprintf(&d, ",%.4f", 100+20*z)
				}
			}
		}
	}
	dir := t.TempDir()
	protocol, data = filepath.Join(dir, "protocol.yaml"), filepath.Join(dir, "data.csv")
	require.NoError(t, os.WriteFile(protocol, []byte(`title: Invented
simulated: true
arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0}, {id: v1}, {id: v2}, {id: v3}]
outcomes:
  - {id: a, label: A, unit: u, better: lower, range: [0, 10], resolution: 0.1, thresholds: [{kind: MCID, value: 1.5, level: individual, population: invented, source: invented}]}
  - {id: b, label: B, unit: u, better: lower}
data:
  layout: wide
  participant: id
  arm: arm
  columns:
    a: {v0: a0, v1: a1, v2: a2, v3: a3}
    b: {v0: b0, v1: b1, v2: b2, v3: b3}
plans: [{outcome: a, visit: v3, model: mmrm}]
`), 0o600))
	require.NoError(t, os.WriteFile(data, []byte(d.String()+"\n"), 0o600))
	return protocol, data
}

// growthChild names the environment variable that holds a trial's folder for a process that
// TestReportGrowsLinearly has started.
const growthChild = "TRIALKIT_GROWTH_CHILD"

// From the start of the process to results.json, ten times the participants take about ten
// times the processor time: something quadratic, as a binomial coefficient counted up in
// every cell was, makes that thirty and more.
func TestReportGrowsLinearly(t *testing.T) {
	if dir := os.Getenv(growthChild); dir != "" {
		var stdout, stderr bytes.Buffer
		require.Zero(t, run([]string{"-protocol", filepath.Join(dir, "protocol.yaml"), "-data", filepath.Join(dir, "data.csv"), "-json", "-"}, &stdout, &stderr), stderr.String())
		return
	}
	user := func(n, times int) time.Duration {
		protocol, _ := writeLarge(t, n)
		least := time.Hour
		for range times { // the machine may be busy
			c := exec.Command(os.Args[0], "-test.run=^TestReportGrowsLinearly$")
			c.Env = append(os.Environ(), growthChild+"="+filepath.Dir(protocol))
			out, err := c.CombinedOutput()
			require.NoError(t, err, string(out))
			least = min(least, c.ProcessState.UserTime())
		}
		return least
	}
	small, large := user(4000, 2), user(40_000, 1)
	t.Logf("4,000 participants %v, 40,000 %v: %.1f times", small, large, large.Seconds()/small.Seconds())
	assert.Less(t, large.Seconds(), 17*small.Seconds())
}
