package family_test

import (
	"fmt"

	"github.com/trialkit/trialkit/study/family"
)

// A trial declares that pain, function and return to work are tested in this order, each at
// the whole α: the first that is not shown stops the others, however small their p.
func ExampleScheme_Decide() {
	s := family.Scheme{Members: []string{"pain", "function", "work"}, Adjust: family.Fixed}
	d, err := s.Decide(s.Members, []float64{0.01, 0.20, 0.03}, nil, 0.05)
	if err != nil {
		panic(err)
	}
	for i, name := range s.Members {
		fmt.Println(name, d.Adjusted[i], "tested:", d.Tested[i], "shown:", d.Shown[i])
	}
	s.Adjust = family.Holm // 3·0.01, 2·0.03, and never below the one before
	if d, err = s.Decide(s.Members, []float64{0.01, 0.04, 0.03}, nil, 0.05); err != nil {
		panic(err)
	}
	for _, p := range d.Adjusted {
		fmt.Printf("%.2f ", p)
	}
	fmt.Println("success:", d.Success)
	// Output:
	// pain 0.01 tested: true shown: true
	// function 0.2 tested: true shown: false
	// work 0.2 tested: false shown: false
	// 0.03 0.06 0.06 success: true
}
