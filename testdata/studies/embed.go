// Package studies holds the protocols and data of example trials, so that the
// example programs find them from any working directory. Where each study came
// from is said in the README.md beside it.
package studies

import "embed"

// FS holds hilt/protocol.yaml, hilt/data.csv, shockwave/ae.csv and the like.
//
//go:embed */protocol.yaml */data.csv */ae.csv
var FS embed.FS
