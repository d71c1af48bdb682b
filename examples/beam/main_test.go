package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/memfs"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/extworker"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/simulate"
)

const (
	protocol = `
title: Laser for the painful knee
arms: [{id: laser}, {id: sham, control: true}]
visits: [{id: before}, {id: w6}]
outcomes: [{id: pain, unit: mm, better: lower, range: [0, 100], resolution: 1, thresholds: [{kind: margin, value: 8, level: between}]}]
data: {layout: wide, participant: id, arm: arm, columns: {pain: {before: before, w6: after}}}
assumed: {pain: {source: Jansen 2021, sd: 20, correlation: 0.5, control: 50, difference: -10}, lost: {value: 0.1, source: Jansen 2021}}
plans: [{outcome: pain, visit: w6, primary: true}]
`
	truth = `
patients: {laser: 30, sham: 30}
outcomes: {pain: {means: {laser: {before: 60, w6: 40}, sham: {before: 60, w6: 50}}, sds: 20, correlation: 0.5}}
`
	null = `
patients: {laser: 30, sham: 30}
outcomes: {pain: {means: {before: 60, w6: 50}, sds: 20, correlation: 0.5}}
`
)

// A process started with this variable is the program itself, or a pool of workers.
const asProgram, asPool = "TRIALKIT_BEAM_PROGRAM", "TRIALKIT_BEAM_POOL"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(run(strings.Fields(os.Getenv(asProgram)), os.Stdout, os.Stderr))
	}
	if port := os.Getenv(asPool); port != "" {
		beam.Init()
		n, err := strconv.Atoi(port)
		if err == nil {
			_, err = extworker.StartLoopback(context.Background(), n)
		}
		if err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		select {}
	}
	os.Exit(m.Run())
}

// program is this program in a process of its own.
func program(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), asProgram+"="+strings.Join(args, " "))
	return c
}

// inputs writes the files of two scenarios and returns their flags.
func inputs(t *testing.T) (dir string, args []string) {
	t.Helper()
	dir = t.TempDir()
	for name, s := range map[string]string{"knee.yaml": protocol, "effect.yaml": truth, "none.yaml": null} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(s), 0o600))
	}
	return dir, []string{"-protocol", filepath.Join(dir, "knee.yaml"), "-truth", filepath.Join(dir, "effect.yaml") + "," + filepath.Join(dir, "none.yaml"), "-seed", "7"}
}

func call(t *testing.T, c *exec.Cmd) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	require.NoError(t, c.Run(), "%s%s", &out, &errs)
	return out.String(), errs.String()
}

// files are those that are whole, by their path under dir.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range []string{"*.json", "*/*.json"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		for _, path := range paths {
			if strings.HasPrefix(filepath.Base(path), ".") {
				continue
			}
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			rel, _ := filepath.Rel(dir, path)
			out[filepath.ToSlash(rel)] = string(b)
		}
	}
	return out
}

// anyBuild takes the name of the program that ran out of a result: trial and this are
// two.
func anyBuild(s string) string {
	return regexp.MustCompile(`"build": "[^"]*"`).ReplaceAllString(s, `"build": ""`)
}

// Shards and results are those of trial -simulate, byte for byte, and what is printed is
// what it prints.
func TestSameAsTrial(t *testing.T) {
	dir, args := inputs(t)
	trial := filepath.Join(dir, "trial")
	build := exec.Command("go", "build", "-o", trial, "./examples/trial")
	build.Dir = filepath.Join("..", "..")
	call(t, build)
	out := filepath.Join(dir, "out")
	page, said := call(t, program(append(args, "-simulate", "3000", "-shards", "5", "-out", out)...))
	assert.Contains(t, said, "10 parts simulated, 0 found")
	ours := files(t, out)
	require.Len(t, ours, 12)
	for _, name := range []string{"effect", "none"} {
		parts := filepath.Join(dir, name)
		same := []string{"-protocol", filepath.Join(dir, "knee.yaml"), "-truth", filepath.Join(dir, name+".yaml"), "-seed", "7", "-simulate", "3000"}
		whole, _ := call(t, exec.Command(trial, append(same, "-json", "-")...))
		assert.Equal(t, anyBuild(whole), anyBuild(ours["knee-"+name+".json"]), name)
		text, _ := call(t, exec.Command(trial, append(same, "-shard", "5", "-out", parts)...))
		assert.Contains(t, page, "knee-"+name+"\n"+text)
		theirs := files(t, parts)
		require.Len(t, theirs, 5)
		for file, s := range theirs {
			assert.Equal(t, anyBuild(s), anyBuild(ours["knee-"+name+"/"+file]), file)
		}
	}
	// And again: nothing is left to do.
	again, said := call(t, program(append(args, "-simulate", "3000", "-shards", "5", "-out", out)...))
	assert.Contains(t, said, "0 parts simulated, 10 found")
	assert.Equal(t, page, again)
	assert.Equal(t, ours, files(t, out))
}

// slow makes a job that takes long enough to be killed in the middle.
func slow(args []string, out string, more ...string) []string {
	return append(append(append([]string{}, args...), "-simulate", "120000", "-shards", "12", "-cores", "1", "-out", out), more...)
}

// killed starts a job, kills victim when three shards are there, and returns what is left.
func killed(t *testing.T, job, victim *exec.Cmd, out string) map[string]string {
	t.Helper()
	var errs bytes.Buffer
	job.Stderr = &errs
	require.NoError(t, job.Start())
	if victim == nil {
		victim = job
	}
	for end := time.Now().Add(2 * time.Minute); len(files(t, out)) < 3 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if len(files(t, out)) < 3 {
		job.Process.Kill()
		job.Wait()
		require.Fail(t, "too slow", errs.String())
	}
	require.NoError(t, victim.Process.Kill())
	require.Error(t, job.Wait(), "a job whose worker is gone fails")
	left := files(t, out)
	require.Less(t, len(left), 24, "killed too late")
	return left
}

// resumed holds the job that was given again to what it had to do: the shards that were
// missing, with the bytes of a job that nobody disturbed.
func resumed(t *testing.T, job *exec.Cmd, out string, left, quiet map[string]string) {
	t.Helper()
	before := map[string]os.FileInfo{}
	for name, s := range left {
		assert.Equal(t, quiet[name], s, name)
		info, err := os.Stat(filepath.Join(out, name))
		require.NoError(t, err)
		before[name] = info
	}
	_, said := call(t, job)
	assert.Regexp(t, regexp.MustCompile(`(?m)^`+counts(24-len(left), len(left))+`$`), said)
	assert.Equal(t, quiet, files(t, out))
	for name, info := range before {
		now, err := os.Stat(filepath.Join(out, name))
		require.NoError(t, err)
		assert.True(t, os.SameFile(info, now), "%s was simulated again", name)
	}
}

func counts(computed, found int) string {
	return strconv.Itoa(computed) + " parts simulated, " + strconv.Itoa(found) + " found"
}

// Prism in the job's own process: killed in the middle and given again.
func TestKilled(t *testing.T) {
	dir, args := inputs(t)
	quiet, out := filepath.Join(dir, "quiet"), filepath.Join(dir, "out")
	call(t, program(slow(args, quiet)...))
	want := files(t, quiet)
	require.Len(t, want, 26)
	left := killed(t, program(slow(args, out)...), nil, out)
	resumed(t, program(slow(args, out)...), out, left, want)
}

// free is a port that nobody uses.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	require.NoError(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}

// serve starts a process that answers on a port of this machine, until the test ends.
func serve(t *testing.T, c *exec.Cmd, port string) *exec.Cmd {
	t.Helper()
	var errs bytes.Buffer
	c.Stderr = &errs
	require.NoError(t, c.Start())
	t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
		if t.Failed() {
			t.Log(errs.String())
		}
	})
	for end := time.Now().Add(time.Minute); ; {
		l, err := net.Dial("tcp", "localhost:"+port)
		if err == nil {
			l.Close()
			return c
		}
		require.True(t, time.Now().Before(end), "%v %s", err, &errs)
		time.Sleep(10 * time.Millisecond)
	}
}

// Prism as a server of its own outlives jobs: one whose process is killed, which is its
// worker too, and one that loses workers which are processes apart.
func TestServer(t *testing.T) {
	dir, args := inputs(t)
	prism := filepath.Join(dir, "prism")
	call(t, exec.Command("go", "build", "-o", prism, "github.com/apache/beam/sdks/v2/go/cmd/prism"))
	port := free(t)
	serve(t, exec.Command(prism, "-job_port", port, "-serve_http=false", "-log_level", "warn"), port)
	endpoint := []string{"--runner", "prism", "--endpoint", "localhost:" + port}
	loopback := append(endpoint, "--environment_type", "LOOPBACK")

	quiet, out := filepath.Join(dir, "quiet"), filepath.Join(dir, "out")
	call(t, program(slow(args, quiet, loopback...)...))
	want := files(t, quiet)
	require.Len(t, want, 26)
	left := killed(t, program(slow(args, out, loopback...)...), nil, out)
	resumed(t, program(slow(args, out, loopback...)...), out, left, want)

	workers := free(t)
	pool := func() *exec.Cmd {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), asPool+"="+workers)
		return serve(t, c, workers)
	}
	external := append(endpoint, "--environment_type", "EXTERNAL", "--environment_config", "localhost:"+workers, "--worker_binary", os.Args[0])
	out = filepath.Join(dir, "pool")
	left = killed(t, program(slow(args, out, external...)...), pool(), out)
	pool()
	resumed(t, program(slow(args, out, external...)...), out, left, want)
}

// Where the folder is a store of objects, shards are fetched and kept there: here in
// memory, of this process.
func TestStore(t *testing.T) {
	_, args := inputs(t)
	job := func(seed string) (stdout, stderr string, status int) {
		var out, errs strings.Builder
		status = run(append(append([]string{}, args...), "-simulate", "600", "-shards", "3", "-seed", seed, "-out", "memfs://bucket/job"), &out, &errs)
		return out.String(), errs.String(), status
	}
	first, said, status := job("7")
	require.Zero(t, status, said)
	assert.Contains(t, said, counts(6, 0))
	second, said, status := job("7")
	require.Zero(t, status, said)
	assert.Contains(t, said, counts(0, 6))
	assert.Equal(t, first, second)
	dir := t.TempDir()
	plain, said := call(t, program(append(args, "-simulate", "600", "-shards", "3", "-out", dir)...))
	assert.Contains(t, said, counts(6, 0))
	assert.Equal(t, plain, first)
	_, said, status = job("8") // shards of another simulation are there
	assert.Equal(t, 1, status)
	assert.Contains(t, said, "another simulation: seed 7, not 8")
}

// A result of some of a scenario's shards is none, and is not written.
func TestMissingShard(t *testing.T) {
	s := Scenario{Name: "knee", Protocol: File{"knee.yaml", []byte(protocol)}, Patients: 20, Trials: 90, Shards: 3}
	dir := t.TempDir()
	f := &simulateShard{Scenarios: []Scenario{s}, Out: dir}
	require.NoError(t, f.Setup())
	var parts [][]byte
	for _, k := range []int{3, 1, 2} {
		require.NoError(t, f.ProcessElement(t.Context(), Task{0, k}, func(_ int, b []byte) { parts = append(parts, b) }))
	}
	merge := func(parts ...[]byte) error {
		return (&mergeScenario{f.Scenarios, dir}).ProcessElement(t.Context(), 0, func(b *[]byte) bool {
			if len(parts) == 0 {
				return false
			}
			*b, parts = parts[0], parts[1:]
			return true
		})
	}
	assert.EqualError(t, merge(parts[:2]...), "knee: 60 of 90 trials")
	assert.ErrorContains(t, merge(parts[0], parts[1], parts[1]), "is in two results")
	assert.NoFileExists(t, filepath.Join(dir, "knee.json"))
	require.NoError(t, merge(parts...))
	assert.FileExists(t, filepath.Join(dir, "knee.json"))
}

// What cannot be simulated is refused before a job starts.
func TestRefused(t *testing.T) {
	dir, args := inputs(t)
	out := filepath.Join(dir, "out")
	wide := filepath.Join(dir, "wide.yaml")
	require.NoError(t, os.WriteFile(wide, []byte(strings.Replace(truth, "sds: 20", "sds: 70", 1)), 0o600))
	for _, c := range []struct {
		status int
		want   string
		args   []string
	}{
		{2, "usage: beam", nil},
		{2, "usage: beam", []string{"-simulate", "10", "-out", out, "-patients", "30"}},
		{2, "usage: beam", []string{"-simulate", "10", "-out", out, "-shards", "0"}},
		{2, "usage: beam", []string{"-simulate", "10", "-out", out, "-log", "all"}},
		{2, "gebruik: beam", []string{"-simulate", "10", "-lang", "nl"}},
		{2, "two scenarios are called knee-effect", []string{"-simulate", "10", "-out", out, "-truth", filepath.Join(dir, "effect.yaml")}},
		{1, "larger than the scale allows", []string{"-simulate", "10", "-out", out, "-truth", wide}},
	} {
		var stdout, stderr strings.Builder
		assert.Equal(t, c.status, run(append(append([]string{}, args...), c.args...), &stdout, &stderr), c.args)
		assert.Contains(t, stderr.String(), c.want)
		assert.Empty(t, stdout.String())
	}
	assert.NoDirExists(t, out)

	// Numbers of patients are scenarios, too, of what the protocol assumes.
	page, _ := call(t, program("-protocol", filepath.Join(dir, "knee.yaml"), "-patients", "20,40", "-simulate", "100", "-out", out))
	assert.Contains(t, page, "knee-20\nSIMULATED: 100 trials")
	assert.Contains(t, page, "knee-40\nSIMULATED: 100 trials")
	for name, s := range files(t, out) {
		var r simulate.Result
		require.NoError(t, json.Unmarshal([]byte(s), &r), name)
	}
}
