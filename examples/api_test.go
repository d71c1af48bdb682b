package examples

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A package as `go list` tells of it.
type listed struct{ path, name, dir, export string }

// public reports whether another module can import the package.
func (p listed) public() bool {
	inside, ours := strings.CutPrefix(p.path, module)
	return ours && p.name != "main" && p.export != "" && !strings.Contains("/"+inside+"/", "/internal/") &&
		!strings.HasPrefix(inside, "examples") && !strings.HasPrefix(inside, "testdata")
}

// list asks go for the module's packages and, with deps, for all that they
// import; each has then a file of its types.
func list(t *testing.T, deps bool) []listed {
	t.Helper()
	args := []string{"list", "-f", "{{.ImportPath}}\t{{.Name}}\t{{.Dir}}\t{{.Export}}"}
	if deps {
		args = append(args, "-export", "-deps")
	}
	cmd := exec.Command("go", append(args, "./...")...)
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	var all []listed
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		require.Len(t, f, 4, line)
		all = append(all, listed{f[0], f[1], f[2], f[3]})
	}
	return all
}

// api lists what the public packages export: one line for each constant (with
// its value), variable, function, type, field and method, sorted. Unlike Go's
// own lists it has the names of parameters: (treated, control) turned into
// (control, treated) is the worst change of all, and no type shows it.
func api(t *testing.T, packages []listed) []string {
	t.Helper()
	export := map[string]string{}
	for _, p := range packages {
		export[p.path] = p.export
	}
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(export[path])
	})
	var lines []string
	for _, p := range packages {
		if !p.public() {
			continue
		}
		pkg, err := imp.Import(p.path)
		require.NoError(t, err)
		l := apiLister{pkg: pkg, place: strings.TrimPrefix(p.path, module)}
		for _, name := range pkg.Scope().Names() {
			if token.IsExported(name) {
				l.object(pkg.Scope().Lookup(name))
			}
		}
		lines = append(lines, l.lines...)
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// apiLister gathers the lines of one package.
type apiLister struct {
	pkg   *types.Package
	place string
	lines []string
}

func (l *apiLister) add(format string, args ...any) {
	l.lines = append(l.lines, l.place+": "+fmt.Sprintf(format, args...))
}

// qualify leaves the package itself out and writes its siblings by their place
// in the module.
func (l *apiLister) qualify(p *types.Package) string {
	if p == l.pkg {
		return ""
	}
	return strings.TrimPrefix(p.Path(), module)
}

func (l *apiLister) typ(t types.Type) string { return types.TypeString(t, l.qualify) }

func (l *apiLister) signature(t types.Type) string { return strings.TrimPrefix(l.typ(t), "func") }

func (l *apiLister) object(o types.Object) {
	switch o := o.(type) {
	case *types.Const:
		l.add("const %s %s = %s", o.Name(), l.typ(o.Type()), o.Val().ExactString())
	case *types.Var:
		l.add("var %s %s", o.Name(), l.typ(o.Type()))
	case *types.Func:
		l.add("func %s%s", o.Name(), l.signature(o.Type()))
	case *types.TypeName:
		l.typeName(o)
	}
}

func (l *apiLister) typeName(o *types.TypeName) {
	name, t := o.Name(), o.Type()
	if o.IsAlias() {
		t = types.Unalias(t)
		l.add("type %s = %s", name, l.typ(t))
		// Who is not let into the package behind the alias reads the type here.
		if named, ok := t.(*types.Named); !ok || !strings.Contains(named.Obj().Pkg().Path(), "/internal/") {
			return
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		l.add("type %s struct%s", name, l.params(t))
		l.fields(name, u)
	case *types.Interface:
		l.add("type %s interface%s", name, l.params(t))
		for m := range u.Methods() {
			if m.Exported() {
				l.add("type %s interface, %s%s", name, m.Name(), l.signature(m.Type()))
			} else {
				l.add("type %s interface, unexported methods", name)
			}
		}
		return
	default:
		l.add("type %s%s %s", name, l.params(t), l.typ(u))
	}
	onValue := types.NewMethodSet(t)
	for sel := range types.NewMethodSet(types.NewPointer(t)).Methods() {
		m := sel.Obj()
		if !m.Exported() {
			continue
		}
		receiver := "*" + name
		if onValue.Lookup(m.Pkg(), m.Name()) != nil {
			receiver = name
		}
		l.add("method (%s) %s%s", receiver, m.Name(), l.signature(sel.Type()))
	}
}

func (l *apiLister) params(t types.Type) string {
	named, ok := t.(*types.Named)
	if !ok || named.TypeParams().Len() == 0 {
		return ""
	}
	var list []string
	for p := range named.TypeParams().TypeParams() {
		list = append(list, p.Obj().Name()+" "+l.typ(p.Constraint()))
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// fields lists exported fields, those of an embedded type without a public
// name as the struct's own.
func (l *apiLister) fields(name string, s *types.Struct) {
	for f := range s.Fields() {
		switch {
		case f.Embedded() && f.Exported():
			l.add("type %s struct, embedded %s", name, l.typ(f.Type()))
		case f.Embedded():
			t := f.Type()
			if p, ok := t.Underlying().(*types.Pointer); ok {
				t = p.Elem()
			}
			if inner, ok := t.Underlying().(*types.Struct); ok {
				l.fields(name, inner)
			}
		case f.Exported():
			l.add("type %s struct, %s %s", name, f.Name(), l.typ(f.Type()))
		}
	}
}

// TestAPI holds the list of what the module exports to the source, read by
// another way: every exported declaration of a public package is in it, and
// two lists are equal.
func TestAPI(t *testing.T) {
	packages := list(t, true)
	got := api(t, packages)
	assert.Equal(t, got, api(t, packages), "the list is the same each time")
	has := func(place, prefix string) bool {
		return slices.ContainsFunc(got, func(line string) bool {
			rest, ok := strings.CutPrefix(line, place+": "+prefix)
			return ok && (rest == "" || strings.ContainsRune(" ([,", rune(rest[0])))
		})
	}
	declared := 0
	for _, p := range packages {
		if !p.public() {
			continue
		}
		place := strings.TrimPrefix(p.path, module)
		for _, want := range declarations(t, p.dir) {
			declared++
			assert.True(t, has(place, want), "%s: %s", place, want)
		}
	}
	assert.Greater(t, declared, 1000)
}

// declarations reads a package's exported declarations from its source.
func declarations(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if name := d.Name.Name; d.Recv == nil && ast.IsExported(name) {
					names = append(names, "func "+name)
				} else if of := receiver(d); ast.IsExported(name) && ast.IsExported(strings.TrimPrefix(of, "*")) {
					names = append(names, "method ("+of+") "+name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						if ast.IsExported(s.Name.Name) {
							names = append(names, "type "+s.Name.Name)
						}
					case *ast.ValueSpec:
						for _, n := range s.Names {
							if ast.IsExported(n.Name) {
								names = append(names, d.Tok.String()+" "+n.Name)
							}
						}
					}
				}
			}
		}
	}
	return names
}

// receiver is a method's receiver as the list writes it, "" for a function.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	typ, star := d.Recv.List[0].Type, ""
	if s, ok := typ.(*ast.StarExpr); ok {
		typ, star = s.X, "*"
	}
	switch g := typ.(type) {
	case *ast.IndexExpr:
		typ = g.X
	case *ast.IndexListExpr:
		typ = g.X
	}
	return star + typ.(*ast.Ident).Name
}

// apiFile is the list that the module promises.
const apiFile = "../testdata/api.txt"

var update = flag.Bool("update", false, "write testdata/api.txt anew")

// TestAPIUnchanged makes a change of the exported API a decision: whoever
// changes it writes the list anew and says why in the commit.
func TestAPIUnchanged(t *testing.T) {
	got := api(t, list(t, true))
	if *update {
		require.NoError(t, os.WriteFile(apiFile, []byte(strings.Join(got, "\n")+"\n"), 0o644))
	}
	file, err := os.ReadFile(apiFile)
	require.NoError(t, err)
	want := strings.Split(strings.TrimSuffix(string(file), "\n"), "\n")
	added, removed := without(got, want), without(want, got)
	if len(added)+len(removed) > 0 {
		t.Errorf("the exported API differs from testdata/api.txt:\n%s%s"+
			"if this is meant, run: go test ./examples -run TestAPI -update, and name the change in CHANGELOG.md",
			marked("+ ", added), marked("- ", removed))
	}
}

// without returns the lines of a that b lacks.
func without(a, b []string) []string {
	in := map[string]bool{}
	for _, line := range b {
		in[line] = true
	}
	return slices.DeleteFunc(slices.Clone(a), func(line string) bool { return in[line] })
}

func marked(mark string, lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(mark + line + "\n")
	}
	return b.String()
}
