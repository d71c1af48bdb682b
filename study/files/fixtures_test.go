package files

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// notRead are the formats without a reader: their files are refused by name.
var notRead = []string{".dta", ".ods", ".fods"}

// Every file of the shared folder comes through the one door: what must be refused
// is, in the words that tell why and in time, and what must load does. The values
// are held by the readers' own tests.
func TestFixtures(t *testing.T) {
	dir := "../../../shared/formats"
	names, err := filepath.Glob(dir + "/*/*.expected.json")
	require.NoError(t, err)
	if len(names) == 0 {
		t.Skip("../shared/formats")
	}
	require.Greater(t, len(names), 140)
	for _, name := range names {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(name, dir+"/"), ".expected.json"), func(t *testing.T) {
			src, err := os.ReadFile(name)
			require.NoError(t, err)
			var want struct {
				Action string
				Words  [][]string `json:"message_must_hold_one_of_each"`
				Limits struct{ Seconds float64 }
				Sheets []struct{ Sheet string }
			}
			require.NoError(t, json.Unmarshal(src, &want))
			f, err := os.Open(strings.TrimSuffix(name, ".expected.json"))
			require.NoError(t, err)
			defer f.Close()
			info, err := f.Stat()
			require.NoError(t, err)
			began := time.Now()
			table, err := Read(f, info.Size(), filepath.Base(f.Name()), Options{})
			if want.Limits.Seconds > 0 {
				assert.Less(t, time.Since(began).Seconds(), want.Limits.Seconds)
			}
			unread := false
			for _, e := range notRead {
				unread = unread || filepath.Ext(f.Name()) == e
			}
			if unread {
				assert.Error(t, err, "a reader has come: take the format off the list")
				return
			}
			if err == nil {
				err = table.Err()
			}
			switch {
			case want.Action == "refuse":
				require.Error(t, err)
				for _, words := range want.Words {
					holds := false
					for _, w := range words {
						holds = holds || strings.Contains(strings.ToLower(err.Error()), strings.ToLower(w))
					}
					assert.True(t, holds, "%v holds none of %v", err, words)
				}
			case want.Action == "load" && len(want.Sheets) == 1:
				require.NoError(t, err)
				assert.NotZero(t, table.Len())
			}
		})
	}
}
