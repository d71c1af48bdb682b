package family_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study/family"
)

var letters = []string{"A", "B", "C", "D", "E", "F", "G", "H"}

// scheme is a random one of n hypotheses by a method.
func scheme(rng *rand.Rand, m family.Method, n int) family.Scheme {
	s := family.Scheme{Members: letters[:n], Adjust: m}
	if m != family.GraphMethod {
		return s
	}
	s.Graph = family.Graph{Weights: map[string]float64{}, Transitions: map[string]map[string]float64{}}
	for i, a := range s.Members {
		s.Graph.Weights[a] = rng.Float64() / float64(n)
		to := map[string]float64{}
		for j, b := range s.Members {
			if j != i && rng.IntN(3) > 0 {
				to[b] = rng.Float64() / float64(n-1)
			}
		}
		s.Graph.Transitions[a] = to
	}
	return s
}

var ofP = []family.Method{family.Bonferroni, family.Holm, family.Hochberg, family.Hommel, family.Fixed, family.GraphMethod}

func decide(t testing.TB, s family.Scheme, p []float64) family.Decision {
	d, err := s.Decide(s.Members, p, nil, 0.05)
	require.NoError(t, err)
	return d
}

// intersection is the p-value of the test of several hypotheses at once, written from its
// definition: of hypotheses "in", whose closure a method is.
func intersection(s family.Scheme, p []float64, in []int) float64 {
	n := len(p)
	switch s.Adjust {
	case family.Bonferroni: // the single-step shares are kept
		out := 1.0
		for _, i := range in {
			out = math.Min(out, float64(n)*p[i])
		}
		return out
	case family.Holm:
		out := 1.0
		for _, i := range in {
			out = math.Min(out, float64(len(in))*p[i])
		}
		return out
	case family.Hommel: // Simes
		var q []float64
		for _, i := range in {
			q = append(q, p[i])
		}
		slices.Sort(q)
		out := 1.0
		for k, x := range q {
			out = math.Min(out, float64(len(q))*x/float64(k+1))
		}
		return out
	case family.Fixed: // the first of them has all
		return p[in[0]]
	}
	// Of a graph: the hypotheses that are not in hand their shares on, the last first,
	// which is another order than that of the code.
	w := make([]float64, n)
	g := make([][]float64, n)
	left := make([]bool, n)
	for i, a := range s.Members {
		w[i] = s.Graph.Weights[a]
		left[i] = true
		g[i] = make([]float64, n)
		for j, b := range s.Members {
			g[i][j] = s.Graph.Transitions[a][b]
		}
	}
	for j := n - 1; j >= 0; j-- {
		if slices.Contains(in, j) {
			continue
		}
		left[j] = false
		old := make([][]float64, n)
		for i := range old {
			old[i] = slices.Clone(g[i])
		}
		for l := range n {
			if !left[l] {
				continue
			}
			w[l] += w[j] * old[j][l]
			for k := range n {
				g[l][k] = 0
				if left[k] && k != l && old[l][j]*old[j][l] < 1 {
					g[l][k] = (old[l][k] + old[l][j]*old[j][k]) / (1 - old[l][j]*old[j][l])
				}
			}
		}
		w[j] = 0
	}
	out := 1.0
	for _, i := range in {
		if w[i] > 0 {
			out = math.Min(out, p[i]/w[i])
		}
	}
	return out
}

// Adjusted p-values are those of closed testing: the largest over all intersections that
// hold the hypothesis, each tested by its own definition. Hochberg's is no closure, but
// between Hommel's and Holm's, and its own step-up rule is counted.
func TestClosure(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 1))
	for range 400 {
		n := 1 + rng.IntN(5)
		p := make([]float64, n)
		for i := range p {
			p[i] = math.Pow(rng.Float64(), 3)
			if rng.IntN(4) == 0 { // ties
				p[i] = p[rng.IntN(i+1)]
			}
		}
		for _, m := range ofP {
			if n == 1 && m == family.GraphMethod {
				continue
			}
			s := scheme(rng, m, n)
			got := decide(t, s, p).Adjusted
			if m == family.Hochberg {
				for i := range p {
					want := 1.0
					for j := range p { // the largest p-value not below has to be small enough
						rank := 0
						for k := range p {
							if p[k] > p[j] || p[k] == p[j] && k >= j {
								rank++
							}
						}
						if p[j] >= p[i] {
							want = math.Min(want, float64(rank)*p[j])
						}
					}
					assert.InDelta(t, want, got[i], 1e-12, "%s of %v", m, p)
				}
				continue
			}
			for i := range p {
				want := 0.0
				for set := 1; set < 1<<n; set++ {
					if set>>i&1 == 0 {
						continue
					}
					var in []int
					for j := range n {
						if set>>j&1 == 1 {
							in = append(in, j)
						}
					}
					want = math.Max(want, intersection(s, p, in))
				}
				assert.InDelta(t, math.Min(1, want), got[i], 1e-12, "%s of %v", m, p)
			}
		}
	}
}

// Adjusted p-values are at least the p-values and at most 1, rise with them, and do not
// depend on the order of declaration, but for a fixed order and a graph; what is shown is
// what is below α; and the powerful methods show what the plain ones do.
func TestProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 2))
	for range 2000 {
		n := 2 + rng.IntN(6)
		p := make([]float64, n)
		for i := range p {
			p[i] = math.Pow(rng.Float64(), 4)
		}
		at := map[family.Method][]float64{}
		for _, m := range ofP {
			s := scheme(rng, m, n)
			before := slices.Clone(p)
			d := decide(t, s, p)
			assert.Equal(t, before, p, "the p-values are the caller's")
			at[m] = d.Adjusted
			for i, a := range d.Adjusted {
				assert.LessOrEqual(t, a, 1.0)
				assert.GreaterOrEqual(t, a, p[i]*(1-1e-12), "%s", m)
				assert.Equal(t, a < 0.05, d.Shown[i], "%s", m)
				assert.True(t, d.Tested[i] || !d.Shown[i])
			}
			assert.Equal(t, slices.Contains(d.Shown, true), d.Success)
			k := rng.IntN(n)
			less := slices.Clone(p)
			less[k] *= rng.Float64()
			for i, a := range decide(t, s, less).Adjusted {
				assert.LessOrEqual(t, a, d.Adjusted[i]*(1+1e-12), "%s: a smaller p makes none larger", m)
			}
			if m == family.Fixed || m == family.GraphMethod {
				continue
			}
			order := rng.Perm(n)
			turned := make([]float64, n)
			for i, j := range order {
				turned[i] = p[j]
			}
			for i, a := range decide(t, s, turned).Adjusted {
				assert.InDelta(t, d.Adjusted[order[i]], a, 1e-12, "%s", m)
			}
		}
		for i := range p {
			assert.LessOrEqual(t, at[family.Holm][i], at[family.Bonferroni][i]+1e-12)
			assert.LessOrEqual(t, at[family.Hochberg][i], at[family.Holm][i]+1e-12)
			assert.LessOrEqual(t, at[family.Hommel][i], at[family.Hochberg][i]+1e-12)
		}
		all := family.Scheme{All: true, Members: letters[:n]}
		d := decide(t, all, p)
		assert.Equal(t, p, d.Adjusted, "co-primary hypotheses are not adjusted")
		assert.Equal(t, slices.Max(p), d.P)
		assert.Equal(t, slices.Max(p) < 0.05, d.Success)
	}
}

// Under the global null a scheme errs at most α of the time, whether p-values are
// independent or correlated: 0.05 and three standard errors of 20,000 trials.
func TestErrorRate(t *testing.T) {
	const trials = 20000
	most := 0.05 + 3*math.Sqrt(0.05*0.95/trials)
	for _, rho := range []float64{0, 0.5, 0.9} {
		rng := rand.New(rand.NewPCG(15, 3))
		for _, m := range ofP {
			s := scheme(rng, m, 4)
			false1 := 0
			for range trials {
				z, p := rng.NormFloat64(), make([]float64, 4)
				for i := range p {
					x := math.Sqrt(rho)*z + math.Sqrt(1-rho)*rng.NormFloat64()
					p[i] = math.Erfc(math.Abs(x) / math.Sqrt2)
				}
				if decide(t, s, p).Success {
					false1++
				}
			}
			assert.LessOrEqual(t, float64(false1)/trials, most, "%s at correlation %v", m, rho)
		}
	}
}

// A fixed order stops at the first that is not shown, and says where; a graph says which
// no share has reached.
func TestStops(t *testing.T) {
	s := family.Scheme{Members: letters[:4], Adjust: family.Fixed}
	d := decide(t, s, []float64{0.01, 0.2, 0.001, 0.04})
	assert.Equal(t, []bool{true, false, false, false}, d.Shown)
	assert.Equal(t, []bool{true, true, false, false}, d.Tested)
	assert.Equal(t, []int{-1, -1, 1, 1}, d.Before)
	assert.Equal(t, []float64{0.01, 0.2, 0.2, 0.2}, d.Adjusted)

	s = family.Scheme{Members: letters[:3], Adjust: family.GraphMethod, Graph: family.Graph{Weights: map[string]float64{"A": 0.5, "B": 0.5},
		Transitions: map[string]map[string]float64{"A": {"C": 1}, "B": {"A": 1}, "C": {"B": 1}}}}
	d = decide(t, s, []float64{0.03, 0.04, 0.0001})
	assert.Equal(t, []bool{true, true, false}, d.Tested, "no share has come to C")
	assert.Equal(t, []bool{false, false, false}, d.Shown)
	d = decide(t, s, []float64{0.02, 0.04, 0.0001})
	assert.Equal(t, []bool{true, true, true}, d.Shown, "A hands its half to C, C to B")
	assert.Equal(t, []float64{0, 0, 0}, d.Graph.Weights)
	d = decide(t, s, []float64{0.02, 0.3, 0.0001})
	assert.Equal(t, []float64{0, 1, 0}, d.Graph.Weights, "what is left is B's")

	d = decide(t, family.Scheme{Members: letters[:2], Adjust: family.Holm}, []float64{0.03, math.NaN()})
	assert.Equal(t, []float64{0.06, 1}, d.Adjusted, "a test that could not be made keeps its place")
	assert.Equal(t, []bool{true, false}, d.Tested)
}

// An interval that holds with others' leaves out a value where its adjusted p is below
// what is left of the level, and is the joint one of the differences.
func TestTogether(t *testing.T) {
	e := stats.Estimate{Value: 2, SE: 1, DF: 20}
	x := family.Together{Alone: e, Method: family.Bonferroni, Weight: 0.25}
	assert.Equal(t, e.CI(0.9875).Lo, x.CI(0.95).Lo)
	assert.Equal(t, 0.95, x.CI(0.95).Level)
	assert.Equal(t, 4*e.P(0), x.P(0))
	assert.Equal(t, 1.0, x.P(2))
	assert.Equal(t, 4*e.PGreater(0), x.PGreater(0))
	for _, null := range []float64{-1, 0, 1.9, 2.1, 5} {
		assert.Equal(t, x.P(null) < 0.05, !x.CI(0.95).Contains(null))
	}
	assert.Equal(t, stats.Effect(e), family.Alone(x))
	assert.Equal(t, stats.Effect(e), family.Alone(e))
}

// The scheme makes the adjusted p-values of R's p.adjust, of weighted closed tests and of
// graphs of the stored cases from their raw ones.
func TestReferenceCases(t *testing.T) {
	b, err := os.ReadFile("../../testdata/reference/multiplicity_plan.json")
	require.NoError(t, err)
	var file struct {
		Cases []struct {
			ID    string
			Input struct {
				P, W   []float64
				G      [][]float64
				Method string
			}
			Expect struct {
				Adjusted []float64
				P        json.RawMessage
			}
		}
	}
	require.NoError(t, json.Unmarshal(b, &file))
	n := 0
	for _, c := range file.Cases {
		in := c.Input
		if in.P == nil || c.Expect.Adjusted == nil && c.Expect.P == nil {
			continue
		}
		s := family.Scheme{Members: letters[:len(in.P)], Adjust: family.Method(in.Method)}
		_, kind, _ := strings.Cut(c.ID, "/")
		switch {
		case in.Method != "":
			if !slices.Contains(ofP, s.Adjust) {
				continue
			}
		case kind == "fixed_sequence":
			s.Adjust = family.Fixed
		case kind == "coprimary":
			s.All = true
		case in.G != nil:
			s.Adjust = family.GraphMethod
			s.Graph = family.Graph{Weights: map[string]float64{}, Transitions: map[string]map[string]float64{}}
			for i, a := range s.Members {
				s.Graph.Weights[a], s.Graph.Transitions[a] = in.W[i], map[string]float64{}
				for j, b := range s.Members {
					s.Graph.Transitions[a][b] = in.G[i][j]
				}
			}
		default:
			continue
		}
		d := decide(t, s, in.P)
		if s.All {
			assert.JSONEq(t, fmt.Sprint(d.P), string(c.Expect.P), c.ID)
		} else {
			assert.InDeltaSlice(t, c.Expect.Adjusted, d.Adjusted, 1e-12, c.ID)
		}
		n++
	}
	assert.Greater(t, n, 12)
}

func BenchmarkGraph8(b *testing.B) {
	rng := rand.New(rand.NewPCG(15, 4))
	s := scheme(rng, family.GraphMethod, 8)
	p := make([]float64, 8)
	for i := range p {
		p[i] = rng.Float64() / 100
	}
	for b.Loop() {
		_, _ = s.Decide(s.Members, p, nil, 0.05)
	}
}
