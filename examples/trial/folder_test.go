//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// program builds the program into a folder that everybody may read.
func program(t *testing.T) (binary, dir string) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the program")
	}
	dir = t.TempDir()
	binary = filepath.Join(dir, "trial")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	return binary, dir
}

// An interrupt at any time leaves the folder whole or absent, and nothing beside
// it: before files are drawn, while they are, and while the hidden folder is there.
func TestInterrupt(t *testing.T) {
	binary, dir := program(t)
	p, d := writeTrial(t, dir, largeData(400))
	full := filepath.Join(dir, "full")
	out, err := exec.Command(binary, "-protocol", p, "-data", d, "-out", full).CombinedOutput()
	require.NoError(t, err, string(out))
	want, err := os.ReadDir(full)
	require.NoError(t, err)

	stopped := 0
	for _, at := range []time.Duration{50 * time.Millisecond, 150 * time.Millisecond, 300 * time.Millisecond, 0, 0, 0, 0, 0, 0} {
		parent := t.TempDir()
		out := filepath.Join(parent, "out")
		var stderr bytes.Buffer
		c := exec.Command(binary, "-protocol", p, "-data", d, "-out", out)
		c.Stderr = &stderr
		require.NoError(t, c.Start())
		gone := make(chan error, 1)
		go func() { gone <- c.Wait() }()
		if at > 0 {
			time.Sleep(at)
		}
		for end := time.Now().Add(20 * time.Second); at == 0 && time.Now().Before(end); {
			if hidden, _ := filepath.Glob(filepath.Join(parent, ".trialkit-*")); len(hidden) > 0 {
				break
			}
			if _, err := os.Stat(out); err == nil { // already done
				break
			}
		}
		_ = c.Process.Signal(os.Interrupt) // it may have ended
		err := <-gone
		left, e := os.ReadDir(parent)
		require.NoError(t, e)
		if _, e := os.Stat(out); e == nil {
			got, e := os.ReadDir(out)
			require.NoError(t, e)
			assert.Len(t, got, len(want), "whole")
			assert.Len(t, left, 1)
			continue
		}
		assert.Empty(t, left, "nothing, hidden or not")
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		if exit.ExitCode() == 130 {
			stopped++
			assert.Contains(t, stderr.String(), "interrupted: no file was written")
		} else {
			assert.Equal(t, -1, exit.ExitCode(), "ended by the signal before there was anything to tidy")
		}
	}
	t.Log("told of the interrupt", stopped, "times")
}

// largeData are n participants of the trial in main_test.go.
func largeData(n int) string {
	var b strings.Builder
	b.WriteString("id,arm,y0,y1\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,%s,%d,%d\n", i, "ac"[i%2:i%2+1], 4+i*7%6, i*i%7+i%2)
	}
	return b.String()
}

// A folder that may not be written into is named with the reason, exists or not;
// nothing is left in it. Tested as somebody else where the tests are root's.
func TestReadOnlyFolder(t *testing.T) {
	binary, dir := program(t)
	p, d := writeTrial(t, dir, goodData)
	locked := filepath.Join(dir, "locked")
	require.NoError(t, os.Mkdir(locked, 0o555))
	for _, name := range []string{dir, p, d} {
		info, err := os.Stat(name)
		require.NoError(t, err)
		require.NoError(t, os.Chmod(name, info.Mode()|0o055))
	}
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, []byte("mine"), 0o644))
	for out, reason := range map[string]string{locked: "permission denied", filepath.Join(locked, "new"): "permission denied", file: "not a directory"} {
		c := exec.Command(binary, "-protocol", p, "-data", d, "-out", out)
		if os.Geteuid() == 0 {
			c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		var stderr bytes.Buffer
		c.Stderr = &stderr
		var exit *exec.ExitError
		require.ErrorAs(t, c.Run(), &exit, out)
		assert.Equal(t, 1, exit.ExitCode())
		assert.Equal(t, out+": "+reason+"\n", stderr.String())
	}
	left, err := os.ReadDir(locked)
	require.NoError(t, err)
	assert.Empty(t, left)
	mine, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "mine", string(mine))
}
