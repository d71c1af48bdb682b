package reftest

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// loaded writes the cases to a file of a topic and reads them.
func loaded(t *testing.T, topic, cases string) []*Case {
	t.Helper()
	file := filepath.Join(t.TempDir(), topic+".json")
	require.NoError(t, os.WriteFile(file, []byte(`{"source":"R","cases":[`+cases+`]}`), 0o600))
	out, err := Load(file)
	require.NoError(t, err)
	return out
}

func problem(h Handler, c *Case) string {
	msg, _ := runCase(h, c)
	return msg
}

// A case matches only where every number was compared and every input read.
func TestNothingMatchesByOmission(t *testing.T) {
	const c = `{"id":"a","input":{"x":[1,2],"level":0.9},"call":"mean(x)","expect":{"mean":1.5,"sd":0.5}}`
	all := func(c *Case) error { c.Floats("x"); c.Num("level"); c.Want("mean", 1.5); c.Want("sd", 0.5); return nil }
	assert.Empty(t, problem(all, loaded(t, "t", c)[0]))
	for want, h := range map[string]Handler{
		"not compared: sd":       func(c *Case) error { c.Floats("x"); c.Num("level"); c.Want("mean", 1.5); return nil },
		"inputs not used: level": func(c *Case) error { c.Floats("x"); c.Want("mean", 1.5); c.Want("sd", 0.5); return nil },
		`"mean": got 1.6`:        func(c *Case) error { c.Floats("x"); c.Num("level"); c.Want("mean", 1.6); c.Want("sd", 0.5); return nil },
		"panic: no input y":      func(c *Case) error { c.Floats("y"); return nil },
		"has no number there": func(c *Case) error {
			c.Floats("x")
			c.Num("level")
			c.Want("median", 1.5)
			c.Skip("mean", "sd")
			return nil
		},
		"no function for this":    func(*Case) error { return ErrNoFunction },
		"neither a typed error n": func(c *Case) error { c.Refused(nil, ""); return nil },
	} {
		assert.Contains(t, problem(h, loaded(t, "t", c)[0]), want)
	}
	assert.Empty(t, problem(func(c *Case) error { c.Refused(errors.New("no variation"), ""); return nil }, loaded(t, "t", c)[0]))
	h := func(c *Case) error {
		c.Floats("x")
		c.Unused("level")
		c.Want("mean", 1.5)
		c.Want("sd", 0.5)
		return nil
	}
	assert.Empty(t, problem(h, loaded(t, "t", c)[0]))
}

// A case that is none spoils no other of its file.
func TestUnreadableCase(t *testing.T) {
	cs := loaded(t, "t", `{"id":"list","input":[1,2],"expect":1},{"id":"good","input":{},"expect":1},{"input":"text"}`)
	require.Len(t, cs, 3)
	one := func(c *Case) error { c.Want("", 1); return nil }
	assert.NotEmpty(t, problem(one, cs[0]))
	assert.Empty(t, problem(one, cs[1]))
	assert.Equal(t, "case 2", cs[2].ID)
	assert.NotEmpty(t, problem(one, cs[2]))
}

// A case may have the data of another of its file.
func TestDataOfAnotherCase(t *testing.T) {
	cs := loaded(t, "t", `{"id":"a","input":{"data":{"y":[1,2]}},"expect":1},{"id":"b","input":{"data_as_in":"a"},"expect":1}`)
	assert.JSONEq(t, `{"y":[1,2]}`, string(cs[1].Input["data"]))
	h := func(c *Case) error { var v any; c.In("data", &v); c.Want("", 1); return nil }
	assert.Empty(t, problem(h, cs[1]))
	file := filepath.Join(t.TempDir(), "t.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"cases":[{"id":"b","input":{"data_as_in":"c"},"expect":1}]}`), 0o600))
	_, err := Load(file)
	assert.ErrorContains(t, err, "the data of c, which has none")
}

// A case may say that an input is that of the first of its set.
func TestInputOfTheFirstCase(t *testing.T) {
	cs := loaded(t, "t", `{"id":"a/1","input":{"x":[1]},"expect":1},{"id":"b/1","input":{"x":[2]},"expect":1},
		{"id":"b/2","input":{"x":"as in the first case of this set"},"expect":1},{"id":"c/1","input":{"x":"as in the first case"},"expect":1}`)
	assert.JSONEq(t, `[2]`, string(cs[2].Input["x"]))
	assert.JSONEq(t, `"as in the first case"`, string(cs[3].Input["x"]), "there is no other")
	cs = loaded(t, "t", `{"id":"a","input":{"data":{"y":[1]},"ice":{"id":[3]}},"expect":1},{"id":"b","input":{"data_as_in":"a"},"expect":1}`)
	assert.JSONEq(t, `{"id":[3]}`, string(cs[1].Input["ice"]))
}

// A topic has its own handler, that of its beginning, or none.
func TestHandlerOfTopic(t *testing.T) {
	saved := handlers
	defer func() { handlers = saved }()
	handlers = map[string]Handler{}
	called := ""
	for _, name := range []string{"gee", "mmrm_*", "mmrm_gls_*", "gee_more"} {
		Register(name, func(*Case) error { called = name; return nil })
	}
	for topic, want := range map[string]string{"gee": "gee", "gee_invented": "gee", "gee_more": "gee_more", "gee_more_2": "gee_more",
		"mmrm_fev": "mmrm_*", "mmrm_gls_fev": "mmrm_gls_*", "geepack": "", "counts": "", "x": "", "": ""} {
		h := handler(topic)
		if called = ""; h != nil {
			_ = h(nil)
		}
		assert.Equal(t, want, called, topic)
	}
	assert.Panics(t, func() { Register("gee", nil) })
}

// A folder named by the variable stands alone; a relative one starts at the
// module's root.
func TestFolders(t *testing.T) {
	t.Setenv("TRIALKIT_REFERENCE", "testdata/reference")
	assert.Equal(t, []string{Committed()}, Folders())
	t.Setenv("TRIALKIT_REFERENCE", t.TempDir())
	assert.Equal(t, []string{os.Getenv("TRIALKIT_REFERENCE")}, Folders())
	t.Setenv("TRIALKIT_REFERENCE", "")
	assert.Equal(t, Committed(), Folders()[0])
}

// Further results are compared where a handler knows them and missed by none;
// without them a bare list has its own elements alone.
func TestExtraResults(t *testing.T) {
	cs := loaded(t, "t", `{"id":"a","input":{},"expect":[1,2]},{"id":"b","input":{},"expect":[1,2],"extra":{"third":3}}`)
	list := func(c *Case) error { c.WantVec("", []float64{1, 2}); return nil }
	for _, c := range cs {
		assert.Empty(t, problem(list, c), c.ID)
	}
	wrong := func(c *Case) error { c.WantVec("", []float64{1, 2}); c.Want("extra.third", 4); return nil }
	assert.Contains(t, problem(wrong, cs[1]), "extra.third")
}

// Inputs that a data set implies are added where the case has none of its own.
func TestSupplement(t *testing.T) {
	cs := loaded(t, "mmrm_gls_fev", `{"id":"a","input":{"dataset":"fev_data.csv"},"expect":1},
		{"id":"b","input":{"dataset":"fev_data.csv","formula":"y ~ x"},"expect":1},{"id":"c","input":{"dataset":"other.csv"},"expect":1}`)
	assert.Equal(t, "FEV1 ~ ARMCD * AVISIT", cs[0].Str("formula"))
	assert.Equal(t, "y ~ x", cs[1].Str("formula"))
	assert.False(t, cs[2].Has("formula"))
}

// What the repository holds is whole, and ours to give away: a case names no
// data set but one beside it, and none is marked to be kept out.
func TestCommittedCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(Committed(), "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		var doc struct {
			Cases []struct {
				ID      string
				Input   map[string]any
				KeepOut bool `json:"keep_out"`
			}
		}
		require.NoError(t, json.Unmarshal(b, &doc), file)
		for _, c := range doc.Cases {
			name := filepath.Base(file) + " " + c.ID
			assert.False(t, c.KeepOut, name)
			own := c.Input["x"] != nil || c.Input["data"] != nil || c.Input["qhat"] != nil
			if d, ok := c.Input["dataset"].(string); ok && !own {
				assert.FileExists(t, filepath.Join(Committed(), d), name)
			}
			if f, ok := c.Input["file"].(string); ok {
				assert.FileExists(t, filepath.Join(Committed(), f), name)
			}
		}
	}
}
