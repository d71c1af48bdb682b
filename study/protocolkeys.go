package study

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/estimand"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// protocol reads the top level.
func (d *protocolReader) protocol(n *yamlfile.Node, p *Protocol) {
	var top, inData string
	var basePlace *yamlfile.Node
	order := map[string][]string{} // of the levels that data.values names
	d.Fields(n, "", yamlfile.Keys{
		"title":         d.Text(&p.Title),
		"registration":  d.Text(&p.Registration),
		"simulated":     d.Flag(&p.Simulated),
		"population":    d.Text(&p.Population),
		"estimand":      d.Text(&p.Estimand),
		"estimands":     estimand.ReadEstimands(d.Reader, &p.Estimands),
		"arms":          d.arms(&p.Arms),
		"dose_unit":     d.Text(&p.DoseUnit),
		"randomization": d.randomization(&p.Randomization),
		"visits":        d.visits(&p.Visits),
		"outcomes":      d.outcomes(&p.Outcomes),
		"plans":         d.plans(&p.Plans),
		"primary":       d.primaryFamily(&p.Primary),
		"subgroups":     d.subgroups(&p.Subgroups),
		"translations":  d.Translations(&p.Translations),
		"flow":          d.flow(&p.Flow),
		"assumed":       func(n *yamlfile.Node, path string) { p.Assumed.ReadYAML(d.Reader, n, path) },
		"baseline":      d.baseline(&top, &p.Data.Baseline),
		"data": func(n *yamlfile.Node, path string) {
			d.Fields(n, path, yamlfile.Keys{
				"layout":         d.Word((*string)(&p.Data.Layout), string(Wide), string(Long)),
				"participant":    d.participant(&p.Data),
				"arm":            d.Text(&p.Data.Arm),
				"visit":          d.Text(&p.Data.Visit),
				"outcome":        d.Text(&p.Data.Outcome),
				"value":          d.Text(&p.Data.Value),
				"columns":        d.columns(&p.Data.Columns),
				"exposure":       d.columns(&p.Data.Exposure),
				"missing":        d.Texts(&p.Data.Missing),
				"arm_values":     d.TextMap(&p.Data.ArmValues),
				"visit_values":   d.TextMap(&p.Data.VisitValues),
				"outcome_values": d.TextMap(&p.Data.OutcomeValues),
				"values":         d.values(&p.Data.Values, order),
				"rows":           d.rows(&p.Data.Rows),
				"covariates":     d.covariates(&p.Data.Covariates),
				"adverse_events": d.adverseEvents(&p.Data),
				"status":         d.status(&p.Data.Status),
				"received":       d.Text(&p.Data.Received),
				"sets":           d.sets(&p.Data.Sets),
				"intercurrent":   estimand.ReadEvents(d.Reader, &p.Data.Intercurrent),
				"adherence":      d.adherence(&p.Data.Adherence),
				"guess":          d.guess(&p.Data.Guess),
				"repeats": d.Word((*string)(&p.Data.Repeats), string(RepeatsRefuse), string(RepeatsMean),
					string(RepeatsFirst), string(RepeatsLast)),
				"files":     d.files(&p.Data.Files),
				"day":       d.Text(&p.Data.Day),
				"delimiter": d.Raw(&p.Data.Delimiter),
				"decimal":   d.Raw(&p.Data.Decimal),
				"encoding":  d.Text(&p.Data.Encoding),
				"header":    d.Line(&p.Data.Header),
				"sheet":     d.Raw(&p.Data.Sheet),
				"baseline": func(n *yamlfile.Node, path string) {
					basePlace = n
					d.baseline(&inData, &p.Data.Baseline)(n, path)
				},
			})
		},
	})
	for i, c := range p.Data.Covariates {
		if c.Kind == Category && !p.hasOutcome(c.ID) {
			p.Data.Covariates[i].Levels = order[c.ID]
		}
	}
	p.Data.Delimiter = canonical(delimiterWords, p.Data.Delimiter)
	p.Data.Decimal = canonical(decimalWords, p.Data.Decimal)
	p.Baseline = top
	if inData != "" {
		if top != "" && top != inData {
			d.Reject(basePlace, "data.baseline", "problem-baseline-twice", inData, top)
		}
		p.Baseline = inData
		d.At["baseline"] = d.At["data.baseline"]
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

func (d *protocolReader) arms(dst *[]Arm) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
			var a Arm
			d.Fields(n, path, yamlfile.Keys{"id": d.Text(&a.ID), "label": d.Text(&a.Label), "short": d.Text(&a.Short),
				"control": d.Flag(&a.Control), "randomized": d.Whole(&a.Randomized),
				"dose": func(n *yamlfile.Node, path string) { a.HasDose = true; d.Number(&a.Dose)(n, path) }})
			*dst = append(*dst, a)
		})
	}
}

func (d *protocolReader) randomization(dst *Randomization) func(*yamlfile.Node, string) {
	kind := d.Word((*string)(&dst.Kind), string(RandomizationUnknown), string(RandomizationComplete),
		string(RandomizationBlocked), string(RandomizationStratified))
	return func(n *yamlfile.Node, path string) {
		if n.Kind == yamlfile.Scalar { // randomization: complete
			d.At[path+".kind"] = [2]int{n.Line, n.Column}
			kind(n, path+".kind")
			return
		}
		d.Fields(n, path, yamlfile.Keys{
			"kind":   kind,
			"column": d.Text(&dst.Column),
			"strata": d.Texts(&dst.Strata),
			"cross":  d.Flag(&dst.Cross),
			"small":  d.Word((*string)(&dst.Small), string(IgnoreStrata), string(MergeStrata), string(RandomStrata)),
			"reason": d.Text(&dst.Reason),
			"block": func(n *yamlfile.Node, path string) {
				if n.Kind == yamlfile.Scalar && strings.EqualFold(n.Text, "unknown") {
					return
				}
				d.Whole(&dst.Block)(n, path)
				if !d.Bad[path] && dst.Block == 0 {
					d.Reject(n, path, "problem-block-size")
				}
			},
		})
	}
}

func (d *protocolReader) visits(dst *[]Visit) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
			var v Visit
			d.Fields(n, path, yamlfile.Keys{"id": d.Text(&v.ID), "label": d.Text(&v.Label),
				"window": d.window(&v),
				"time": func(n *yamlfile.Node, path string) {
					if n.Kind != yamlfile.Scalar {
						d.Reject(n, path, "problem-not-a-time", d.Shown(n))
						return
					}
					t, ok := parseTime(n.Text)
					if !ok {
						d.Reject(n, path, "problem-time-unit", n.Text)
						return
					}
					v.Time, v.HasTime = t, true
				}})
			*dst = append(*dst, v)
		})
	}
}

// window reads [first day, last day], which may be one.
func (d *protocolReader) window(v *Visit) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		if n.Kind != yamlfile.List || len(n.Items) != 2 {
			d.Reject(n, path, "problem-window-pair")
			return
		}
		var days []float64
		d.Numbers(&days)(n, path)
		v.Window, v.HasWindow = [2]float64{days[0], days[1]}, true
	}
}

func (d *protocolReader) outcomes(dst *[]Outcome) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
			var o Outcome
			o.ReadYAML(d.Reader, n, path)
			*dst = append(*dst, o)
		})
	}
}

// ReadYAML fills the outcome from a node at a path, as protocols and claims write
// it.
func (o *Outcome) ReadYAML(r *yamlfile.Reader, n *yamlfile.Node, path string) {
	d := &protocolReader{r}
	d.Fields(n, path, yamlfile.Keys{"id": d.Text(&o.ID), "label": d.Text(&o.Label), "short": d.Text(&o.Short), "unit": d.Text(&o.Unit),
		"kind": d.Word((*string)(&o.Kind), kindWords...), "levels": d.Texts(&o.Levels),
		"instrument": d.Text(&o.Instrument), "condition": d.Text(&o.Condition), "resolution": d.Number(&o.Resolution),
		"range": d.Pair(&o.Min, &o.Max), "thresholds": d.thresholds(&o.Thresholds), "baseline": d.Text(&o.Baseline),
		"better": func(n *yamlfile.Node, path string) {
			switch strings.ToLower(n.Text) {
			case "lower":
				o.Better = LowerIsBetter
			case "higher":
				o.Better = HigherIsBetter
			default:
				d.Reject(n, path, "problem-not-better", d.Shown(n))
			}
		}})
}

func (d *protocolReader) thresholds(dst *[]Threshold) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
			var t Threshold
			d.Fields(n, path, yamlfile.Keys{
				"kind": d.Word((*string)(&t.Kind), string(MCID), string(MIC), string(MDC), string(SEM), string(PASS),
					string(Percent), string(Margin)),
				"level": d.Word((*string)(&t.Level), string(Individual), string(BetweenGroup)),
				"value": d.Number(&t.Value), "source": d.Text(&t.Source), "population": d.Text(&t.Population),
				"method": d.Text(&t.Method), "n": d.Whole(&t.N), "ci": d.Pair(&t.CI[0], &t.CI[1]),
				"worsening": d.Flag(&t.Worsening)})
			*dst = append(*dst, t)
		})
	}
}

// baseline reads a visit's ID or a map from outcome to column.
func (d *protocolReader) baseline(visit *string, columns *map[string]string) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		if n.Kind != yamlfile.Map {
			d.Text(visit)(n, path)
			return
		}
		if *columns != nil {
			d.Reject(n, path, "problem-baseline-columns-twice")
			return
		}
		d.TextMap(columns)(n, path)
		for outcome := range *columns {
			for _, end := range []string{"", "@"} {
				d.At["data.baseline."+outcome+end] = d.At[path+"."+outcome+end]
			}
		}
	}
}

// columns reads {outcome: column} or {outcome: {visit: column}}.
func (d *protocolReader) columns(dst *map[string]map[string]string) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		if n.Kind == yamlfile.Nothing {
			return
		}
		if n.Kind != yamlfile.Map {
			d.Reject(n, path, "problem-columns-map")
			return
		}
		*dst = map[string]map[string]string{}
		for _, e := range n.Entries {
			p := yamlfile.Join(path, e.Key)
			d.At[p] = [2]int{e.Value.Line, e.Value.Column}
			d.At[p+"@"] = [2]int{e.Line, e.Column}
			inner := map[string]string{}
			if e.Value.Kind == yamlfile.Scalar {
				inner[""] = strings.TrimSpace(e.Value.Text)
			} else {
				d.TextMap(&inner)(e.Value, p)
			}
			(*dst)[strings.TrimSpace(e.Key)] = inner
		}
	}
}

// covariates reads a map from ID to {column, kind}; its order is kept.
func (d *protocolReader) covariates(dst *[]Covariate) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		if n.Kind == yamlfile.Nothing {
			return
		}
		if n.Kind != yamlfile.Map {
			d.Reject(n, path, "problem-covariates-map")
			return
		}
		for i, e := range n.Entries {
			c := Covariate{ID: strings.TrimSpace(e.Key)}
			p := path + "[" + strconv.Itoa(i) + "]"
			d.Fields(e.Value, p, yamlfile.Keys{"column": d.Text(&c.Column), "label": d.Text(&c.Label),
				"kind":  d.Word((*string)(&c.Kind), string(Numeric), string(Category)),
				"range": d.Pair(&c.Min, &c.Max), "at": d.Text(&c.At)})
			d.At[p] = [2]int{e.Line, e.Column}
			*dst = append(*dst, c)
		}
	}
}

func (d *protocolReader) plans(dst *[]Plan) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
			var p Plan
			var primary *bool
			alpha := 0.0 // of each of the two tests of equivalence
			d.Fields(n, path, yamlfile.Keys{
				"alpha": d.Positive(&alpha), "id": d.Text(&p.ID), "outcome": d.Text(&p.Outcome), "visit": d.Text(&p.Visit),
				"model": d.Word((*string)(&p.Model), models...),
				"level": d.Positive(&p.Level), "covariates": d.Texts(&p.Covariates),
				"covariance": d.TextOrTexts(&p.Covariance, &p.CovarianceOrder), "df": d.Text(&p.DF),
				"covariance_by_arm": d.Flag(&p.CovarianceByArm), "baseline": d.Text(&p.Baseline), "margin": d.Positive(&p.Margin),
				"variance_by_arm": d.Flag(&p.VarianceByArm),
				"trend":           d.Flag(&p.Trend),
				"scale":           d.Word((*string)(&p.Scale), string(ScaleLog), string(ScaleRatio)),
				"set":             d.Text(&p.Set),
				"estimand":        d.Text(&p.Estimand),
				"impute":          d.imputing(&p.Impute),
				"variance":        d.Word(&p.Variance, VarianceRepeatedSampling, VarianceInformationAnchored),
				"framework":       d.Word((*string)(&p.Framework), string(FrameworkSuperiority), string(FrameworkNonInferiority), string(FrameworkEquivalence)),
				"effect": d.Word((*string)(&p.Effect), string(MeanDifference), string(RiskDifference), string(RiskRatio), string(OddsRatio),
					string(ProbabilityBetter), string(WinOdds), string(RateRatio), string(GeometricMeanRatio)),
				"role":    d.Word((*string)(&p.Role), string(RolePrimary), string(RoleSensitivity), string(RoleSupplementary)),
				"exact":   d.Flag(&p.Exact),
				"se":      d.Word(&p.SE, StandardErrorModel, StandardErrorHC3),
				"primary": func(n *yamlfile.Node, path string) { primary = new(bool); d.Flag(primary)(n, path) },
				"sensitivity": func(n *yamlfile.Node, path string) {
					d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
						var x Assumption
						d.Fields(n, path, yamlfile.Keys{"assume": d.Text(&x.Assume), "reference": d.reference(&x.Reference, &x.References), "arm": d.Text(&x.Arm),
							"steps": d.Numbers(&x.Steps), "visits": d.Word(&x.Visits, DeltaConstant, DeltaAddingUp), "clip": d.Flag(&x.Clip), "odds": d.numbers(&x.Odds, "problem-assumption-odds")})
						p.Sensitivity = append(p.Sensitivity, x)
					})
				},
				"priors": func(n *yamlfile.Node, path string) {
					d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
						var x Prior
						d.Fields(n, path, yamlfile.Keys{"name": d.Text(&x.Name), "mean": d.Number(&x.Mean), "sd": d.Number(&x.SD)})
						p.Priors = append(p.Priors, x)
					})
				},
				"registered": func(n *yamlfile.Node, path string) {
					d.Fields(n, path, yamlfile.Keys{"where": d.Text(&p.Registered.Where), "date": d.Text(&p.Registered.Date)})
					if n.Kind == yamlfile.Map && (p.Registered.Where == "" || p.Registered.Date == "") {
						d.Reject(n, path, "problem-registered")
					}
				},
				"seed": func(n *yamlfile.Node, path string) {
					x, err := strconv.ParseUint(n.Text, 10, 64)
					if n.Kind != yamlfile.Scalar || err != nil {
						d.Reject(n, path, "problem-not-whole-positive", d.Shown(n))
						return
					}
					p.Seed = x
				}})
			if primary != nil { // a short way to write the role
				if p.Role != "" && *primary != (p.Role == RolePrimary) {
					d.Reject(n, path, "problem-primary-role", *primary, p.Role)
				}
				if *primary {
					p.Role = RolePrimary
				}
			}
			if alpha != 0 { // a way to write the level of the interval that decides with it
				level := files.Decimal(1).Minus(files.Decimal(2 * alpha)) // 2·alpha is exact
				switch {
				case p.Framework != FrameworkEquivalence, alpha >= 0.5, p.Level != 0 && p.Level != level:
					d.Reject(n, path, "problem-plan-alpha", alpha)
				default:
					p.Level = level
				}
			}
			*dst = append(*dst, p)
		})
	}
}

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

// values reads {outcome: {what the file writes: number}} and {covariate: {what
// the file writes: level}}; order gets the meanings as they are listed.
func (d *protocolReader) values(dst *map[string]map[string]string, order map[string][]string) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		d.MapOf(n, path, "problem-values-map", func(key string, n *yamlfile.Node, path string) {
			var values map[string]string
			d.TextMap(&values)(n, path)
			if n.Kind == yamlfile.Map {
				for _, e := range n.Entries {
					if level := strings.TrimSpace(e.Value.Text); level != "" && !slices.Contains(order[key], level) {
						order[key] = append(order[key], level)
					}
				}
			}
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

// sets reads {set: {column: [values]}}.
func (d *protocolReader) sets(dst *map[string]map[string][]string) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		d.MapOf(n, path, "problem-sets-map", func(key string, n *yamlfile.Node, path string) {
			var columns map[string][]string
			d.rows(&columns)(n, path)
			if *dst == nil {
				*dst = map[string]map[string][]string{}
			}
			(*dst)[key] = columns
		})
	}
}

// subgroups reads a list of covariates' IDs, where a number is a map from its ID
// to its cuts: [sex, {age: [65]}], or that map alone.
func (d *protocolReader) subgroups(dst *[]Subgroup) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		// A map may hold several: each has its place by its number in the result,
		// which Each, that counts items, does not know.
		places := map[string][2]int{}
		defer func() { maps.Copy(d.At, places) }()
		item := func(n *yamlfile.Node, _ string) {
			if n.Kind != yamlfile.Map {
				var g Subgroup
				at := fmt.Sprintf("%s[%d]", path, len(*dst))
				places[at] = [2]int{n.Line, n.Column}
				d.Text(&g.ID)(n, at)
				*dst = append(*dst, g)
				return
			}
			for _, e := range n.Entries {
				g := Subgroup{ID: strings.TrimSpace(e.Key)}
				at := fmt.Sprintf("%s[%d]", path, len(*dst))
				places[at] = [2]int{e.Line, e.Column}
				if d.Numbers(&g.Cuts)(e.Value, at+".cuts"); g.Cuts == nil {
					g.Cuts = []float64{}
				}
				*dst = append(*dst, g)
			}
		}
		if n.Kind == yamlfile.Map {
			item(n, path)
			return
		}
		d.Each(n, path, func(_ int, n *yamlfile.Node, path string) { item(n, path) })
	}
}

// reference reads an arm, or a map from arm to the arm that it looks to.
func (d *protocolReader) reference(one *string, each *map[string]string) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		if n.Kind == yamlfile.Map {
			d.TextMap(each)(n, path)
			return
		}
		d.Text(one)(n, path)
	}
}

// imputing reads {assume, engine, reference, events: {event: assumption}}.
func (d *protocolReader) imputing(dst *Imputing) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		d.Fields(n, path, yamlfile.Keys{"assume": d.Text(&dst.Assume), "reference": d.reference(&dst.Reference, &dst.References),
			"engine": d.Word(&dst.Engine, EngineConditional, EngineBayes, EngineBootstrap, EngineChained),
			"events": func(n *yamlfile.Node, path string) {
				d.MapOf(n, path, "problem-impute-events-map", func(key string, n *yamlfile.Node, path string) {
					x := EventAssumption{Event: key}
					d.Text(&x.Assume)(n, path)
					dst.Events = append(dst.Events, x)
				})
			}})
		if n.Kind == yamlfile.Map && dst.Assume == "" {
			d.Reject(n, path, "problem-missing")
		}
	}
}
