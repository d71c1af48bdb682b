package stats

// Note is a doubt about a result, as a code with arguments. Package stats
// never writes the sentence: study/text holds it, in every language, under
// the same code.
type Note struct {
	Code string         `json:"code"`
	Args map[string]any `json:"args,omitempty"`
}
