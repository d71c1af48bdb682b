package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPages(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"60 participants are randomized to each arm, 180 in 3 arms", "means 43 to 93", "HILT: power 90%", "No number is established: the SD comes from 10 participants."},
		"nl": {"In elke groep worden 60 deelnemers gerandomiseerd", "43 tot", "Geen aantal staat vast: de SD komt van 10 deelnemers."},
	} {
		var out, errs bytes.Buffer
		assert.Zero(t, run([]string{"-lang", lang}, &out, &errs), errs.String())
		flat := string(bytes.Join(bytes.Fields(out.Bytes()), []byte(" ")))
		for _, w := range want {
			assert.Contains(t, flat, w)
		}
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "plan")
	var out, errs bytes.Buffer
	require.Zero(t, run([]string{"-out", dir}, &out, &errs), errs.String())
	for _, name := range []string{"plan.md", "plan.html", "plan.docx", "plan-sensitivity.svg", "plan-sensitivity.png"} {
		assert.FileExists(t, filepath.Join(dir, name))
	}
	page, err := os.ReadFile(filepath.Join(dir, "plan.md"))
	require.NoError(t, err)
	assert.Contains(t, string(page), "plan-sensitivity.svg")
	assert.Equal(t, 2, run([]string{"-nothing"}, &out, &errs))
}
