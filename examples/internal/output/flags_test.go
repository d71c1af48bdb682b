package output

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Help and errors are in the language that -lang asks for, wherever it stands
// and whatever else is wrong.
func TestFlagsSpeakTheLanguage(t *testing.T) {
	parse := func(args ...string) (status int, done bool, stderr string) {
		var b bytes.Buffer
		f := NewFlags("trial", args, &b)
		f.String("out", "folder", f.Say("flag-out"))
		status, done = f.Parse(args)
		return status, done, b.String()
	}
	status, done, said := parse("-lang", "nl", "-out", "x")
	assert.False(t, done)
	assert.Zero(t, status)
	assert.Empty(t, said)
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"-h", 0, "Flags of trial:"},
		{"-lang nl -h", 0, "Opties van trial:"},
		{"--lang=nl -help", 0, "(anders folder)"},
		{"-nonsense -lang nl", 2, "De opdracht is niet te lezen: flag provided but not defined: -nonsense"},
		{"-lang xx", 2, "no language “xx” (there are: "},
		{"-lang", 2, "The command cannot be read"},
	} {
		status, done, said := parse(strings.Fields(c.args)...)
		assert.True(t, done, c.args)
		assert.Equal(t, c.status, status, c.args)
		assert.Contains(t, said, c.want, c.args)
		assert.Equal(t, strings.Contains(c.args, "nl"), strings.Contains(said, "map voor verslag"), c.args)
	}
}
