package statstest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Results checks that results print without traces of Go and marshal to JSON
// that says something, and that the zero value of each of their types prints "no
// result" and marshals without an error.
func Results(t *testing.T, results ...any) {
	t.Helper()
	for _, x := range results {
		s := fmt.Sprint(x)
		for _, bad := range []string{"0x", "{", "map[", "NaN", "-0.0 ", "-0.00", "no result", "%!"} {
			assert.NotContains(t, s, bad, "%T", x)
		}
		assert.NotEmpty(t, s, "%T", x)
		v := reflect.ValueOf(x)
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		zero := reflect.New(v.Type())
		assert.Equal(t, "no result", fmt.Sprint(zero.Elem()), "%T", x)
		for _, y := range []any{x, v.Interface(), zero.Interface(), zero.Elem().Interface()} {
			b, err := json.Marshal(y)
			assert.NoError(t, err, "%T", y)
			assert.NotContains(t, []string{"{}", ""}, string(b), "%T", y)
		}
	}
}
