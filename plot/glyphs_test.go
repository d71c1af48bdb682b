package plot

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMissingGlyphIsAnError(t *testing.T) {
	tr := smallTrial()
	tr.outcome.Label = "疼痛"
	f, err := Trajectories(tr.results(t))
	require.NoError(t, err)
	for _, format := range Formats() {
		var b bytes.Buffer
		err := f.Write(&b, format)
		var g *GlyphError
		require.ErrorAs(t, err, &g)
		assert.Equal(t, '疼', g.Char)
		assert.Contains(t, err.Error(), "疼")
		assert.Zero(t, b.Len())
	}
	file := filepath.Join(t.TempDir(), "f.png")
	require.Error(t, f.Save(file))
	assert.NoFileExists(t, file)
}

// Every character that medicine needs is in the font, regular and bold.
func TestNeededGlyphs(t *testing.T) {
	tr := smallTrial()
	tr.arms[0].Label = "Δ ≤ ≥ ± − × μ µ ² ³ ½ ¼ x̄ ë ő ı ł ñ ß ø æ ç α β γ δ κ λ π ρ σ τ χ ω ‰ ° ′ ″ – — “ ” ’ … → ← ↑ ↓ ∞ ≈ ≠ √ ∑ † ‡ § ® ™ € £"
	f, err := Change(tr.results(t))
	require.NoError(t, err)
	for _, format := range Formats() {
		written(t, f, format)
	}
}

func TestTextIsComposed(t *testing.T) {
	tr := smallTrial()
	tr.outcome.Label = "me\u0301taal" // e and a combining accent
	f, err := Trajectories(tr.results(t))
	require.NoError(t, err)
	assert.Contains(t, string(written(t, f, SVG)), "métaal")
}
