package stats

import (
	"encoding/json"
	"strconv"

	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// Matrix is a matrix by rows, such as the covariance of a model's coefficients
// or of a participant's visits; its order is that of what it belongs to.
type Matrix [][]float64

// String prints the matrix with four significant digits below the numbers of
// its columns.
func (m Matrix) String() string {
	if len(m) == 0 {
		return show.NoResult
	}
	header := []string{""}
	for j := range m[0] {
		header = append(header, strconv.Itoa(j+1))
	}
	rows := make([][]string, len(m))
	for i, row := range m {
		rows[i] = []string{strconv.Itoa(i + 1)}
		for _, x := range row {
			rows[i] = append(rows[i], show.Digits(x, 4))
		}
	}
	return show.Table(header, rows)
}

// MarshalJSON writes the rows; a number that does not exist is null.
func (m Matrix) MarshalJSON() ([]byte, error) { return json.Marshal(wire.Matrix(m)) }
