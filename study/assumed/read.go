package assumed

import (
	"strings"

	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// ReadYAML fills the spec from the value of a protocol's key assumed.
func (s *Spec) ReadYAML(r *yamlfile.Reader, n *yamlfile.Node, path string) {
	r.MapOf(n, path, "problem-assumed-map", func(key string, n *yamlfile.Node, path string) {
		if key == "lost" {
			s.Lost.readYAML(r, n, path, false)
			return
		}
		o := Outcome{ID: key}
		o.readYAML(r, n, path)
		s.Outcomes = append(s.Outcomes, o)
	})
}

func (o *Outcome) readYAML(r *yamlfile.Reader, n *yamlfile.Node, path string) {
	var source string
	number := func(dst *Number, found bool) func(*yamlfile.Node, string) {
		return func(n *yamlfile.Node, path string) { dst.readYAML(r, n, path, found) }
	}
	r.Fields(n, path, yamlfile.Keys{"source": r.Text(&source),
		"sd": number(&o.SD, true), "correlation": number(&o.Correlation, true), "between_visits": number(&o.BetweenVisits, true),
		"difference": readEffects(r, &o.Difference), "odds_ratio": readEffects(r, &o.OddsRatio), "rate_ratio": readEffects(r, &o.RateRatio),
		"dispersion": number(&o.Dispersion, false),
		"control": func(n *yamlfile.Node, path string) {
			switch shares := entry(n, "shares"); {
			case n.Kind == yamlfile.List:
				r.Numbers(&o.Shares)(n, path)
			case shares != nil:
				r.Fields(n, path, yamlfile.Keys{"shares": r.Numbers(&o.Shares), "source": r.Text(&o.SharesSource)})
			default:
				o.Control.readYAML(r, n, path, false)
			}
		}})
	o.inherit(source)
}

// inherit gives a source to the numbers that have none of their own.
func (o *Outcome) inherit(source string) {
	for _, n := range []*Number{&o.SD, &o.Correlation, &o.BetweenVisits, &o.Control, &o.Dispersion} {
		if n.Stated && n.Source == "" {
			n.Source = source
		}
	}
	for _, list := range [][]Effect{o.Difference, o.OddsRatio, o.RateRatio} {
		for i := range list {
			if list[i].Source == "" {
				list[i].Source = source
			}
		}
	}
	if len(o.Shares) > 0 && o.SharesSource == "" {
		o.SharesSource = source
	}
}

// readYAML reads a number, or {value, source}; found takes the participants that it
// was found in, too.
func (x *Number) readYAML(r *yamlfile.Reader, n *yamlfile.Node, path string, found bool) {
	if n.Kind != yamlfile.Map {
		if r.Number(&x.Value)(n, path); !r.Bad[path] {
			x.Stated = true
		}
		return
	}
	keys := yamlfile.Keys{"source": r.Text(&x.Source),
		"value": func(n *yamlfile.Node, path string) { r.Number(&x.Value)(n, path); x.Stated = true }}
	if found {
		keys["n"], keys["arms"] = r.Whole(&x.N), r.Whole(&x.Arms)
	}
	r.Fields(n, path, keys)
	if !x.Stated {
		r.Reject(n, path, "problem-assumed-no-value")
	}
}

// readEffects reads one effect for every treated arm, or a map from arm to effect.
// A map with the key value is one effect.
func readEffects(r *yamlfile.Reader, dst *[]Effect) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		if n.Kind != yamlfile.Map || entry(n, "value") != nil || entry(n, "source") != nil {
			var e Effect
			e.readYAML(r, n, path, false)
			*dst = append(*dst, e)
			return
		}
		r.MapOf(n, path, "problem-assumed-map", func(arm string, n *yamlfile.Node, path string) {
			e := Effect{Arm: strings.TrimSpace(arm)}
			e.readYAML(r, n, path, false)
			*dst = append(*dst, e)
		})
	}
}

// entry is the value of a map's key, nil where there is none.
func entry(n *yamlfile.Node, key string) *yamlfile.Node {
	for _, e := range n.Entries {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}
