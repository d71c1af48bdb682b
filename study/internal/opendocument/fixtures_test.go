package opendocument

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/sheet/sheettest"
)

func read(b []byte) ([]sheet.Sheet, error) { return Read(bytes.NewReader(b), int64(len(b))) }

// The files that LibreOffice, Gnumeric, SheetJS and hand-written XML made, against
// tables that no reader made.
func TestFixtures(t *testing.T) {
	files := sheettest.Files(t, "../../../../shared/formats", "ods/*.ods", "ods/*.fods", "refuse/*.ods")
	if files == nil {
		t.Skip("the folder of fixtures is not here")
	}
	assert.Len(t, files, 16)
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) { sheettest.Fixture(t, f, read) })
	}
}
