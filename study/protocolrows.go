package study

import (
	"strings"

	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// participant reads the column of participants' IDs, or the list of columns
// that tell them apart together, the ID last: [site, id].
func (d *protocolReader) participant(dst *DataSpec) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		if n.Kind != yamlfile.List {
			d.Text(&dst.Participant)(n, path)
			return
		}
		var columns []string
		d.Texts(&columns)(n, path)
		if len(columns) == 0 {
			d.Reject(n, path, "problem-participant-list")
			return
		}
		last := len(columns) - 1
		dst.Participant = columns[last]
		if last > 0 {
			dst.Within = columns[:last]
		}
	}
}

// outcomeValues reads {outcome: {what the file writes: number}}.
func (d *protocolReader) outcomeValues(dst *map[string]map[string]string) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		d.MapOf(n, path, "problem-values-map", func(key string, n *yamlfile.Node, path string) {
			var values map[string]string
			d.TextMap(&values)(n, path)
			if *dst == nil {
				*dst = map[string]map[string]string{}
			}
			(*dst)[key] = values
		})
	}
}

// rows reads {column: [values]}.
func (d *protocolReader) rows(dst *map[string][]string) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		d.MapOf(n, path, "problem-rows-map", func(key string, n *yamlfile.Node, path string) {
			var values []string
			d.Texts(&values)(n, path)
			for i, v := range values {
				values[i] = strings.TrimSpace(v)
			}
			if *dst == nil {
				*dst = map[string][]string{}
			}
			(*dst)[key] = values
		})
	}
}
