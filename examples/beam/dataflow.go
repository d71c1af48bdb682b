//go:build dataflow

package main

// Google's runner is built where it is asked for: go run -tags dataflow.
import _ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/dataflow"
