package build

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestVersion(t *testing.T) {
	vcs := []debug.BuildSetting{{Key: "vcs.revision", Value: "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"}, {Key: "vcs.modified", Value: "true"}}
	clean := []debug.BuildSetting{vcs[0], {Key: "vcs.modified", Value: "false"}}
	ours := func(version string) debug.Module { return debug.Module{Path: modulePath, Version: version} }
	theirs := debug.Module{Path: "example.org/trial", Version: "v9.9.9"}
	replaced := func(by debug.Module) debug.Module {
		m := ours("v0.4.0")
		m.Replace = &by
		return m
	}
	for want, info := range map[string]debug.BuildInfo{
		"v0.4.0": {Main: ours("v0.4.0"), Settings: clean},
		"v0.4.1-0.20261128203144-666c7eed3f14, modified": {Main: ours("v0.4.1-0.20261128203144-666c7eed3f14+dirty"), Settings: vcs},
		"devel 1a2b3c4d5e6f":                             {Main: ours("(devel)"), Settings: clean},
		"devel 1a2b3c4d5e6f, modified":                   {Main: ours("(devel)"), Settings: vcs},
		"devel":                                          {Main: ours("(devel)")},
		// As a dependency: what version control says is about the other module.
		"v0.5.0":                        {Main: theirs, Deps: []*debug.Module{{Path: "example.org/x", Version: "v1.0.0"}, new(ours("v0.5.0"))}, Settings: vcs},
		"v0.4.0, replaced":              {Main: theirs, Deps: []*debug.Module{new(replaced(debug.Module{Path: "/home/someone/trialkit", Version: "(devel)"}))}, Settings: vcs},
		"example.org/trialkit v0.4.0-x": {Main: theirs, Deps: []*debug.Module{new(replaced(debug.Module{Path: "example.org/trialkit", Version: "v0.4.0-x"}))}},
	} {
		assert.Equal(t, want, version(&info))
	}
	none := debug.BuildInfo{Main: theirs, Settings: vcs}
	assert.Equal(t, "devel", version(&none), "no word of trialkit")
	workspace := debug.BuildInfo{Main: theirs, Deps: []*debug.Module{new(ours("(devel)"))}, Settings: vcs}
	assert.Equal(t, "devel", version(&workspace), "a workspace's other module")
}
