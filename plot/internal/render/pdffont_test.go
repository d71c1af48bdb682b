package render

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/plot/vg"
)

// Cyrillic is not among the common characters; the labels of trials are.
func TestCommonText(t *testing.T) {
	for text, want := range map[string]bool{
		"Δ ≤ ≥ ± − × μ µ ² ³ ½ x̄ ë ő ° · – — ’ “ ” € α β γ → ← σ": true,
		"Réponse à l’inclusion: 0,5–1 µg·kg":                       true,
		"Боль":  false,
		"₂ ⅓ №": false,
	} {
		s := NewScene(100, 100)
		s.FillString(fonts().Lookup(sans(8), 8), vg.Point{X: 10, Y: 10}, "plain")
		s.FillString(fonts().Lookup(sans(8), 8), vg.Point{X: 10, Y: 20}, text)
		assert.Equal(t, want, s.commonText(), text)
	}
}
