package datasetjson

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/sheet/sheettest"
)

func read(b []byte) ([]sheet.Sheet, error) { return Read(bytes.NewReader(b), int64(len(b))) }

// The files of the shared folder are read as the tables they were written from,
// and the broken ones refused.
func TestFixtures(t *testing.T) {
	files := sheettest.Files(t, "../../../../shared/formats/json", "*.json", "*.ndjson", "*.dsjc")
	if files == nil {
		t.Skip("the folder of fixtures is not here")
	}
	n := 0
	for _, f := range files {
		if filepath.Ext(filepath.Base(f[:len(f)-len(".json")])) == ".expected" {
			continue
		}
		n++
		t.Run(filepath.Base(f), func(t *testing.T) { sheettest.Fixture(t, f, read) })
	}
	require.Equal(t, 12, n)
	assert.NotEmpty(t, files)
}
