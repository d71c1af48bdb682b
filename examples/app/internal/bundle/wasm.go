// Package bundle makes the pages of examples/app: it builds the WebAssembly program
// with the installed Go and puts it together with the page's own files.
package bundle

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const (
	ourModule   = "github.com/trialkit/trialkit"
	fontsModule = "codeberg.org/go-fonts/liberation"
	textModule  = "golang.org/x/text"
	latexModule = "codeberg.org/go-latex/latex"
	pdfModule   = "codeberg.org/go-pdf/fpdf"
)

// module is what go list says of one.
type module struct {
	Path, Version, Dir string
	Main               bool
}

// Program is the built WebAssembly program and what goes with it.
type Program struct {
	WASM []byte
	// Runtime is Go's own JavaScript, of the version that built the program.
	Runtime []byte
	// Licenses are those of all modules that are in it.
	Licenses string
}

// Build builds the program in examples/app/wasm with the installed Go. Its messages
// go to stderr. The module that it is run in must be trialkit or require it.
func Build(ctx context.Context, stderr io.Writer) (Program, error) {
	var p Program
	mods, err := modules(ctx)
	if err != nil {
		return p, err
	}
	tmp, err := os.MkdirTemp("", "trialkit-app-*")
	if err != nil {
		return p, err
	}
	defer os.RemoveAll(tmp)
	at := func(name string) (module, error) {
		i := slices.IndexFunc(mods, func(m module) bool { return m.Path == name })
		if i < 0 || mods[i].Dir == "" {
			return module{}, fmt.Errorf("module %s is not there: go mod download", name)
		}
		return mods[i], nil
	}
	ours, err := at(ourModule)
	if err != nil {
		return p, err
	}
	folders := map[string]string{}
	for _, lean := range []struct {
		module string
		copy   func(from, to string) error
	}{{fontsModule, leanFonts}, {textModule, browserEncodings}, {latexModule, withoutGoFonts}, {pdfModule, withoutPDF}} {
		m, err := at(lean.module)
		if err != nil {
			return p, err
		}
		folders[lean.module] = filepath.Join(tmp, path.Base(lean.module))
		if err := lean.copy(m.Dir, folders[lean.module]); err != nil {
			return p, err
		}
	}
	modfile, err := replaced(ctx, ours.Dir, tmp, folders)
	if err != nil {
		return p, err
	}
	out := filepath.Join(tmp, "trialkit.wasm")
	// With the tag minimal gonum/plot leaves out the formats of its own.
	build := goCommand(ctx, ours.Dir, "build", "-modfile", modfile, "-trimpath", "-tags=minimal", "-gcflags=all=-l", "-ldflags=-s -w", "-o", out, "./examples/app/wasm")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	build.Stderr = stderr
	if err := build.Run(); err != nil {
		return p, fmt.Errorf("go build: %w", err)
	}
	linked, err := os.ReadFile(out)
	if err != nil {
		return p, err
	}
	if p.WASM, err = oneSegment(linked, func(data []byte) {
		if err := withoutLines(data); err != nil {
			fmt.Fprintln(stderr, err)
		}
	}); err != nil {
		return p, fmt.Errorf("%s: %w", filepath.Base(out), err)
	}
	root, err := goCommand(ctx, ours.Dir, "env", "GOROOT").Output()
	if err != nil {
		return p, fmt.Errorf("go env: %w", err)
	}
	goroot := strings.TrimSpace(string(root))
	if p.Runtime, err = os.ReadFile(filepath.Join(goroot, "lib", "wasm", "wasm_exec.js")); err != nil {
		return p, err
	}
	p.Licenses, err = licenses(ctx, ours.Dir, goroot)
	return p, err
}

func goCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, "go", args...)
	c.Dir = dir
	return c
}

// modules are all of the build list, with their folders.
func modules(ctx context.Context) ([]module, error) {
	out, err := goCommand(ctx, "", "list", "-m", "-json", "all").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var all []module
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var m module
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
}

// leanFonts copies the module of the fonts and leaves out the ten faces that gonum/plot
// links and no figure is set in: those with serifs, those of one width and the oblique
// ones. Under their names stand the upright sans ones, whose bytes are in the program
// once.
func leanFonts(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		kept := "liberationsansregular"
		if strings.Contains(name, "bold") {
			kept = "liberationsansbold"
		}
		switch {
		case name == "go.mod" || name == "go.sum":
			err = copyFile(filepath.Join(from, name), filepath.Join(to, name))
		case e.IsDir() && name == kept:
			err = copySans(filepath.Join(from, name), filepath.Join(to, name))
		case e.IsDir() && strings.HasPrefix(name, "liberation"):
			src := "package " + name + "\n\nimport sans \"" + fontsModule + "/" + kept + "\"\n\nvar TTF = sans.TTF\n"
			err = writeFile(filepath.Join(to, name, "face.go"), []byte(src))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// copySans copies the package of a face, and its font without what nothing here runs.
func copySans(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err == nil && filepath.Ext(e.Name()) == ".ttf" {
			b, err = unhinted(b)
		}
		if err == nil {
			err = writeFile(filepath.Join(to, e.Name()), b)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", e.Name(), err)
		}
	}
	return nil
}

// replaced writes a go.mod, and the go.sum beside it, that take modules from folders.
func replaced(ctx context.Context, root, tmp string, folders map[string]string) (string, error) {
	modfile := filepath.Join(tmp, "go.mod")
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := copyFile(filepath.Join(root, name), filepath.Join(tmp, name)); err != nil {
			return "", err
		}
	}
	for module, folder := range folders {
		if out, err := goCommand(ctx, tmp, "mod", "edit", "-replace", module+"="+folder, modfile).CombinedOutput(); err != nil {
			return "", fmt.Errorf("go mod edit: %w: %s", err, out)
		}
	}
	return modfile, nil
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return writeFile(to, b)
}

func writeFile(name string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, b, 0o644)
}

// licenses are the texts of all modules in the program, Go's first and ours.
func licenses(ctx context.Context, dir, goroot string) (string, error) {
	list := goCommand(ctx, dir, "list", "-deps", "-tags=minimal", "-f", "{{with .Module}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}", "./examples/app/wasm")
	list.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("go list: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(lines)
	lines = slices.DeleteFunc(slices.Compact(lines), func(s string) bool { return s == "" })
	var b strings.Builder
	add := func(name, folder string) error {
		found := 0
		entries, err := os.ReadDir(folder)
		if err != nil {
			return err
		}
		for _, e := range entries {
			n := strings.ToUpper(e.Name())
			if e.IsDir() || !strings.HasPrefix(n, "LICENSE") && !strings.HasPrefix(n, "COPYING") && !strings.HasPrefix(n, "NOTICE") {
				continue
			}
			t, err := os.ReadFile(filepath.Join(folder, e.Name()))
			if err != nil {
				return err
			}
			found++
			fmt.Fprintf(&b, "%s (%s)\n\n%s\n\n", name, e.Name(), strings.TrimSpace(string(t)))
		}
		if found == 0 {
			return fmt.Errorf("%s has no license in %s", name, folder)
		}
		return nil
	}
	if err := add("Go", goroot); err != nil {
		return "", err
	}
	for _, l := range lines {
		name, rest, _ := strings.Cut(l, "\t")
		version, folder, _ := strings.Cut(rest, "\t")
		if err := add(strings.TrimSpace(name+" "+version), folder); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}
