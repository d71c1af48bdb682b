package score

import (
	"errors"
	"fmt"
)

// Answer is one item of a questionnaire; the zero value was not answered.
type Answer struct {
	Value float64
	Given bool
}

// Answers returns the items of a questionnaire that was filled in completely.
func Answers(values ...float64) []Answer {
	out := make([]Answer, len(values))
	for i, v := range values {
		out[i] = Answer{v, true}
	}
	return out
}

// Score is a questionnaire's score and how much of it was answered.
type Score struct {
	Value           float64
	Answered, Items int
}

// Errors of scoring; match them with errors.Is.
var (
	// ErrTooManyMissing: the instrument's rule allows no score.
	ErrTooManyMissing = errors.New("too many items without an answer")
	// ErrItem: a wrong number of items, or an answer that does not exist.
	ErrItem = errors.New("not an answer of this instrument")
)

// scoreItems checks the items and returns the sum and count of the answers.
// top is the highest answer; whole refuses fractions.
func scoreItems(name string, items []Answer, want int, top float64, whole bool) (sum float64, answered int, err error) {
	if len(items) != want {
		return 0, 0, fmt.Errorf("score: %s: %d items, need %d: %w", name, len(items), want, ErrItem)
	}
	for i, a := range items {
		if !a.Given {
			continue
		}
		if !(a.Value >= 0 && a.Value <= top) || whole && a.Value != float64(int(a.Value)) {
			return 0, 0, fmt.Errorf("score: %s: item %d is %v, must be 0 to %v: %w", name, i+1, a.Value, top, ErrItem)
		}
		sum += a.Value
		answered++
	}
	return sum, answered, nil
}

func tooManyMissing(name string, answered, items int) error {
	return fmt.Errorf("score: %s: %d of %d items answered: %w", name, answered, items, ErrTooManyMissing)
}

// KOOSSubscale is one of the five scores of the Knee injury and Osteoarthritis
// Outcome Score.
type KOOSSubscale int

// KOOS subscales, with 9, 7, 17, 5 and 4 items.
const (
	KOOSPain KOOSSubscale = iota
	KOOSSymptoms
	KOOSADL
	KOOSSport
	KOOSQOL
)

// Items returns the subscale's number of items.
func (k KOOSSubscale) Items() int { return [...]int{9, 7, 17, 5, 4}[k] }

// KOOSRule says when a subscale with missing items still has a score.
type KOOSRule int

// Rules for missing items. Under both, missing items count as the mean of
// those answered.
const (
	// KOOSHalf: at least half of the items answered (user's guide of 2012).
	KOOSHalf KOOSRule = iota
	// KOOS1998: at most two items missing (Roos et al. 1998).
	KOOS1998
)

// KOOS scores a subscale of the KOOS: 100 − 25 × the mean of the answered
// items, each 0 (no problems) to 4, so that 100 is no problems. Which items
// belong to it and that they are coded so is the caller's part (the symptom
// items on how well the knee straightens and bends are coded in reverse on
// paper). Refused: another number of items, answers other than 0 … 4 (ErrItem), more
// missing than the rule allows (ErrTooManyMissing).
// Source: Roos et al. 1998, J Orthop Sports Phys Ther 28:88,
// doi 10.2519/jospt.1998.28.2.88; KOOS user's guide 1.1, 2012.
func KOOS(scale KOOSSubscale, items []Answer, rule KOOSRule) (Score, error) {
	sum, n, err := scoreItems("KOOS", items, scale.Items(), 4, true)
	if err != nil {
		return Score{}, err
	}
	if n == 0 || rule == KOOSHalf && 2*n < len(items) || rule == KOOS1998 && len(items)-n > 2 {
		return Score{}, tooManyMissing("KOOS", n, len(items))
	}
	return Score{100 - 25*sum/float64(n), n, len(items)}, nil
}

// WOMACSubscale is one of the three scores of the WOMAC.
type WOMACSubscale int

// WOMAC subscales, with 5, 2 and 17 items.
const (
	WOMACPain WOMACSubscale = iota
	WOMACStiffness
	WOMACFunction
)

// Items returns the subscale's number of items.
func (w WOMACSubscale) Items() int { return [...]int{5, 2, 17}[w] }

// WOMACFormat is the form of the items, by their highest answer.
type WOMACFormat int

// Formats: 0–4 per item (pain 0–20, stiffness 0–8, function 0–68), lines of
// 100 mm (0–500, 0–200, 0–1700) and whole numbers 0–10 (0–50, 0–20, 0–170).
const (
	WOMACLikert WOMACFormat = 4
	WOMACVAS    WOMACFormat = 100
	WOMACNRS    WOMACFormat = 10
)

// WOMAC scores a subscale: the sum of its items, higher is worse. A missing
// item counts as the mean of those answered; two or more missing of pain, both
// of stiffness or four or more of function leave no score (ErrTooManyMissing).
// Source: Bellamy et al. 1988, J Rheumatol 15:1833, and the WOMAC user guide.
func WOMAC(scale WOMACSubscale, format WOMACFormat, items []Answer) (Score, error) {
	sum, n, err := scoreItems("WOMAC", items, scale.Items(), float64(format), format != WOMACVAS)
	if err != nil {
		return Score{}, err
	}
	if allowed := [...]int{1, 1, 3}[scale]; len(items)-n > allowed {
		return Score{}, tooManyMissing("WOMAC", n, len(items))
	}
	return Score{sum * float64(len(items)) / float64(n), n, len(items)}, nil
}

// WOMACNormalize turns a subscale's sum into 0 (best) to 100 (worst). It
// refuses a sum outside the format's range (ErrItem).
func WOMACNormalize(scale WOMACSubscale, format WOMACFormat, sum float64) (float64, error) {
	top := float64(scale.Items() * int(format))
	if !(sum >= 0 && sum <= top) {
		return 0, fmt.Errorf("score: WOMACNormalize: %v is not within 0 to %v: %w", sum, top, ErrItem)
	}
	return 100 * sum / top, nil
}

// ODI scores the Oswestry Disability Index: 100 × the sum of the answered
// sections, each 0 to 5, over 5 × their number; 0 is no disability. The source
// states this for sections left out and sets no limit; Score.Answered tells
// how many were answered. With none there is no score (ErrTooManyMissing).
// Source: Fairbank & Pynsent 2000, Spine 25:2940,
// doi 10.1097/00007632-200011150-00017.
func ODI(sections []Answer) (Score, error) {
	sum, n, err := scoreItems("ODI", sections, 10, 5, true)
	if err != nil {
		return Score{}, err
	}
	if n == 0 {
		return Score{}, tooManyMissing("ODI", 0, 10)
	}
	return Score{100 * sum / (5 * float64(n)), n, 10}, nil
}

// RMDQ scores the Roland–Morris Disability Questionnaire: the number of its 24
// statements that the patient ticked. A statement left open is one that does
// not apply: that is how the form is read, so nothing can be missing.
// Source: Roland & Morris 1983, Spine 8:141,
// doi 10.1097/00007632-198303000-00004.
func RMDQ(ticked []bool) (Score, error) {
	if len(ticked) != 24 {
		return Score{}, fmt.Errorf("score: RMDQ: %d items, need 24: %w", len(ticked), ErrItem)
	}
	s := Score{Answered: 24, Items: 24}
	for _, t := range ticked {
		if t {
			s.Value++
		}
	}
	return s, nil
}

// QBPDS scores the Quebec Back Pain Disability Scale: the sum of 20 items of 0
// (not difficult) to 5. It has no rule for missing items, so that one missing
// leaves no score (ErrTooManyMissing).
// Source: Kopec et al. 1995, Spine 20:341,
// doi 10.1097/00007632-199502000-00016.
func QBPDS(items []Answer) (Score, error) {
	sum, n, err := scoreItems("QBPDS", items, 20, 5, true)
	if err != nil {
		return Score{}, err
	}
	if n < 20 {
		return Score{}, tooManyMissing("QBPDS", n, 20)
	}
	return Score{sum, n, 20}, nil
}

// RiskGroup is a patient's risk of lasting disability by the STarT Back tool.
type RiskGroup string

// STarT Back's risk groups.
const (
	LowRisk    RiskGroup = "low"
	MediumRisk RiskGroup = "medium"
	HighRisk   RiskGroup = "high"
)

// STarTBack scores the STarT Back screening tool and gives the risk group. The
// first eight items are 1 (agree) or 0; the ninth, bothersomeness, is 1 for
// the two worst of its five answers. total is their sum, psychosocial that of
// items 5 to 9: total ≤ 3 is low risk, otherwise psychosocial ≥ 4 is high and
// less is medium. A missing item leaves no group (ErrTooManyMissing).
// Source: Hill et al. 2008, Arthritis Rheum 59:632, doi 10.1002/art.23563.
func STarTBack(items []Answer) (total, psychosocial int, group RiskGroup, err error) {
	sum, n, err := scoreItems("STarT Back", items, 9, 1, true)
	if err != nil {
		return 0, 0, "", err
	}
	if n < 9 {
		return 0, 0, "", tooManyMissing("STarT Back", n, 9)
	}
	for _, a := range items[4:] {
		psychosocial += int(a.Value)
	}
	switch total = int(sum); {
	case total <= 3:
		group = LowRisk
	case psychosocial >= 4:
		group = HighRisk
	default:
		group = MediumRisk
	}
	return total, psychosocial, group, nil
}
