package study

// Dataset is a trial's data, validated against its protocol and immutable.
// Load and its variants are the only way to make one, so there is no
// unvalidated Dataset. Participants are keyed and sorted by ID: the order of
// the file's rows changes nothing.
type Dataset struct {
	protocol     Protocol
	participants []Participant
	accounting   Accounting
	source       Source
	notes        []Note
}

// Participant is one randomized person as the file shows them.
type Participant struct {
	ID, Arm string
	// Block is the block or stratum named by Randomization.Column, or "".
	Block string
	// values by outcome and visit ID; baselines held in a column are under
	// the visit ID "" .
	values map[string]map[string]Value
	// numeric and category covariates by ID.
	Numbers    map[string]float64
	Categories map[string]string
	// AdverseEvents is the number of events; Recorded tells 0 from unknown.
	AdverseEvents  int
	EventsRecorded bool
}

// Value is a number as the file wrote it: the nearest float64 and the count of
// digits after the decimal sign, so that differences can be exact.
type Value struct {
	Number   float64
	Decimals int
}

// Source says what was read and how.
type Source struct {
	Name, SHA256                 string
	Delimiter, Decimal, Encoding string
}

// Accounting says where every row of the file went.
type Accounting struct {
	RowsRead, RowsUsed int
	Excluded           []Exclusion
}

// Exclusion is one row that was not used.
type Exclusion struct {
	Line        int    `json:"line"`
	Participant string `json:"participant"`
	Reason      string `json:"reason"` // a code of the message catalogue
}

// Protocol returns the protocol, defaults filled in.
func (d *Dataset) Protocol() Protocol { return d.protocol }

// Accounting returns where every row went; it sums to the rows read.
func (d *Dataset) Accounting() Accounting { return d.accounting }

// Source returns what was read, its checksum and the dialect found.
func (d *Dataset) Source() Source { return d.source }

// Notes returns doubts about the data, such as values off the instrument's
// resolution.
func (d *Dataset) Notes() []Note { return d.notes }

// Participants returns everyone in the file, sorted by ID.
func (d *Dataset) Participants() []Participant {
	return append([]Participant(nil), d.participants...)
}

// Record is one participant's baseline, follow-up and change for an outcome at
// a visit. Change is the exact decimal difference of the file's digits, as the
// nearest float64, so equal differences are equal numbers.
type Record struct {
	ID, Arm, Block           string
	Baseline, Follow, Change float64
	HasBaseline, HasFollow   bool
	Numbers                  map[string]float64
	Categories               map[string]string
}
