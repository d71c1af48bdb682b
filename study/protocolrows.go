package study

import "strings"

// participant reads the column of participants' IDs, or the list of columns
// that tell them apart together, the ID last: [site, id].
func (d *protocolReader) participant(dst *DataSpec) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		if n.kind != yamlList {
			d.text(&dst.Participant)(n, path)
			return
		}
		var columns []string
		d.texts(&columns)(n, path)
		if len(columns) == 0 {
			d.reject(n, path, "problem-participant-list")
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
func (d *protocolReader) outcomeValues(dst *map[string]map[string]string) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		d.mapOf(n, path, "problem-values-map", func(key string, n *yamlNode, path string) {
			var values map[string]string
			d.textMap(&values)(n, path)
			if *dst == nil {
				*dst = map[string]map[string]string{}
			}
			(*dst)[key] = values
		})
	}
}

// rows reads {column: [values]}.
func (d *protocolReader) rows(dst *map[string][]string) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		d.mapOf(n, path, "problem-rows-map", func(key string, n *yamlNode, path string) {
			var values []string
			d.texts(&values)(n, path)
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

// mapOf reads a map with keys that the protocol chooses.
func (d *protocolReader) mapOf(n *yamlNode, path, otherwise string, read func(key string, n *yamlNode, path string)) {
	switch n.kind {
	case yamlNothing:
		return
	case yamlMap:
	default:
		d.reject(n, path, otherwise)
		return
	}
	for _, e := range n.entries {
		p := join(path, e.key)
		d.at[p] = [2]int{e.value.line, e.value.column}
		if e.value.kind == yamlNothing {
			d.at[p] = [2]int{e.line, e.column}
		}
		d.at[p+"@"] = [2]int{e.line, e.column}
		read(strings.TrimSpace(e.key), e.value, p)
	}
}
