// Package build says which trialkit a program was built with.
package build

import (
	"runtime/debug"
	"strings"
)

const modulePath = "github.com/trialkit/trialkit"

// Version is what study.Version says.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	return version(info)
}

func version(info *debug.BuildInfo) string {
	m := &info.Main
	if m.Path != modulePath {
		m = nil
		for _, dep := range info.Deps {
			if dep.Path == modulePath {
				m = dep
			}
		}
	}
	switch {
	case m == nil:
		return "devel"
	case m.Replace != nil && plainVersion(m.Replace.Version) != "devel":
		return m.Replace.Path + " " + m.Replace.Version
	case m.Replace != nil:
		// A folder: the version that go.mod names is not what was compiled, and
		// the folder's name concerns nobody else.
		return plainVersion(m.Version) + ", replaced"
	case m != &info.Main || plainVersion(m.Version) != "devel":
		return plainVersion(m.Version)
	}
	// What version control says is about the main module.
	var revision, modified string
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = " " + s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = ", modified"
		}
	}
	return "devel" + revision + modified
}

// plainVersion is a version without what Go writes for none, and with its mark of
// changed files in words.
func plainVersion(v string) string {
	if v == "" || v == "(devel)" {
		return "devel"
	}
	if clean, dirty := strings.CutSuffix(v, "+dirty"); dirty {
		return clean + ", modified"
	}
	return v
}
