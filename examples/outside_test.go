package examples

import (
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOutsideModule compiles and runs the program that calls every room in a
// module of its own, as a user's is: what it imports is public, and nothing of
// the checkout's surroundings is needed.
func TestOutsideModule(t *testing.T) {
	const program = "rooms/main.go"
	f, err := parser.ParseFile(token.NewFileSet(), program, nil, parser.ImportsOnly)
	require.NoError(t, err)
	var imported []string
	for _, imp := range f.Imports {
		imported = append(imported, strings.Trim(imp.Path.Value, `"`))
	}
	for _, p := range list(t, true) {
		if p.public() && !slices.Contains(imported, p.path) {
			assert.Fail(t, "examples/"+program+" calls nothing of "+p.path+": add a call")
		}
	}
	if testing.Short() {
		t.Skip("compiles a module")
	}
	checkout, err := filepath.Abs("..")
	require.NoError(t, err)
	dir := t.TempDir()
	copyFile := func(from, to string, change func(string) string) {
		b, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, to), []byte(change(string(b))), 0o600))
	}
	same := func(s string) string { return s }
	copyFile(program, "main.go", same)
	copyFile("../go.sum", "go.sum", same)
	copyFile("../go.mod", "go.mod", func(s string) string {
		s = regexp.MustCompile(`(?m)^module .*$`).ReplaceAllString(s, "module example.org/outside")
		return s + "\nrequire " + strings.TrimSuffix(module, "/") + " v0.0.0\n\nreplace " + strings.TrimSuffix(module, "/") + " => " + checkout + "\n"
	})
	cmd := exec.Command("go", "run", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOPROXY=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Contains(t, string(out), "v0.0.0, replaced", "Version, in a module that replaces trialkit by a folder")
	assert.Greater(t, strings.Count(string(out), "\n"), 15, string(out))
}
