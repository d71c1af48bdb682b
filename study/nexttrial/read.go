package nexttrial

import (
	"bytes"
	"io"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/assumed"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// Read reads a protocol and plans its trial; what is wrong is returned with line and
// column.
func Read(r io.Reader, name string, o Options) (Plan, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return Plan{}, err
	}
	p, err := study.ParseProtocol(bytes.NewReader(b), name)
	if err != nil {
		return Plan{}, err
	}
	c := &planner{protocol: p.WithInstruments()}
	out := c.plan(o)
	if len(c.Faults) == 0 {
		return out, nil
	}
	// Where the numbers stand: the protocol was read without problems, once more.
	d, root, err := yamlfile.Open(bytes.NewReader(b), name, "problem-protocol-long")
	if err != nil {
		return Plan{}, err
	}
	d.At[""] = [2]int{root.Line, root.Column}
	for _, e := range root.Entries {
		d.At[e.Key] = [2]int{e.Line, e.Column}
		switch e.Key {
		case "assumed":
			new(assumed.Spec).ReadYAML(d, e.Value, e.Key)
		case "plans":
			d.Each(e.Value, e.Key, func(_ int, n *yamlfile.Node, path string) {
				for _, e := range n.Entries {
					d.At[yamlfile.Join(path, e.Key)] = [2]int{e.Value.Line, e.Value.Column}
				}
			})
		}
	}
	return Plan{}, d.Close(c.Faults)
}
