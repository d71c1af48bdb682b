package labels

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDistinct(t *testing.T) {
	t.Parallel()
	want := []string{"", "01", "1", "2", "10", "p2", "p2a", "p02b", "p10", "q"}
	assert.Equal(t, want, Distinct([]string{"q", "p10", "10", "p2", "2", "1", "", "01", "p2a", "p02b", "q", "10"}))
}

func TestByValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want []string }{
		{[]string{"week 10", "week 2", "week 1"}, []string{"week 1", "week 2", "week 10"}},
		{[]string{"V10", "V9"}, []string{"V9", "V10"}},
		{[]string{"1.5", "1.10", "-2", "1e1"}, []string{"-2", "1.10", "1.5", "1e1"}},
		{[]string{"2:10", "2:9", "1:30"}, []string{"1:30", "2:9", "2:10"}},
		{[]string{"end"}, []string{"end"}},
		{nil, nil},
		{[]string{"week 12", "day 1"}, nil},
		{[]string{"baseline", "end"}, nil},
		{[]string{"day -1", "day 1"}, nil},
		{[]string{"day -1", "day -2"}, nil},
		{[]string{"week 1.5", "week 1.10"}, nil},
		{[]string{"week 2", "week 02"}, nil},
		{[]string{"1", "1.0"}, nil},
		{[]string{"NaN", "1"}, nil},
	} {
		got, ok := ByValue(c.in)
		assert.Equal(t, c.want, got, "%q", c.in)
		assert.Equal(t, c.want != nil || c.in == nil, ok, "%q", c.in)
	}
}
