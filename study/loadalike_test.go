package study

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The quick comparison of IDs folds them as the slow one does, whatever they hold.
func TestAppendFolded(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const signs = "aAbZ 0010-/.,\t\u00a0éÉ"
	letters := []rune(signs)
	for range 20_000 {
		id := make([]rune, 1+r.IntN(9))
		for i := range id {
			id[i] = letters[r.IntN(len(letters))]
		}
		assert.Equal(t, foldID(string(id)), string(appendFolded(nil, string(id))), "%q", string(id))
	}
}
