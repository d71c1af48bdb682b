package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"math"
	"path/filepath"
	"strconv"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/family"
	"github.com/trialkit/trialkit/study/text"
)

// JSON writes results.json, the report as data. Its keys and their order
// are a contract, documented in results_json.md beside this file: every row
// has every key, numbers are at full precision, and a number that does not
// exist is null, with a note in its row that says why. The same report gives
// the same bytes. Options choose the language of notes alone.
func JSON(w io.Writer, r study.Report, o Options) error {
	c, err := text.In(o.Lang)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(jsonReport(r, c, o.Changes)); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// number is a float64 whose absence is null: NaN and infinities have no JSON.
type number float64

func (x number) MarshalJSON() ([]byte, error) {
	if !finiteNumber(float64(x)) {
		return []byte("null"), nil
	}
	if a := math.Abs(float64(x)); a != 0 && (a < 1e-6 || a >= 1e21) {
		return json.Marshal(float64(x)) // with an exponent
	}
	// As json.Marshal writes it, without an encoder for each of thousands.
	return strconv.AppendFloat(make([]byte, 0, 24), float64(x), 'f', -1, 64), nil
}

// formatVersion is that of the contract: it rises where a key goes or means
// something else, not where one is added.
const formatVersion = 2

type resultsFile struct {
	FormatVersion int `json:"format_version"`
	Study         struct {
		Title        string `json:"title"`
		Registration string `json:"registration"`
		Estimand     string `json:"estimand"`
		Population   string `json:"population"`
	} `json:"study"`
	Version   string `json:"version"`
	Simulated bool   `json:"simulated"`
	Data      struct {
		Name         string            `json:"name"`
		SHA256       string            `json:"sha256"`
		Delimiter    string            `json:"delimiter"`
		Decimal      string            `json:"decimal"`
		Encoding     string            `json:"encoding"`
		Files        []jsonFile        `json:"files"`
		RowsRead     int               `json:"rows_read"`
		RowsUsed     int               `json:"rows_used"`
		Excluded     []jsonExclRow     `json:"excluded"`
		Participants []jsonParticipant `json:"participants"`
	} `json:"data"`
	Arms        []jsonFlow            `json:"arms"`
	Visits      []jsonVisit           `json:"visits"`
	Outcomes    []jsonOutcome         `json:"outcomes"`
	Allocation  jsonRandomization     `json:"randomization"`
	Plans       []jsonPlan            `json:"plans"`
	Family      *jsonFamily           `json:"primary"`
	Baseline    []jsonVariable        `json:"baseline"`
	Summaries   []jsonSummary         `json:"summaries"`
	Results     []jsonRow             `json:"results"`
	EffectSizes []jsonEffectSize      `json:"effect_sizes"`
	LSMeans     []jsonLSMean          `json:"ls_means"`
	Tests       []jsonTest            `json:"tests"`
	Responders  []jsonResponder       `json:"responders"`
	Sensitivity []jsonResponder       `json:"responders_sensitivity"`
	Contrasts   []jsonContrast        `json:"responder_contrasts"`
	Safety      jsonSafety            `json:"safety"`
	Adherence   []jsonAdherence       `json:"adherence"`
	Blinding    []jsonBlinding        `json:"blinding"`
	Flow        jsonConsort           `json:"flow"`
	Floors      []jsonFloor           `json:"floors"`
	Effects     []jsonResponderEffect `json:"responder_effects"`
	Missing     []jsonMissingCase     `json:"missing_cases"`
	Importance  []jsonImportance      `json:"importance"`
	Thresholds  []jsonThresholds      `json:"threshold_sweep"`
	Agreement   []jsonAgreement       `json:"agreement"`
	Assumptions []jsonAssumption      `json:"sensitivity"`
	Lost        []jsonLost            `json:"lost"`
	Estimands   []jsonEstimand        `json:"estimands"`
	Joint       []jsonJoint           `json:"joint_intervals"`
	Slopes      []jsonSlopes          `json:"baseline_slopes"`
	Trends      []jsonTrend           `json:"trends"`
	Subgroups   []jsonSubgroups       `json:"subgroups"`
	Diagnostics []jsonDiagnostics     `json:"diagnostics"`
	Doubts      []jsonDoubt           `json:"doubts"`
	Departures  []jsonNote            `json:"departures"`
	Changes     []Change              `json:"protocol_changes"`
	Notes       []string              `json:"notes"`
}

type jsonExcl struct {
	Line        int    `json:"line"`
	Participant string `json:"participant"`
	Reason      string `json:"reason"`
}

// jsonExclRow is a row that is not used; File is null where one was read.
type jsonExclRow struct {
	jsonExcl
	File *string `json:"file"`
}

// jsonFile is a file, or a sheet of one, that was read.
type jsonFile struct {
	Name   string  `json:"name"`
	Sheet  *string `json:"sheet"`
	SHA256 string  `json:"sha256"`
	Rows   int     `json:"rows"`
}

type jsonParticipant struct {
	Participant string `json:"participant"`
	Fingerprint string `json:"fingerprint"`
}

type jsonFlow struct {
	Arm        string `json:"arm"`
	Label      string `json:"label"`
	Short      string `json:"short"`
	Control    bool   `json:"control"`
	Randomized int    `json:"randomized"`
	Declared   bool   `json:"declared"`
	InFile     int    `json:"in_file"`
}

type jsonThreshold struct {
	Kind  study.ThresholdKind  `json:"kind"`
	Value float64              `json:"value"`
	Level study.ThresholdLevel `json:"level"`
}

type jsonDropped struct {
	Participant *string `json:"participant"`
	Arm         string  `json:"arm"`
	Reason      string  `json:"reason"`
}

type jsonRow struct {
	Outcome   string         `json:"outcome"`
	Visit     string         `json:"visit"`
	Contrast  study.Contrast `json:"contrast"`
	Arm       string         `json:"arm"`
	Control   *string        `json:"control"`
	Method    study.Method   `json:"method"`
	Estimate  number         `json:"estimate"`
	SE        number         `json:"se"`
	DF        number         `json:"df"`
	Level     float64        `json:"level"`
	Alpha     float64        `json:"alpha"`
	Lower     number         `json:"lower"`
	Upper     number         `json:"upper"`
	LowerOpen bool           `json:"lower_open"`
	UpperOpen bool           `json:"upper_open"`
	P         number         `json:"p"`
	Planned   *study.Method  `json:"planned_method"`
	Set       string         `json:"set"`
	Estimand  *string        `json:"estimand"`
	Effect    *study.Measure `json:"effect"`
	Scale     study.Scale    `json:"scale"`
	Target    *study.Target  `json:"target"`
	// PNonInferiority is NonInferiority's p, null without a margin.
	PNonInferiority number              `json:"p_noninferiority"`
	NonInferiority  *jsonNonInferiority `json:"noninferiority"`
	Equivalence     *jsonEquivalence    `json:"equivalence"`
	NNT             *jsonNNT            `json:"nnt"`
	Pairs           *jsonPairs          `json:"pairs"`
	Imputation      *jsonImputation     `json:"imputation"`
	Trimmed         *jsonTrimmed        `json:"trimmed"`
	WithoutStrata   bool                `json:"without_strata"`
	LeftOut         int                 `json:"left_out"`
	N               map[string]int      `json:"n"`
	Observed        map[string]int      `json:"observed"`
	Randomized      map[string]int      `json:"randomized"`
	Dropped         []jsonDropped       `json:"dropped"`
	Role            study.Role          `json:"role"`
	Decides         bool                `json:"decides"`
	Primary         bool                `json:"primary"`
	Adjusted        number              `json:"adjusted"`
	Hypothesis      *string             `json:"hypothesis"`
	Together        *family.Method      `json:"together"`
	Alone           *jsonLimits         `json:"alone"`
	Threshold       *jsonThreshold      `json:"threshold"`
	Verdict         *study.Verdict      `json:"verdict"`
	VerdictHarm     *study.Verdict      `json:"verdict_harm"`
	IncludesZero    *bool               `json:"includes_zero"`
	Sentence        *string             `json:"sentence"`
	Notes           []string            `json:"notes"`
	NoteCodes       []string            `json:"note_codes"`
}

// jsonLimits is an interval at the row's level.
type jsonLimits struct {
	Lower     number `json:"lower"`
	Upper     number `json:"upper"`
	LowerOpen bool   `json:"lower_open"`
	UpperOpen bool   `json:"upper_open"`
}

// jsonPairs are shares of pairs of patients, one of each arm.
type jsonPairs struct {
	Better number `json:"better"`
	Tied   number `json:"tied"`
	Worse  number `json:"worse"`
}

type jsonEffectSize struct {
	Outcome  string   `json:"outcome"`
	Visit    string   `json:"visit"`
	Arm      string   `json:"arm"`
	Control  string   `json:"control"`
	Measure  string   `json:"measure"`
	Estimate number   `json:"estimate"`
	Level    float64  `json:"level"`
	Lower    number   `json:"lower"`
	Upper    number   `json:"upper"`
	Notes    []string `json:"notes"`
}

type jsonLSMean struct {
	Outcome  string       `json:"outcome"`
	Visit    string       `json:"visit"`
	Arm      string       `json:"arm"`
	Method   study.Method `json:"method"`
	Estimate number       `json:"estimate"`
	SE       number       `json:"se"`
	DF       number       `json:"df"`
	Level    float64      `json:"level"`
	Lower    number       `json:"lower"`
	Upper    number       `json:"upper"`
	Withheld bool         `json:"withheld"`
	N        int          `json:"n"`
	Change   *jsonMean    `json:"change"`
}

// jsonMean is a mean change from baseline.
type jsonMean struct {
	Estimate number `json:"estimate"`
	SE       number `json:"se"`
	DF       number `json:"df"`
	Lower    number `json:"lower"`
	Upper    number `json:"upper"`
	Withheld bool   `json:"withheld"`
}

type jsonTest struct {
	Outcome string       `json:"outcome"`
	Method  study.Method `json:"method"`
	Term    string       `json:"term"`
	F       number       `json:"f"`
	DF1     number       `json:"df1"`
	DF2     number       `json:"df2"`
	P       number       `json:"p"`
	Epsilon number       `json:"epsilon"`
}

type jsonNonInferiority struct {
	Margin   float64 `json:"margin"`
	P        number  `json:"p"`
	Alpha    float64 `json:"alpha"`
	Side     string  `json:"side"`
	Scale    string  `json:"scale"`
	Shown    bool    `json:"shown"`
	Superior bool    `json:"superior"`
}

type jsonEquivalence struct {
	Margin float64 `json:"margin"`
	PLower number  `json:"p_lower"`
	PUpper number  `json:"p_upper"`
	P      number  `json:"p"`
	Alpha  float64 `json:"alpha"`
	Scale  string  `json:"scale"`
	Shown  bool    `json:"shown"`
}

type jsonFloor struct {
	Outcome string       `json:"outcome"`
	Visit   string       `json:"visit"`
	Arm     string       `json:"arm"`
	Method  study.Method `json:"method"`
	MinP    number       `json:"min_p"`
}

// jsonReport turns the report into the file's shape. Lists are never null.
func jsonReport(r study.Report, c *text.Catalog, changes []Change) resultsFile {
	p := r.Protocol
	f := resultsFile{FormatVersion: formatVersion, Version: study.Version(), Simulated: p.Simulated,
		Arms: []jsonFlow{}, Results: []jsonRow{}, EffectSizes: []jsonEffectSize{}, LSMeans: []jsonLSMean{}, Tests: []jsonTest{},
		Responders: []jsonResponder{}, Sensitivity: []jsonResponder{}, Contrasts: []jsonContrast{},
		Floors: []jsonFloor{}, Effects: []jsonResponderEffect{}, Missing: []jsonMissingCase{}, Importance: []jsonImportance{}, Thresholds: []jsonThresholds{}, Notes: sentences(c, p, r.Notes)}
	f.Changes = append([]Change{}, changes...)
	f.Study.Title, f.Study.Registration, f.Study.Estimand, f.Study.Population = p.Title, p.Registration, p.Estimand, p.Population
	d := &f.Data
	d.Name, d.SHA256, d.Delimiter, d.Decimal, d.Encoding = filepath.Base(r.Source.Name), r.Source.SHA256, r.Source.Delimiter, r.Source.Decimal, r.Source.Encoding
	d.Files = []jsonFile{}
	for _, x := range r.Source.Files {
		if len(r.Source.Files) == 1 && x.Sheet == "" {
			break // name and sha256 are its own
		}
		d.Files = append(d.Files, jsonFile{x.Name, orNull(x.Sheet), x.SHA256, x.Rows})
	}
	d.RowsRead, d.RowsUsed, d.Excluded = r.Accounting.RowsRead, r.Accounting.RowsUsed, []jsonExclRow{}
	for _, e := range r.Accounting.Excluded {
		x := jsonExclRow{jsonExcl: jsonExcl{e.Line, e.Participant, e.Reason}}
		if e.File != "" {
			x.File = &e.File
		}
		d.Excluded = append(d.Excluded, x)
	}
	d.Participants = []jsonParticipant{}
	for _, p := range r.Participants {
		d.Participants = append(d.Participants, jsonParticipant{p.Participant, p.Hash})
	}
	for _, a := range r.Consort.Arms {
		x := jsonFlow{Arm: a.Arm, Randomized: a.Randomized, Declared: a.Declared, InFile: a.InFile}
		for _, arm := range p.Arms {
			if arm.ID == a.Arm {
				x.Label, x.Short, x.Control = arm.Label, arm.ShortLabel(), arm.Control
			}
		}
		f.Arms = append(f.Arms, x)
	}
	f.addTrial(r)
	f.addBaseline(r)
	f.addTreatment(r)
	f.addSummaries(r)
	for _, res := range r.Results {
		f.add(c, p, res, res.Digits())
	}
	for _, l := range lsMeansOf(r) {
		ci := l.CI(l.Level)
		m := jsonLSMean{l.outcome, l.Visit, l.Arm, l.Method, number(l.Value), number(l.SE), number(l.DF),
			l.Level, number(ci.Lo), number(ci.Hi), l.Withheld, l.N, nil}
		if c := l.Change; c != nil {
			ci := c.CI(l.Level)
			m.Change = &jsonMean{number(c.Value), number(c.SE), number(c.DF), number(ci.Lo), number(ci.Hi), c.Withheld}
		}
		f.LSMeans = append(f.LSMeans, m)
	}
	for _, t := range r.Tests {
		f.Tests = append(f.Tests, jsonTest{t.Outcome, t.Method, t.Term, number(t.F), number(t.DF1), number(t.DF2), number(t.P), number(t.Epsilon)})
	}
	f.Safety = jsonSafetyOf(r.Safety)
	f.addTrends(r)
	f.addSubgroups(r)
	f.addReading(c, r)
	f.addEstimands(r)
	f.Flow = jsonConsortOf(r.Consort)
	return f
}

func (f *resultsFile) add(c *text.Catalog, p study.Protocol, res study.Result, decimals int) {
	for _, row := range append(append([]study.Row(nil), res.Rows...), res.Within...) {
		f.Results = append(f.Results, jsonRowOf(c, p, res.Outcome, row, res.SharedNotes(row), decimals))
	}
	for _, e := range res.EffectSizes {
		f.EffectSizes = append(f.EffectSizes, jsonEffectSize{e.Outcome, e.Visit, e.Arm, e.Control, e.Measure,
			number(e.Estimate), e.Level, number(e.Lower), number(e.Upper), sentences(c, p, e.Notes)})
	}
	for _, x := range res.Responders {
		j := jsonResponder{x.Outcome, x.Visit, x.Threshold.Value, x.Threshold.Kind, x.Threshold.Level, x.Rule, x.Arm,
			x.Events, x.N, number(x.Lower), number(x.Upper), x.Level}
		if x.Headline {
			f.Responders = append(f.Responders, j)
		} else {
			f.Sensitivity = append(f.Sensitivity, j)
		}
	}
	for _, x := range res.ResponderContrasts {
		f.Contrasts = append(f.Contrasts, jsonContrast{x.Outcome, x.Visit, x.Threshold.Value, x.Threshold.Kind, x.Rule,
			x.Arm, x.Control, number(x.Difference), number(x.Lower), number(x.Upper), x.Level, number(x.FisherP), x.Stratified, withinStrata(x.Stratified, x.P()), riskMethod(x.Method), number(x.P()), x.LeftOut})
	}
	for _, x := range res.Floors {
		f.Floors = append(f.Floors, jsonFloor{x.Outcome, x.Visit, x.Arm, x.Method, number(x.MinP)})
	}
	for _, m := range res.MissingCases {
		f.Missing = append(f.Missing, jsonMissingCase{m.Outcome, m.Visit, m.Arm, m.Control, m.Missing, m.Active.Events, m.Active.N, m.Ctl.Events, m.Ctl.N,
			riskMethod(m.Method), number(m.Difference), number(m.Lower), number(m.Upper), m.Level, number(m.P)})
	}
	f.addResponderEffects(c, p, res)
	f.addImportance(c, p, res)
}

// jsonRowOf also hands the row those of its result's notes that are about
// every row of the result.
func jsonRowOf(c *text.Catalog, p study.Protocol, o study.Outcome, r study.Row, shared []study.Note, decimals int) jsonRow {
	notes := append(append([]study.Note(nil), r.Notes...), shared...)
	j := jsonRow{Outcome: r.Outcome, Visit: r.Visit, Contrast: r.Contrast, Arm: r.Arm, Method: r.Method,
		Estimate: number(r.Estimate), SE: number(r.SE), DF: number(r.DF), Level: r.Level, Alpha: r.Alpha,
		Lower: number(r.Lower), Upper: number(r.Upper), LowerOpen: r.LoOpen, UpperOpen: r.HiOpen, P: number(r.P), PNonInferiority: number(math.NaN()), WithoutStrata: r.WithoutStrata,
		N: r.N, Observed: r.Observed, Randomized: r.Randomized, Dropped: []jsonDropped{}, Role: r.Role, Decides: r.Decides, Primary: r.Role == study.RolePrimary, Adjusted: number(r.Adjusted),
		Notes: sentences(c, p, notes), NoteCodes: codesOf(notes)}
	j.Set, j.Estimand, j.Together = cmp.Or(r.Set, study.SetITT), orNull(r.Estimand), orNull(r.Together)
	if r.Hypothesis != nil {
		j.Hypothesis = &r.Hypothesis.ID
	}
	if a := r.Alone; a != nil {
		j.Alone = &jsonLimits{number(a.Lo), number(a.Hi), a.LoOpen, a.HiOpen}
	}
	j.Planned, j.Effect, j.Scale, j.Target = orNull(r.Planned), orNull(r.Measure), r.Measure.Scale(), orNull(r.Target)
	j.NNT, j.LeftOut = jsonNNTOf(r.NNT), r.LeftOut
	if p := r.Pairs; p != nil {
		j.Pairs = &jsonPairs{number(p.Better), number(p.Tied), number(p.Worse)}
	}
	j.Imputation, j.Trimmed = jsonImputationOf(r), jsonTrimmedOf(r)
	if r.Control != "" {
		j.Control = &r.Control
	}
	if n := r.NonInferiority; n != nil {
		j.NonInferiority = &jsonNonInferiority{n.Margin, number(n.P), n.Alpha, n.Side, n.Scale, n.Shown, n.Superior}
		j.PNonInferiority = number(n.P)
	}
	if q := r.Equivalence; q != nil {
		j.Equivalence = &jsonEquivalence{q.Margin, number(q.PLower), number(q.PUpper), number(q.P), q.Alpha, q.Scale, q.Shown}
	}
	for _, x := range r.Dropped {
		d := jsonDropped{Arm: x.Arm, Reason: x.Reason}
		if x.ID != "" {
			d.Participant = &x.ID
		}
		j.Dropped = append(j.Dropped, d)
	}
	if r.Threshold != nil {
		j.Threshold = &jsonThreshold{r.Threshold.Kind, r.Threshold.Value, r.Threshold.Level}
	}
	if r.Judgement != nil {
		s := Sentence(c, *r.Judgement, o, decimals)
		j.Verdict, j.VerdictHarm, j.Sentence = &r.Judgement.Benefit, &r.Judgement.Harm, &s
	}
	if r.Contrast == study.Between && r.Effect != nil {
		zero := r.IncludesZero()
		j.IncludesZero = &zero
	}
	return j
}

func sentences(c *text.Catalog, p study.Protocol, notes []study.Note) []string {
	out := []string{}
	for _, n := range notes {
		out = append(out, Note(c, p, n))
	}
	return out
}
