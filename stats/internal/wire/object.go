package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// Null is what a zero value marshals to that has nothing to say.
var Null = []byte("null")

type pair struct {
	key   string
	value any
}

// Object is a JSON object that keeps the order of its keys.
type Object []pair

// Pairs makes an object of keys and values in turn.
func Pairs(kv ...any) Object { return Object(nil).With(kv...) }

// Fields makes an object of a struct's exported fields, those of embedded
// structs among them, with keys in snake case unless a tag names them.
func Fields(v any) Object { return fields(reflect.Indirect(reflect.ValueOf(v))) }

// With appends keys and values in turn. Floats, and those in lists and structs, are
// written as Number; a whole number with a name, such as a method's, by that.
func (o Object) With(kv ...any) Object {
	o = o[:len(o):len(o)]
	for i := 0; i < len(kv); i += 2 {
		o = append(o, pair{kv[i].(string), plain(reflect.ValueOf(kv[i+1]))})
	}
	return o
}

// Without leaves keys away.
func (o Object) Without(keys ...string) Object {
	var out Object
next:
	for _, p := range o {
		for _, k := range keys {
			if p.key == k {
				continue next
			}
		}
		out = append(out, p)
	}
	return out
}

// MarshalJSON writes the pairs in order.
func (o Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		v, err := json.Marshal(p.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.key, err)
		}
		fmt.Fprintf(&b, "%q:", p.key)
		b.Write(v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func fields(v reflect.Value) Object {
	var o Object
	for i := range v.NumField() {
		switch f := v.Type().Field(i); {
		case f.Anonymous && reflect.Indirect(v.Field(i)).Kind() == reflect.Struct:
			o = append(o, fields(reflect.Indirect(v.Field(i)))...)
		case f.IsExported():
			key, option, _ := strings.Cut(f.Tag.Get("json"), ",")
			if key == "" {
				key = snake(f.Name)
			}
			if option == "" || !v.Field(i).IsZero() { // omitempty is the one option in use
				o = append(o, pair{key, plain(v.Field(i))})
			}
		}
	}
	return o
}

var (
	marshaler = reflect.TypeFor[json.Marshaler]()
	stringer  = reflect.TypeFor[fmt.Stringer]()
)

// plain turns a value into one that encoding/json writes as this package promises.
func plain(v reflect.Value) any {
	if !v.IsValid() || (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil() {
		return nil
	}
	if v.Type().Implements(marshaler) {
		return v.Interface()
	}
	switch v.Kind() {
	case reflect.Float64:
		return Number(v.Float())
	case reflect.Int:
		if v.Type().Implements(stringer) {
			return v.Interface().(fmt.Stringer).String()
		}
	case reflect.Pointer, reflect.Interface:
		return plain(v.Elem())
	case reflect.Struct:
		return fields(v)
	case reflect.Map:
		out := map[string]any{}
		for k, x := range v.Seq2() {
			out[fmt.Sprint(k)] = plain(x)
		}
		return out
	case reflect.Slice:
		list := make([]any, v.Len()) // never null
		for i := range list {
			list[i] = plain(v.Index(i))
		}
		return list
	}
	return v.Interface()
}

// snake writes a Go name in snake case: "PGreater" as "p_greater", "DF2" as "df2".
func snake(name string) string {
	r := []rune(name)
	var b strings.Builder
	for i, c := range r {
		if i > 0 && unicode.IsUpper(c) && (!unicode.IsUpper(r[i-1]) || i+1 < len(r) && unicode.IsLower(r[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
