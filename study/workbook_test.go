package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet/sheettest"
)

// A number cell is the number that it holds: no decimal sign of its neighbors or of
// the protocol makes thousands of 2.125.
func TestNumberCellsHaveOneReading(t *testing.T) {
	p := OneOutcome(Outcome{ID: "x", Better: LowerIsBetter})
	p.Data.Covariates = []Covariate{{ID: "dose", Column: "dose", Kind: Numeric}}
	rows := [][]any{{"id", "arm", "x0", "x1", "dose"},
		{"1", "a", 2.125, 1.531, 1.25e-7}, {"2", "a", "6,5", 2.875, 1.125}, {"3", "c", 3.125, 1.125, 2.625}, {"4", "c", 4.375, "3,5", 1.375}}
	for _, decimal := range []string{"", ","} {
		p.Data.Decimal = decimal
		ds, err := Load(strings.NewReader(sheettest.Workbook(t, rows)), "d.xlsx", p)
		require.NoError(t, err)
		for i, want := range [][]float64{{2.125, 1.531, 1.25e-7}, {6.5, 2.875, 1.125}, {3.125, 1.125, 2.625}, {4.375, 3.5, 1.375}} {
			q := ds.Participants()[i]
			got := []float64{q.Numbers["dose"]}
			for j, v := range []string{"v0", "v1"} {
				x, ok := ds.Value(q.ID, "x", v)
				require.True(t, ok)
				assert.Equal(t, want[j], x.Number, "%s %s, decimal %q", q.ID, v, decimal)
			}
			assert.Equal(t, want[2], got[0])
		}
	}
}

// An error cell is no value, no category and no missing value in silence; declared,
// it is missing.
func TestErrorCellsAreProblems(t *testing.T) {
	p := OneOutcome(Outcome{ID: "x", Better: LowerIsBetter})
	p.Data.Covariates = []Covariate{{ID: "sex", Column: "sex", Kind: Category}}
	rows := [][]any{{"id", "arm", "x0", "x1", "sex"},
		{"1", "a", 2, 1, "f"}, {"2", "a", 5, "#DIV/0!", "m"}, {"3", "c", 3, 4, "#N/A"}, {"4", "c", 4, 3, "f"}}
	_, err := Load(strings.NewReader(sheettest.Workbook(t, rows)), "d.xlsx", p)
	assert.ErrorContains(t, err, "d.xlsx:Data!D3: ")
	assert.ErrorContains(t, err, "d.xlsx:Data!E4: ")
	p.Data.Missing = []string{"#DIV/0!", "#N/A"}
	_, err = Load(strings.NewReader(sheettest.Workbook(t, rows)), "d.xlsx", p)
	assert.NoError(t, err)
}

// A sheet has no delimiter that could have been missed.
func TestSheetOfOneColumn(t *testing.T) {
	_, err := Load(strings.NewReader(sheettest.Workbook(t, [][]any{{"id"}, {1}, {2}})), "d.xlsx", Parsed(t, signsProtocol))
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "delimiter")
}
