// Package claims holds published claims as YAML, so that the example program
// finds them from any working directory.
package claims

import "embed"

// FS holds hilt-blog.yaml and others.
//
//go:embed *.yaml
var FS embed.FS
