package study

import (
	"strconv"
	"strings"
)

type yamlKeys = map[string]func(n *yamlNode, path string)

// protocol reads the top level.
func (d *protocolReader) protocol(n *yamlNode, p *Protocol) {
	var top, inData string
	var basePlace *yamlNode
	d.fields(n, "", yamlKeys{
		"title":         d.text(&p.Title),
		"registration":  d.text(&p.Registration),
		"simulated":     d.flag(&p.Simulated),
		"estimand":      d.text(&p.Estimand),
		"arms":          d.arms(&p.Arms),
		"randomization": d.randomization(&p.Randomization),
		"visits":        d.visits(&p.Visits),
		"outcomes":      d.outcomes(&p.Outcomes),
		"plans":         d.plans(&p.Plans),
		"translations":  d.translations(&p.Translations),
		"baseline":      d.baseline(&top, &p.Data.Baseline),
		"data": func(n *yamlNode, path string) {
			d.fields(n, path, yamlKeys{
				"layout":         d.word((*string)(&p.Data.Layout), string(Wide), string(Long)),
				"participant":    d.participant(&p.Data),
				"arm":            d.text(&p.Data.Arm),
				"visit":          d.text(&p.Data.Visit),
				"outcome":        d.text(&p.Data.Outcome),
				"value":          d.text(&p.Data.Value),
				"columns":        d.columns(&p.Data.Columns),
				"missing":        d.texts(&p.Data.Missing),
				"arm_values":     d.textMap(&p.Data.ArmValues),
				"visit_values":   d.textMap(&p.Data.VisitValues),
				"outcome_values": d.textMap(&p.Data.OutcomeValues),
				"values":         d.outcomeValues(&p.Data.Values),
				"rows":           d.rows(&p.Data.Rows),
				"covariates":     d.covariates(&p.Data.Covariates),
				"adverse_events": d.text(&p.Data.AdverseEvents),
				"delimiter":      d.raw(&p.Data.Delimiter),
				"decimal":        d.raw(&p.Data.Decimal),
				"encoding":       d.text(&p.Data.Encoding),
				"header":         d.line(&p.Data.Header),
				"baseline": func(n *yamlNode, path string) {
					basePlace = n
					d.baseline(&inData, &p.Data.Baseline)(n, path)
				},
			})
		},
	})
	p.Data.Delimiter = canonical(delimiterWords, p.Data.Delimiter)
	p.Data.Decimal = canonical(decimalWords, p.Data.Decimal)
	p.Baseline = top
	if inData != "" {
		if top != "" && top != inData {
			d.reject(basePlace, "data.baseline", "problem-baseline-twice", inData, top)
		}
		p.Baseline = inData
		d.at["baseline"] = d.at["data.baseline"]
	}
}

// delimiterWords and decimalWords are the words for signs that are hard to
// read in a file.
var (
	delimiterWords = map[string]string{"comma": ",", "semicolon": ";", "tab": "\t", `\t`: "\t", "pipe": "|", "space": " "}
	decimalWords   = map[string]string{"point": ".", "dot": ".", "comma": ","}
)

func canonical(words map[string]string, s string) string {
	if sign, ok := words[strings.ToLower(s)]; ok {
		return sign
	}
	return s
}

// line reads the number of a line.
func (d *protocolReader) line(dst *int) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		d.whole(dst)(n, path)
		if !d.bad[path] && *dst < 1 {
			d.reject(n, path, "problem-not-a-line", n.text)
		}
	}
}

// word reads one of a few words, in any case, and leaves others to check.
func (d *protocolReader) word(dst *string, words ...string) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		d.text(dst)(n, path)
		for _, w := range words {
			if strings.EqualFold(*dst, w) {
				*dst = w
			}
		}
	}
}

func (d *protocolReader) arms(dst *[]Arm) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		d.each(n, path, func(_ int, n *yamlNode, path string) {
			var a Arm
			d.fields(n, path, yamlKeys{"id": d.text(&a.ID), "label": d.text(&a.Label),
				"control": d.flag(&a.Control), "randomized": d.whole(&a.Randomized)})
			*dst = append(*dst, a)
		})
	}
}

func (d *protocolReader) randomization(dst *Randomization) func(*yamlNode, string) {
	kind := d.word((*string)(&dst.Kind), string(RandomizationUnknown), string(RandomizationComplete),
		string(RandomizationBlocked), string(RandomizationStratified))
	return func(n *yamlNode, path string) {
		if n.kind == yamlScalar { // randomization: complete
			d.at[path+".kind"] = [2]int{n.line, n.column}
			kind(n, path+".kind")
			return
		}
		d.fields(n, path, yamlKeys{
			"kind":   kind,
			"column": d.text(&dst.Column),
			"strata": d.texts(&dst.Strata),
			"cross":  d.flag(&dst.Cross),
			"small":  d.word((*string)(&dst.Small), string(IgnoreStrata), string(MergeStrata), string(RandomStrata)),
			"reason": d.text(&dst.Reason),
			"block": func(n *yamlNode, path string) {
				if n.kind == yamlScalar && strings.EqualFold(n.text, "unknown") {
					return
				}
				d.whole(&dst.Block)(n, path)
				if !d.bad[path] && dst.Block == 0 {
					d.reject(n, path, "problem-block-size")
				}
			},
		})
	}
}

func (d *protocolReader) visits(dst *[]Visit) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		d.each(n, path, func(_ int, n *yamlNode, path string) {
			var v Visit
			d.fields(n, path, yamlKeys{"id": d.text(&v.ID), "label": d.text(&v.Label),
				"time": func(n *yamlNode, path string) {
					if n.kind != yamlScalar {
						d.reject(n, path, "problem-not-a-time", d.shown(n))
						return
					}
					t, ok := parseTime(n.text)
					if !ok {
						d.reject(n, path, "problem-time-unit", n.text)
						return
					}
					v.Time, v.HasTime = t, true
				}})
			*dst = append(*dst, v)
		})
	}
}

func (d *protocolReader) outcomes(dst *[]Outcome) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		d.each(n, path, func(_ int, n *yamlNode, path string) {
			var o Outcome
			d.fields(n, path, yamlKeys{"id": d.text(&o.ID), "label": d.text(&o.Label), "unit": d.text(&o.Unit),
				"instrument": d.text(&o.Instrument), "condition": d.text(&o.Condition), "resolution": d.number(&o.Resolution),
				"range": d.pair(&o.Min, &o.Max), "thresholds": d.thresholds(&o.Thresholds), "baseline": d.text(&o.Baseline),
				"better": func(n *yamlNode, path string) {
					switch strings.ToLower(n.text) {
					case "lower":
						o.Better = LowerIsBetter
					case "higher":
						o.Better = HigherIsBetter
					default:
						d.reject(n, path, "problem-not-better", d.shown(n))
					}
				}})
			*dst = append(*dst, o)
		})
	}
}

// pair reads [low, high].
func (d *protocolReader) pair(lo, hi *float64) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		if n.kind != yamlList || len(n.items) != 2 {
			d.reject(n, path, "problem-pair")
			return
		}
		for i, dst := range []*float64{lo, hi} {
			p := path + "[" + strconv.Itoa(i) + "]"
			d.number(dst)(n.items[i], p)
			if d.bad[p] {
				d.bad[path] = true
			}
		}
		if !d.bad[path] && *lo == 0 && *hi == 0 { // would read as "not stated"
			d.reject(n, path, "problem-not-below", *lo, *hi)
		}
	}
}

func (d *protocolReader) thresholds(dst *[]Threshold) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		d.each(n, path, func(_ int, n *yamlNode, path string) {
			var t Threshold
			d.fields(n, path, yamlKeys{
				"kind": d.word((*string)(&t.Kind), string(MCID), string(MIC), string(MDC), string(SEM), string(PASS),
					string(Percent), string(Margin)),
				"level": d.word((*string)(&t.Level), string(Individual), string(BetweenGroup)),
				"value": d.number(&t.Value), "source": d.text(&t.Source), "population": d.text(&t.Population),
				"method": d.text(&t.Method), "n": d.whole(&t.N), "ci": d.pair(&t.CI[0], &t.CI[1]),
				"worsening": d.flag(&t.Worsening)})
			*dst = append(*dst, t)
		})
	}
}

// baseline reads a visit's ID or a map from outcome to column.
func (d *protocolReader) baseline(visit *string, columns *map[string]string) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		if n.kind != yamlMap {
			d.text(visit)(n, path)
			return
		}
		if *columns != nil {
			d.reject(n, path, "problem-baseline-columns-twice")
			return
		}
		d.textMap(columns)(n, path)
		for outcome := range *columns {
			for _, end := range []string{"", "@"} {
				d.at["data.baseline."+outcome+end] = d.at[path+"."+outcome+end]
			}
		}
	}
}

// columns reads {outcome: column} or {outcome: {visit: column}}.
func (d *protocolReader) columns(dst *map[string]map[string]string) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		if n.kind == yamlNothing {
			return
		}
		if n.kind != yamlMap {
			d.reject(n, path, "problem-columns-map")
			return
		}
		*dst = map[string]map[string]string{}
		for _, e := range n.entries {
			p := join(path, e.key)
			d.at[p] = [2]int{e.value.line, e.value.column}
			d.at[p+"@"] = [2]int{e.line, e.column}
			inner := map[string]string{}
			if e.value.kind == yamlScalar {
				inner[""] = strings.TrimSpace(e.value.text)
			} else {
				d.textMap(&inner)(e.value, p)
			}
			(*dst)[strings.TrimSpace(e.key)] = inner
		}
	}
}

// covariates reads a map from ID to {column, kind}; its order is kept.
func (d *protocolReader) covariates(dst *[]Covariate) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		if n.kind == yamlNothing {
			return
		}
		if n.kind != yamlMap {
			d.reject(n, path, "problem-covariates-map")
			return
		}
		for i, e := range n.entries {
			c := Covariate{ID: strings.TrimSpace(e.key)}
			p := path + "[" + strconv.Itoa(i) + "]"
			d.fields(e.value, p, yamlKeys{"column": d.text(&c.Column),
				"kind":  d.word((*string)(&c.Kind), string(Numeric), string(Category)),
				"range": d.pair(&c.Min, &c.Max), "at": d.text(&c.At)})
			d.at[p] = [2]int{e.line, e.column}
			*dst = append(*dst, c)
		}
	}
}

func (d *protocolReader) plans(dst *[]Plan) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		d.each(n, path, func(_ int, n *yamlNode, path string) {
			var p Plan
			var primary *bool
			d.fields(n, path, yamlKeys{
				"outcome": d.text(&p.Outcome), "visit": d.text(&p.Visit),
				"model": d.word((*string)(&p.Model), string(ANCOVA), string(WelchChange), string(Welch), string(MMRM),
					string(CLDA), string(MixedANOVA), string(LMM)),
				"level": d.positive(&p.Level), "covariates": d.texts(&p.Covariates),
				"covariance": d.textOrTexts(&p.Covariance, &p.CovarianceOrder), "df": d.text(&p.DF),
				"covariance_by_arm": d.flag(&p.CovarianceByArm), "baseline": d.text(&p.Baseline), "margin": d.positive(&p.Margin),
				"role":    d.word((*string)(&p.Role), string(RolePrimary), string(RoleSensitivity), string(RoleSupplementary)),
				"exact":   d.flag(&p.Exact),
				"primary": func(n *yamlNode, path string) { primary = new(bool); d.flag(primary)(n, path) },
				"priors": func(n *yamlNode, path string) {
					d.each(n, path, func(_ int, n *yamlNode, path string) {
						var x Prior
						d.fields(n, path, yamlKeys{"name": d.text(&x.Name), "mean": d.number(&x.Mean), "sd": d.number(&x.SD)})
						p.Priors = append(p.Priors, x)
					})
				},
				"registered": func(n *yamlNode, path string) {
					d.fields(n, path, yamlKeys{"where": d.text(&p.Registered.Where), "date": d.text(&p.Registered.Date)})
					if n.kind == yamlMap && (p.Registered.Where == "" || p.Registered.Date == "") {
						d.reject(n, path, "problem-registered")
					}
				},
				"seed": func(n *yamlNode, path string) {
					x, err := strconv.ParseUint(n.text, 10, 64)
					if n.kind != yamlScalar || err != nil {
						d.reject(n, path, "problem-not-whole-positive", d.shown(n))
						return
					}
					p.Seed = x
				}})
			if primary != nil { // a short way to write the role
				if p.Role != "" && *primary != (p.Role == RolePrimary) {
					d.reject(n, path, "problem-primary-role", *primary, p.Role)
				}
				if *primary {
					p.Role = RolePrimary
				}
			}
			*dst = append(*dst, p)
		})
	}
}
