package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
)

// ways are the notes that say how a p-value was come by, each with the methods of results that
// may carry it: a result that has two of them, or one of another method, contradicts itself.
var ways = map[string][]string{
	"rank-asymptotic":           {"asymptotic"},
	"rank-inverted":             {"inverted"},
	resample.NotePermMonteCarlo: {string(resample.PermMonteCarlo)},
	resample.NotePermApprox:     {string(resample.PermApprox)},
	resample.NotePermInverted:   {string(resample.PermApprox)},
	resample.NotePermMerged:     {string(resample.PermApprox)},
}

// answered is a result with its method and its notes.
type answered struct {
	name, method, text string
	notes              []stats.Note
}

func (a answered) contradicts() string {
	has, way := map[string]bool{}, ""
	for _, n := range a.notes {
		if has[n.Code] {
			return "says " + n.Code + " twice"
		}
		has[n.Code] = true
		methods, is := ways[n.Code]
		if !is {
			continue
		}
		if way != "" {
			return "says " + way + " and " + n.Code
		}
		way = n.Code
		if fits := strings.Join(methods, " "); !strings.Contains(fits, a.method) {
			return fmt.Sprintf("is %s and says %s", a.method, n.Code)
		}
	}
	// The sentence of rank-ties names the exact distribution, which inversion evaluates too.
	if has["rank-ties"] && a.method == "asymptotic" {
		return "is asymptotic and says rank-ties"
	}
	for _, method := range []string{"exact", "asymptotic", "inverted"} {
		if method != a.method && strings.Contains(a.text, method) {
			return fmt.Sprintf("is %s and reads %q", a.method, a.text)
		}
	}
	return ""
}

// Whatever the data and the method asked for, no result says in its notes, or as text, that its p
// came from one distribution and from another.
func TestNotesDoNotContradictEachOther(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 2))
	seen := map[string]int{}
	check := func(a answered, data string, err error) {
		if err != nil {
			return
		}
		seen[a.method]++
		for _, n := range a.notes {
			seen[n.Code]++
		}
		if why := a.contradicts(); why != "" {
			t.Errorf("%s of %s %s: %v", a.name, data, why, a.notes)
		}
	}
	for turn := range 40 {
		m, n := 2+rng.IntN(24), 2+rng.IntN(24)
		switch {
		case turn%13 == 0:
			m, n = 60+rng.IntN(60), 60+rng.IntN(60)
		case turn == 1: // beyond 10,000 different scores
			m, n = 6000, 6000
		}
		step := []float64{0, 0.01, 1, 4}[rng.IntN(4)]
		draw := func(n int, shift float64) []float64 {
			x := make([]float64, n)
			for i := range x {
				if x[i] = shift + 5*rng.NormFloat64(); step > 0 {
					x[i] = step * math.Round(x[i]/step)
				}
			}
			return x
		}
		x, y := draw(m, 1), draw(n, 0)
		data := fmt.Sprintf("%d v %d in steps of %v", m, n, step)
		for _, method := range []rank.Method{rank.Auto, rank.Exact, rank.Asymptotic, rank.Inverted} {
			if m > 50 && method == rank.Exact || m > 1000 && method != rank.Auto {
				continue
			}
			o := rank.Options{Method: method}
			text := func(s fmt.Stringer) string { // asks for an interval, which may take long
				if m > 50 {
					return ""
				}
				return s.String()
			}
			s, err := rank.MannWhitneyWith(x, y, o)
			check(answered{"MannWhitney", s.Method().String(), text(s), s.Notes}, data, err)
			signed, err := rank.SignedRankWith(x, rank.SignedRankOptions{Method: method})
			check(answered{"SignedRank", signed.Method().String(), text(signed), signed.Notes}, data, err)
			if m > 1000 || method == rank.Inverted { // which the others do not have
				continue
			}
			j, err := rank.JonckheereWith([][]float64{x, y, draw(5, 0)}, o)
			check(answered{"Jonckheere", j.Method.String(), j.String(), j.Notes}, data, err)
			d, err := rank.MoodWith(x, y, o)
			check(answered{"Mood", d.Method.String(), d.String(), d.Notes}, data, err)
			d, err = rank.AnsariBradleyWith(x, y, o)
			check(answered{"AnsariBradley", d.Method.String(), d.String(), d.Notes}, data, err)
			k := min(m, n)
			for name, f := range map[string]func(x, y []float64, o assoc.Options) (assoc.Correlation, error){"Spearman": assoc.SpearmanWith, "Kendall": assoc.KendallWith} {
				c, err := f(x[:k], y[:k], assoc.Options{Method: method})
				check(answered{name, c.Independence.Method.String(), c.Independence.String(), c.Notes}, data, err)
			}
		}
		if m > 60 {
			if m < 1000 {
				p, err := resample.Permutation(x, y)
				check(answered{"Permutation", string(p.Method), "", p.Notes}, data, err)
			}
			continue
		}
		for _, o := range []resample.PermOptions{{}, {Method: resample.PermMonteCarlo, Replicates: 1000}, {Method: resample.PermApprox}, {Statistic: resample.PermStudentized, Replicates: 1000}} {
			p, err := resample.PermutationWith(x, y, o)
			check(answered{"Permutation", string(p.Method), "", p.Notes}, data, err)
			if o.Statistic == "" {
				p, err = resample.PermutationPairedWith(x, o)
				check(answered{"PermutationPaired", string(p.Method), "", p.Notes}, data, err)
			}
		}
		d := regress.ANCOVAData{Control: "c", Y: append(append([]float64{}, x...), y...), Baseline: draw(m+n, 0)}
		for i := range d.Y {
			d.Arm = append(d.Arm, map[bool]string{true: "a", false: "c"}[i < m])
		}
		p, err := resample.PermutationANCOVA(d, "a")
		check(answered{"PermutationANCOVA", string(p.Method), "", p.Notes}, data, err)
	}
	for _, some := range []string{"rank-ties", "rank-zeros", "rank-inverted", "rank-asymptotic", resample.NotePermMonteCarlo, resample.NotePermApprox, resample.NotePermInverted} {
		if seen[some] == 0 {
			t.Errorf("no result has the note %s: %v", some, seen)
		}
	}
}
