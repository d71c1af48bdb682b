package score_test

import (
	"errors"
	"fmt"

	"github.com/trialkit/trialkit/study/score"
)

func ExampleWOMAC() {
	// One of five pain items without an answer counts as the mean of the others.
	s, err := score.WOMAC(score.WOMACPain, score.WOMACLikert, append(score.Answers(2, 3, 1, 2), score.Answer{}))
	fmt.Println(s.Value, s.Answered, err)
	percent, _ := score.WOMACNormalize(score.WOMACPain, score.WOMACLikert, s.Value)
	fmt.Println(percent)
	// Output:
	// 10 4 <nil>
	// 50
}

func ExampleODI() {
	// Nine of ten sections: 18 of 45 points.
	s, err := score.ODI(append(score.Answers(2, 2, 2, 2, 2, 2, 2, 2, 2), score.Answer{}))
	fmt.Println(s.Value, s.Answered, err)
	// Output: 40 9 <nil>
}

func ExampleSTarTBack() {
	total, psychosocial, risk, err := score.STarTBack(score.Answers(1, 0, 1, 0, 1, 1, 0, 1, 1))
	fmt.Println(total, psychosocial, risk, err)
	// Output: 6 4 high <nil>
}

func ExampleRMDQ() {
	ticked := make([]bool, 24)
	for _, statement := range []int{0, 3, 7, 11, 20} {
		ticked[statement] = true
	}
	s, err := score.RMDQ(ticked)
	fmt.Println(s.Value, err)
	// Output: 5 <nil>
}

func ExampleQBPDS() {
	items := score.Answers(1, 2, 0, 3, 1, 1, 2, 0, 0, 1, 4, 2, 1, 0, 3, 2, 1, 0, 1, 2)
	s, err := score.QBPDS(items)
	fmt.Println(s.Value, err)
	items[4] = score.Answer{}
	_, err = score.QBPDS(items)
	fmt.Println(errors.Is(err, score.ErrTooManyMissing))
	// Output:
	// 27 <nil>
	// true
}
