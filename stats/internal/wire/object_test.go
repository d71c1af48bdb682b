package wire

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type kind int

func (k kind) String() string { return [...]string{"first", "second"}[k] }

type inner struct {
	DF1  float64
	SE   float64
	note string
}

type sample struct {
	inner
	PGreater float64
	MSError  []float64
	Kind     kind
	N        int
	Next     *sample
	Args     map[string]any `json:"arguments,omitempty"`
}

func TestFields(t *testing.T) {
	b, err := json.Marshal(Fields(sample{inner: inner{DF1: 2, SE: math.NaN(), note: "x"}, PGreater: math.Inf(-1),
		MSError: []float64{1, math.Inf(1)}, Kind: 1, N: 3}).Without("n").With("p", 0.5, "n", 4))
	require.NoError(t, err)
	args, err := json.Marshal(Pairs("of", sample{Args: map[string]any{"n": 2, "r": math.NaN()}}))
	require.NoError(t, err)
	assert.Contains(t, string(args), `"next":null,"arguments":{"n":2,"r":null}}`)
	assert.Equal(t, `{"df1":2,"se":null,"p_greater":"-Inf","ms_error":[1,"Inf"],"kind":"second","next":null,"p":0.5,"n":4}`, string(b))
}

func TestObjectsAreNotShared(t *testing.T) {
	o := Pairs("a", 1, "b", 2)
	x, y := o.With("c", 3), o.With("d", 4)
	b, err := json.Marshal([]Object{o, x, y, o.Without("a")})
	require.NoError(t, err)
	assert.Equal(t, `[{"a":1,"b":2},{"a":1,"b":2,"c":3},{"a":1,"b":2,"d":4},{"b":2}]`, string(b))
}

func TestMapsInObjects(t *testing.T) {
	b, err := json.Marshal(Pairs("args", map[string]any{"df": math.NaN(), "n": 3, "x": math.Inf(1)}))
	require.NoError(t, err)
	assert.Equal(t, `{"args":{"df":null,"n":3,"x":"Inf"}}`, string(b))
}

func TestSnakeCase(t *testing.T) {
	for name, want := range map[string]string{"MonteCarlo": "monte_carlo", "X2": "x2", "TiedX": "tied_x", "AUC": "auc", "MSParticipants": "ms_participants", "P": "p"} {
		assert.Equal(t, want, snake(name))
	}
}
