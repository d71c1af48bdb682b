package simulate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// sharded is a run slow enough to be killed in the middle.
func sharded(ctx context.Context, dir string) (Result, error) {
	p := pain(study.ANCOVA, "w6")
	return RunShards(ctx, p, believed(p, 50, 1), Options{Trials: 120_000, Shards: 12, Cores: 1}, dir)
}

// TestMain is the program that TestKilled kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv("TRIALKIT_SHARDS_TEST"); dir != "" {
		if _, err := sharded(context.Background(), dir); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func shardFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range list {
		if strings.HasPrefix(e.Name(), ".") {
			continue // a part that was never finished
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		out[e.Name()] = string(b)
	}
	return out
}

// A killed process leaves whole shards alone; the next computes those that are missing,
// and the bytes are those of a run that nobody disturbed.
func TestKilledLeavesWholeShards(t *testing.T) {
	quiet, killed := t.TempDir(), t.TempDir()
	want, err := sharded(context.Background(), quiet)
	require.NoError(t, err)

	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, "-test.run=^$")
	cmd.Env = append(os.Environ(), "TRIALKIT_SHARDS_TEST="+killed)
	require.NoError(t, cmd.Start())
	for deadline := time.Now().Add(time.Minute); len(shardFiles(t, killed)) < 3 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	require.NoError(t, cmd.Process.Signal(syscall.SIGKILL))
	cmd.Wait()
	left := shardFiles(t, killed)
	require.GreaterOrEqual(t, len(left), 3)
	require.Less(t, len(left), 12, "killed too late")
	whole := shardFiles(t, quiet)
	for name, b := range left {
		assert.Equal(t, whole[name], b, name)
	}
	before := map[string]os.FileInfo{}
	for name := range left {
		if before[name], err = os.Stat(filepath.Join(killed, name)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := sharded(context.Background(), killed)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.Equal(t, whole, shardFiles(t, killed))
	for name, info := range before {
		now, err := os.Stat(filepath.Join(killed, name))
		require.NoError(t, err)
		assert.True(t, os.SameFile(info, now), "%s was computed again", name)
	}
}

// A disk that fills up holds whole shards alone: those of a run that nobody disturbed.
// With more room the others are computed. It mounts a file system of 20 pages.
func TestFullDiskLeavesWholeShards(t *testing.T) {
	dir := t.TempDir()
	pages := func(n int) string { return fmt.Sprintf("size=%d", n*os.Getpagesize()) }
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, pages(20)); err != nil {
		t.Skip("no right to mount a file system:", err)
	}
	defer syscall.Unmount(dir, 0)
	run := func(dir string) (Result, error) {
		p := pain(study.ANCOVA, "w6")
		return RunShards(context.Background(), p, believed(p, 20, 1), Options{Trials: 2400, Shards: 24, NoResponders: true}, dir)
	}
	quiet := t.TempDir()
	want, err := run(quiet)
	require.NoError(t, err)
	whole := shardFiles(t, quiet)
	_, err = run(dir)
	require.ErrorIs(t, err, syscall.ENOSPC)
	left := shardFiles(t, dir)
	assert.NotEmpty(t, left)
	assert.Less(t, len(left), 24)
	for name, b := range left {
		assert.Equal(t, whole[name], b, name)
	}
	all, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, all, len(left), "a part was left")
	require.NoError(t, syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, pages(2000)))
	got, err := run(dir)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.Equal(t, whole, shardFiles(t, dir))
}

// What cannot be written whole, as on a full disk, is not there at all.
func TestFullDiskLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	full := &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	err := atomically(filepath.Join(dir, "a.json"), func(w io.Writer) error {
		if _, err := w.Write(bytes.Repeat([]byte("x"), 1000)); err != nil {
			return err
		}
		return full
	})
	require.ErrorIs(t, err, syscall.ENOSPC)
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, list)
}

func TestShardsRefuseOthers(t *testing.T) {
	p := pain(study.ANCOVA, "w6")
	dir := t.TempDir()
	opt := Options{Trials: 100, Shards: 3}
	_, err := RunShards(context.Background(), p, believed(p, 10, 1), opt, dir)
	require.NoError(t, err)
	_, err = RunShards(context.Background(), p, believed(p, 10, 2), opt, dir)
	assert.ErrorContains(t, err, "another simulation: truth")
	q := p
	q.Title = "x"
	_, err = RunShards(context.Background(), q, believed(p, 10, 1), opt, dir)
	assert.ErrorContains(t, err, "another simulation: protocol")
	require.NoError(t, os.WriteFile(filepath.Join(dir, ShardFile(2, 3)), []byte("{"), 0o600))
	_, err = RunShards(context.Background(), p, believed(p, 10, 1), opt, dir)
	assert.ErrorContains(t, err, "no result")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	empty := t.TempDir()
	_, err = RunShards(ctx, p, believed(p, 10, 1), opt, empty)
	assert.True(t, errors.Is(err, context.Canceled))
	assert.Empty(t, shardFiles(t, empty))
}

func TestShardRanges(t *testing.T) {
	for _, n := range []int{0, 1, 7, 16, 1000} {
		at := 0
		for k := 1; k <= 16; k++ {
			from, to := shardRange(n, k, 16)
			assert.Equal(t, at, from)
			at = to
		}
		assert.Equal(t, n, at)
	}
	assert.Equal(t, "shard-03-of-16.json", ShardFile(3, 16))
}
