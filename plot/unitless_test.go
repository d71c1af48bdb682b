package plot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An outcome without a unit leaves no space where the unit would stand, in no
// chart and no language.
func TestNoUnitNoSpace(t *testing.T) {
	tr := smallTrial()
	for _, lang := range []string{"en", "nl"} {
		for _, unit := range []string{"", "cm"} {
			tr.outcome.Unit = unit
			results := tr.results(t)
			for name, draw := range charts(Options{Lang: lang}) {
				f, err := draw(results)
				require.NoError(t, err, name)
				text := f.Alt() + " " + f.Caption()
				for _, m := range f.render().Marks {
					text += " " + strings.TrimRight(m.Text, " ") // upright visits stand clear of their ticks
				}
				plain := strings.Join(strings.FieldsFunc(strings.ReplaceAll(text, "\u00a0", "~"), func(r rune) bool { return r == ' ' }), " ")
				for _, bad := range []string{"~.", "~)", "~,", "~;", "~~", " )", " ,", " ;", "()"} {
					assert.NotContains(t, plain, bad, "%s, unit %q", name, unit)
				}
			}
		}
	}
}
