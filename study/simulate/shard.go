package simulate

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"

	"github.com/trialkit/trialkit/study"
)

// counted is a comparison as a file has it: with what was counted, which Merge adds up,
// and the answers for those who read it.
type counted struct {
	comparison
	Counts  tally                   `json:"counts"`
	Answers map[string]*[2]*float64 `json:"answers,omitempty"` // value and Monte Carlo standard error
}

type comparison Comparison

// MarshalJSON writes the comparison with its counts, exactly, and its answers.
func (c Comparison) MarshalJSON() ([]byte, error) {
	answers := map[string]*[2]*float64{}
	for name, q := range map[string]Quantity{"power": c.Power(), "in_favor": c.InFavor(), "bias": c.Bias(), "coverage": c.Coverage(), "rmse": c.RMSE(), "mean": c.Mean(),
		"empirical_se": c.EmpiricalSE(), "model_se": c.ModelSE(), "type_s": c.TypeS(), "type_m": c.TypeM()} {
		var pair [2]*float64
		for i, x := range []float64{q.Value, q.SE} {
			if finite(x) {
				pair[i] = &x
			}
		}
		answers[name] = &pair
	}
	return json.Marshal(counted{comparison(c), c.tally, answers})
}

// UnmarshalJSON reads what MarshalJSON wrote; answers come from the counts.
func (c *Comparison) UnmarshalJSON(b []byte) error {
	var x counted
	if err := json.Unmarshal(b, &x); err != nil {
		return err
	}
	*c = Comparison(x.comparison)
	c.tally = x.Counts
	return nil
}

// Merge makes one result of results of different trials of one simulation: exactly what
// one run of all these trials gives, in whatever order and grouping they are merged. It
// refuses results of other builds, protocols, truths, settings or seeds, and trials that
// are in two of them.
func Merge(results ...Result) (Result, error) {
	if len(results) == 0 {
		return Result{}, errors.New("simulate: no results to merge")
	}
	out := Result{Identity: results[0].Identity}
	for i, r := range results {
		if r.Identity != out.Identity {
			return Result{}, fmt.Errorf("simulate: result %d is of another simulation: %s", i+1, difference(out.Identity, r.Identity))
		}
		if r.Stopped {
			return Result{}, fmt.Errorf("simulate: result %d ended early, by what its trials showed", i+1)
		}
		out.Ranges = append(out.Ranges, r.Ranges...)
	}
	slices.SortFunc(out.Ranges, func(a, b [2]int) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	joined := out.Ranges[:0:0]
	for _, x := range out.Ranges {
		switch last := len(joined) - 1; {
		case x[0] == x[1]:
		case last >= 0 && x[0] < joined[last][1]:
			return Result{}, fmt.Errorf("simulate: trial %d is in two results", x[0])
		case last >= 0 && x[0] == joined[last][1]:
			joined[last][1] = x[1]
		default:
			joined = append(joined, x)
		}
	}
	out.Ranges = joined
	for k, r := range results {
		for i, c := range r.Comparisons {
			if k == 0 {
				empty := c
				empty.tally = tally{}
				out.Comparisons = append(out.Comparisons, empty)
			}
			if i >= len(out.Comparisons) || len(r.Comparisons) != len(results[0].Comparisons) {
				return Result{}, fmt.Errorf("simulate: result %d has other comparisons", k+1)
			}
			out.Comparisons[i].tally.merge(&c.tally)
		}
	}
	return out, nil
}

// difference names what two identities differ in.
func difference(a, b Identity) string {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		if p, q := x.Field(i).Interface(), y.Field(i).Interface(); p != q {
			return fmt.Sprintf("%s %v, not %v", x.Type().Field(i).Tag.Get("json"), q, p)
		}
	}
	return ""
}

// ShardFile is the name of a shard's file.
func ShardFile(shard, shards int) string {
	width := len(fmt.Sprint(shards))
	return fmt.Sprintf("shard-%0*d-of-%d.json", width, shard, shards)
}

// RunShards runs the shards of opt.Shards whose files dir lacks, or of them opt.Shard
// alone, and returns what they give together. A file appears whole or not at all: it is
// written beside, forced to the disk and then given its name, so that a process killed at
// any moment leaves whole shards. Files that are there must be of this simulation. Several
// processes may share dir; two that run one shard write the same bytes.
func RunShards(ctx context.Context, p study.Protocol, truth Truth, opt Options, dir string) (Result, error) {
	first, last := 1, opt.Shards
	if opt.Shard > 0 {
		first, last = opt.Shard, opt.Shard
	}
	if opt.Shards < 1 || first > opt.Shards {
		return Result{}, fmt.Errorf("simulate: no shard %d of %d", opt.Shard, opt.Shards)
	}
	var parts []Result
	for k := first; k <= last; k++ {
		opt.Shard = k
		s, err := newSimulation(p, truth, opt)
		if err != nil {
			return Result{}, err
		}
		path := filepath.Join(dir, ShardFile(k, opt.Shards))
		r, err := ReadResult(path)
		switch {
		case err == nil && r.Identity != s.result.Identity:
			return Result{}, fmt.Errorf("simulate: %s is of another simulation: %s", path, difference(s.result.Identity, r.Identity))
		case err == nil && !slices.Equal(r.Ranges, [][2]int{{s.from, s.to}}):
			return Result{}, fmt.Errorf("simulate: %s has other trials than shard %d of %d", path, k, opt.Shards)
		case errors.Is(err, fs.ErrNotExist):
			if r, err = s.run(ctx); err == nil {
				err = WriteResult(path, r)
			}
		}
		if err != nil {
			return Result{}, err
		}
		parts = append(parts, r)
	}
	return Merge(parts...)
}

// ReadResult reads a result that WriteResult wrote.
func ReadResult(path string) (Result, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Result{}, err
	}
	var r Result
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&r); err != nil {
		return Result{}, fmt.Errorf("simulate: %s is no result: %w", path, err)
	}
	return r, nil
}

// WriteResult writes a result, whole or not at all.
func WriteResult(path string, r Result) error {
	return atomically(path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", " ")
		return e.Encode(r)
	})
}

// atomically writes a file under another name, forces it to the disk and renames it.
func atomically(path string, write func(io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".part-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err = write(f); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	if runtime.GOOS == "windows" { // which forces no folder to the disk
		return nil
	}
	d, err := os.Open(dir) // the name, too, is on the disk
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
