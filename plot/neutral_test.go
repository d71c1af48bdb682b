package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// What belongs to no arm is gray in every palette: in an arm's color, or in
// control's black, it would be read as that arm's.
func TestWhatIsNoArmsIsGray(t *testing.T) {
	rs := randomTrial(3, 4, 20, 0.1).results(t)
	for _, p := range []Palette{OkabeIto, PaletteJAMA, PaletteNEJM, PaletteLancet, PaletteGray} {
		o := Options{Style: Style{Palette: p}}
		th, err := newTheme(o, false, study.StudyInfo{})
		require.NoError(t, err)
		ofArms := map[[3]uint8]bool{}
		control, active, _ := p.colors()
		for _, c := range append(active, control) {
			ofArms[[3]uint8{c.R, c.G, c.B}] = true
		}
		for i := range 6 {
			c := th.plainLook(i).color
			assert.False(t, ofArms[[3]uint8{c.R, c.G, c.B}], "%q: gray %d is an arm's", p, i)
		}
		all := plainCharts(o)
		all["missing"] = charts(o)["missing"]
		all["forest"] = func(rs []study.Result) (*Figure, error) {
			table := forestOf(rs)
			for i := range table.Rows {
				table.Rows[i].Arm = study.Arm{}
			}
			return ForestWith(table, ForestOptions{Options: o})
		}
		all["correlations"] = func([]study.Result) (*Figure, error) {
			return CorrelationsWith([]string{"a", "b"}, [][]float64{{2, 1}, {1, 3}}, CorrelationsOptions{Options: o})
		}
		for _, name := range []string{"roc", "residuals", "power", "meta", "triangulation", "agreement", "missing", "forest", "correlations"} {
			f, err := all[name](rs)
			require.NoError(t, err, name)
			for _, m := range f.render().Marks {
				c := m.Color
				if c.R != c.G || c.G != c.B {
					t.Errorf("%q, %s: color %v", p, name, c)
					break
				}
			}
		}
	}
}
