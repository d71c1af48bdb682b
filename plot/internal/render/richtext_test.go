package render

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRichText(t *testing.T) {
	assert.Equal(t, []richPart{{"R", 0}, {"2", superShift}, {" of x", 0}, {"i", subShift}, {" a_b ^ {c}", 0}},
		richParts("R^{2} of x_{i} a_b ^ {c}"))
	assert.Equal(t, []richPart{{"open ^{2", 0}}, richParts("open ^{2"))
	assert.Empty(t, richParts(""))
	h := NewRich()
	w, _, _ := h.Box("R^{2}", sans(7.5))
	plain, _, _ := h.Box("R2", sans(7.5))
	assert.Less(t, w, plain)
	assert.Equal(t, w, h.Width(sans(7.5), "R^{2}"))
}
