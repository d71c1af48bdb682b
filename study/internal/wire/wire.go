// Package wire writes the results of study as JSON. Keys are the fields' names
// in snake case, in their order; a number that does not exist is null, and an
// infinite one "Inf" or "-Inf", as JSON knows neither.
package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// Marshal writes a struct by its exported fields; those of embedded structs are
// among them. Values inside that write themselves do.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	if err := object(&b, reflect.ValueOf(v)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

var (
	marshaler = reflect.TypeFor[json.Marshaler]()
	stringer  = reflect.TypeFor[fmt.Stringer]()
)

func object(b *bytes.Buffer, v reflect.Value) error {
	b.WriteByte('{')
	first := true
	for _, f := range reflect.VisibleFields(v.Type()) {
		embedded := f.Anonymous && f.Type.Kind() == reflect.Struct
		if !f.IsExported() || embedded || f.Type.Kind() == reflect.Func {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		fmt.Fprintf(b, "%q:", snake(f.Name))
		if err := value(b, v.FieldByIndex(f.Index)); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	b.WriteByte('}')
	return nil
}

func value(b *bytes.Buffer, v reflect.Value) error {
	switch k := v.Kind(); {
	case (k == reflect.Interface || k == reflect.Pointer) && v.IsNil():
		b.WriteString("null")
	case v.Type().Implements(marshaler):
		return plain(b, v)
	case k == reflect.Interface || k == reflect.Pointer:
		return value(b, v.Elem())
	case k == reflect.Float64:
		switch x := v.Float(); {
		case math.IsNaN(x):
			b.WriteString("null")
		case math.IsInf(x, 0):
			fmt.Fprintf(b, "%q", strings.TrimPrefix(fmt.Sprint(x), "+"))
		default:
			return plain(b, v)
		}
	case k >= reflect.Int && k <= reflect.Int64 && v.Type().Implements(stringer): // a direction by its name
		fmt.Fprintf(b, "%q", v.Interface().(fmt.Stringer).String())
	case k == reflect.Struct:
		return object(b, v)
	case k == reflect.Slice || k == reflect.Array:
		b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := value(b, v.Index(i)); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	case k == reflect.Map && v.Type().Key().Kind() == reflect.String:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		b.WriteByte('{')
		for i, key := range keys {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := plain(b, key.Convert(reflect.TypeFor[string]())); err != nil {
				return err
			}
			b.WriteByte(':')
			if err := value(b, v.MapIndex(key)); err != nil {
				return err
			}
		}
		b.WriteByte('}')
	default:
		return plain(b, v)
	}
	return nil
}

func plain(b *bytes.Buffer, v reflect.Value) error {
	out, err := json.Marshal(v.Interface())
	b.Write(out)
	return err
}

// snake is a field's name as a key: HiOpen is hi_open, N1 n1, FisherP fisher_p.
func snake(name string) string {
	var b strings.Builder
	r := []rune(name)
	for i, c := range r {
		if unicode.IsUpper(c) && i > 0 && (!unicode.IsUpper(r[i-1]) || i+1 < len(r) && unicode.IsLower(r[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
