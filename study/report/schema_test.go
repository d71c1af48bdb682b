package report

import (
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The schema of results.json is made from the types that write it, so that it
// describes every key; the tests beside it hold files to it.

const schemaFile = "../../testdata/results.schema.json"

var updateSchema = flag.Bool("update-schema", false, "write testdata/results.schema.json anew")

// object is a JSON object that keeps its keys in order.
type object []member

type member struct {
	key   string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		k, err := json.Marshal(m.key)
		if err != nil {
			return nil, err
		}
		v, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, k...), ':'), v...)
	}
	return append(b, '}'), nil
}

// constants are the values of study's string constants of a type, or of those
// without one whose names begin with a prefix, in the order of its source.
func constants(t *testing.T, dir, name string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	known := map[string]string{} // by the constant's name
	var out []string
	add := func(n string, of string, v ast.Expr) {
		value := ""
		switch v := v.(type) {
		case *ast.BasicLit:
			value, _ = strconv.Unquote(v.Value)
		case *ast.CallExpr: // Method(ANCOVA)
			if id, ok := v.Args[0].(*ast.Ident); ok {
				value = known[id.Name]
			}
		}
		known[n] = value
		if (of == name || of == "" && strings.HasPrefix(n, name)) && value != "" {
			out = append(out, value)
		}
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f, nil, 0)
		require.NoError(t, err)
		for _, d := range tree.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				v := s.(*ast.ValueSpec)
				of := ""
				if id, ok := v.Type.(*ast.Ident); ok {
					of = id.Name
				}
				for i, n := range v.Names {
					if i < len(v.Values) {
						add(n.Name, of, v.Values[i])
					}
				}
			}
		}
	}
	require.NotEmpty(t, out, "no constants of %s", name)
	return out
}

// enums are the words that a key may hold, where its type in Go does not say so.
var enums = map[string][]string{
	"joint.method":            {"dunnett"},
	"plan.se":                 {"model", "hc3"},
	"better":                  {"lower", "higher"},
	"measure":                 {"hedges-g-change", "hedges-g"},
	"side":                    {"lower", "upper"},
	"nonInferiority.scale":    {"difference", "risk-difference"},
	"equivalence.scale":       {"difference", "risk-difference"},
	"responder.rule":          nil, // study's constants, see below
	"contrast.rule":           nil,
	"responderEffect.missing": nil,
}

type schemaMaker struct {
	t     *testing.T
	defs  map[string]object
	order []string
}

// of describes a type where it stands as a key of a struct.
func (m *schemaMaker) of(typ reflect.Type, at string) any {
	key := at[strings.LastIndex(at, ".")+1:]
	switch typ {
	case reflect.TypeFor[number]():
		return object{{"$ref", "#/$defs/" + m.number(key)}}
	case reflect.TypeFor[float64]():
		if key == "level" || key == "alpha" {
			return object{{"type", "number"}, {"exclusiveMinimum", 0}, {"exclusiveMaximum", 1}}
		}
		return object{{"type", "number"}}
	}
	switch typ.Kind() {
	case reflect.Pointer:
		inner := m.of(typ.Elem(), at)
		return object{{"anyOf", []any{inner, object{{"type", "null"}}}}}
	case reflect.Slice:
		return object{{"type", "array"}, {"items", m.of(typ.Elem(), at)}}
	case reflect.Map:
		return object{{"type", "object"}, {"additionalProperties", m.of(typ.Elem(), at)}}
	case reflect.Struct:
		return m.object(typ, at)
	case reflect.Bool:
		return object{{"type", "boolean"}}
	case reflect.Int:
		if key == "format_version" {
			return object{{"const", formatVersion}}
		}
		return object{{"type", "integer"}, {"minimum", 0}}
	case reflect.String:
		words, ok := enums[at]
		if !ok {
			words, ok = enums[key]
		}
		switch {
		case typ.Name() != "string":
			words = constants(m.t, filepath.Join("..", strings.TrimPrefix(typ.PkgPath(), "github.com/trialkit/trialkit/study")), typ.Name())
		case key == "missing" && ok:
			words = constants(m.t, "..", "MissingResponse")
		case key == "rule" && ok:
			words = constants(m.t, "..", "Rule")
		case !ok:
			return object{{"type", "string"}}
		}
		return object{{"enum", words}}
	}
	m.t.Fatalf("no schema for %s at %s", typ, at)
	return nil
}

// number is the definition of a number that may not exist.
func (m *schemaMaker) number(key string) string {
	p := key == "p" || strings.HasPrefix(key, "p_") || strings.HasSuffix(key, "_p") || key == "sgpv" || key == "adjusted"
	switch {
	case p:
		m.defs["probability"] = object{{"type", []string{"number", "null"}}, {"minimum", 0}, {"maximum", 1}}
		return "probability"
	case key == "sd" || key == "sd_change" || key == "se":
		m.defs["spread"] = object{{"type", []string{"number", "null"}}, {"minimum", 0}}
		return "spread"
	}
	m.defs["number"] = object{{"type", []string{"number", "null"}}}
	return "number"
}

// object describes a struct: a named one once, under $defs.
func (m *schemaMaker) object(typ reflect.Type, at string) any {
	name := strings.TrimPrefix(typ.Name(), "json")
	if name != "" {
		name = strings.ToLower(name[:1]) + name[1:]
		at = name
		if _, ok := m.defs[name]; ok {
			return object{{"$ref", "#/$defs/" + name}}
		}
		m.defs[name] = nil // for types that hold themselves
	}
	var required []string
	var properties object
	for _, f := range fields(typ) {
		key := f.Tag.Get("json")
		require.NotEmpty(m.t, key, "%s.%s has no key", typ, f.Name)
		required = append(required, key)
		properties = append(properties, member{key, m.of(f.Type, at+"."+key)})
	}
	o := object{{"type", "object"}, {"required", required}, {"additionalProperties", false}, {"properties", properties}}
	if name == "" {
		return o
	}
	m.defs[name] = o
	m.order = append(m.order, name)
	return object{{"$ref", "#/$defs/" + name}}
}

func schema(t *testing.T) []byte {
	t.Helper()
	m := &schemaMaker{t: t, defs: map[string]object{}}
	m.object(reflect.TypeFor[resultsFile](), "")
	file := object{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "trialkit results.json, format version 2"}}
	file = append(file, m.defs["resultsFile"]...)
	var defs object
	for _, name := range append([]string{"number", "probability", "spread"}, slices.DeleteFunc(m.order, func(n string) bool { return n == "resultsFile" })...) {
		defs = append(defs, member{name, m.defs[name]})
	}
	b, err := json.MarshalIndent(append(file, member{"$defs", defs}), "", " ")
	require.NoError(t, err)
	return append(b, '\n')
}

// fields are a struct's, with those of embedded structs in their place.
func fields(typ reflect.Type) []reflect.StructField {
	var out []reflect.StructField
	for i := range typ.NumField() {
		if f := typ.Field(i); f.Anonymous {
			out = append(out, fields(f.Type)...)
		} else {
			out = append(out, f)
		}
	}
	return out
}

// keysOf lists every key that a type writes, with those above it.
func keysOf(typ reflect.Type, at string) []string {
	var out []string
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct {
		return nil
	}
	for _, f := range fields(typ) {
		key := at + f.Tag.Get("json")
		out = append(append(out, key), keysOf(f.Type, key+".")...)
	}
	return out
}

func TestSchemaIsOfTheTypes(t *testing.T) {
	want := schema(t)
	if *updateSchema {
		require.NoError(t, os.WriteFile(schemaFile, want, 0o644))
	}
	got, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "go test ./study/report -run TestSchema -update-schema")
}

// results.v1.txt lists the keys of version 1, as its program's types had them:
// other programs read them, and none may go or be renamed.
func TestVersion1KeysStay(t *testing.T) {
	raw, err := os.ReadFile("testdata/results.v1.txt")
	require.NoError(t, err)
	now := keysOf(reflect.TypeFor[resultsFile](), "")
	for _, key := range strings.Fields(string(raw)) {
		assert.Contains(t, now, key, "a key of version 1 is gone")
	}
}
