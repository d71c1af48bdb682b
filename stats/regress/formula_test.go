package regress_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/regress"
)

// terms writes a formula's terms as R's terms() does.
func terms(f *regress.Formula) string {
	out := []string{}
	if !f.Intercept {
		out = append(out, "0")
	}
	for _, t := range f.Terms {
		var v []string
		for _, x := range t.Vars {
			if x.Factor {
				v = append(v, "factor("+x.Name+")")
			} else {
				v = append(v, x.Name)
			}
		}
		out = append(out, strings.Join(v, ":"))
	}
	return strings.Join(out, " ")
}

// Expected terms: R 4.2.2, attr(terms(formula), "term.labels").
func TestParseFormula(t *testing.T) {
	for in, want := range map[string]string{
		"y ~ 1":                         "",
		"y ~ a":                         "a",
		"y~a+b":                         "a b",
		"fev ~ base + arm*visit":        "base arm visit arm:visit",
		"y ~ a*b*c":                     "a b c a:b a:c b:c a:b:c",
		"y ~ (a+b+c)^2":                 "a b c a:b a:c b:c",
		"y ~ (a+b+c)^2 - a:b":           "a b c a:c b:c",
		"y ~ a/b":                       "a a:b",
		"y ~ (a+b)/c":                   "a b a:b:c",
		"y ~ a/b/c":                     "a a:b a:b:c",
		"y ~ a - 1":                     "0 a",
		"y ~ -1 + a":                    "0 a",
		"y ~ 0 + a":                     "0 a",
		"y ~ a + 0 + 1":                 "a",
		"y ~ a:b + b":                   "b a:b",
		"y ~ a:b + b:a":                 "a:b",
		"y ~ a + a":                     "a",
		"y ~ a:a":                       "a",
		"y ~ a^2":                       "a",
		"y ~ factor(dose)*supp":         "factor(dose) supp factor(dose):supp",
		"y ~ C(dose)":                   "factor(dose)",
		"y ~ `post weight` + bdi.pre":   "post weight bdi.pre",
		"y ~ größe":                     "größe",
		"y ~ a*b - b":                   "a a:b",
		"y ~ (a + b):(c + d)":           "a:c a:d b:c b:d",
		"y ~ (a*b*c) - a:b:c":           "a b c a:b a:c b:c",
		"  y  ~  a  \n + b ":            "a b",
		"y ~ (((a)))":                   "a",
		"y ~ a + (b - b)":               "a",
		"y ~ (a - 1) + b":               "0 a b",
		"change_24h ~ arm:visit - 1":    "0 arm:visit",
		"y ~ a*b + offset_time + a:b:c": "a b offset_time a:b a:b:c",
	} {
		f, err := regress.ParseFormula(in)
		require.NoError(t, err, in)
		assert.Equal(t, want, terms(f), in)
	}
}

func TestFormulaErrorsPoint(t *testing.T) {
	for in, col := range map[string]int{
		"":                       1,
		"y":                      2,
		"y ~":                    4,
		"~ a":                    1,
		"y ~ a +":                8,
		"y ~ a b":                7,
		"y ~ log(a)":             5,
		"y ~ poly(a, 2)":         11,
		"y ~ a + offset(b)":      9,
		"y ~ a ~ b":              7,
		"y ~ (a + b":             11,
		"y ~ a + b)":             10,
		"y ~ 2*a":                5,
		"y ~ a:1":                7,
		"y ~ a^b":                7,
		"y ~ a^99":               7,
		"y ~ .":                  5,
		"y ~ a % b":              7,
		"y ~ `a":                 5,
		"y ~ a + y":              9,
		"y ~ factor(a + b)":      14,
		"größe ~ a & b":          11,
		"y ~ 3":                  5,
		"y ~ -1":                 7,
		"y ~ I(a^2)":             5,
		"y ~ 1a":                 5,
		"log(y) ~ a":             4,
		"y ~ a\xff":              6,
		"y ~ ()":                 6,
		"y ~ (a+b+c+d+e+f)^6)":   20,
		"y ~ a*(0)":              6,
		"y ~ a + factor(factor)": 0,
	} {
		_, err := regress.ParseFormula(in)
		if col == 0 {
			assert.NoError(t, err, in)
			continue
		}
		var fe *regress.FormulaError
		require.ErrorAs(t, err, &fe, in)
		assert.ErrorIs(t, err, regress.ErrFormula)
		assert.Equal(t, col, fe.Column, "%q: %v", in, err)
	}
}

func FuzzParseFormula(f *testing.F) {
	for _, s := range []string{"y ~ a*b - 1", "y ~ (a+b)^2/c", "y ~ `a b`:factor(c)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := regress.ParseFormula(s)
		if (p == nil) == (err == nil) {
			t.Fatalf("%q: %v %v", s, p, err)
		}
	})
}

func TestFrameErrors(t *testing.T) {
	var f regress.Frame
	f.Numeric("y", []float64{1, 3, 2, 5, 4})
	f.Category("arm", []string{"a", "b", "a", "b", "a"}, "b")
	_, err := f.Linear("y ~ arm + age")
	var fe *regress.FormulaError
	require.ErrorAs(t, err, &fe)
	assert.Equal(t, 11, fe.Column)
	_, err = f.Linear("arm ~ y")
	assert.ErrorIs(t, err, regress.ErrFormula)
	m, err := f.Linear("y ~ arm - 1")
	require.NoError(t, err)
	assert.Equal(t, []string{"armb", "arma"}, m.Names())
	assert.Equal(t, 4.0, m.Coefficient("armb").Value)
}

func ExampleFrame_Linear() {
	var f regress.Frame
	f.Numeric("post", []float64{3, 4, 2, 6, 7, 5})
	f.Numeric("pre", []float64{6, 7, 4, 6, 7, 5})
	f.Category("arm", []string{"hilt", "hilt", "hilt", "sham", "sham", "sham"}, "sham")
	m, err := f.Linear("post ~ pre + arm")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Coefficient("armhilt"))
	_, err = f.Linear("post ~ pre + log(arm)")
	fmt.Println(err)
	// Output:
	// -2.75 (95% CI -3.51 to -1.99; p = 0.0014; t, 3 df)
	// formula column 14: unknown function log: transform the data first (only factor and C are known)
	// 	post ~ pre + log(arm)
	// 	             ^
}
