package plot_test

import (
	"fmt"
	"strings"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

func ExampleFunnel() {
	m, err := stats.MetaAnalyze([]stats.Estimate{{Value: -6.1, SE: 3.0}, {Value: -11.4, SE: 1.9}, {Value: -2.0, SE: 1.5}, {Value: -9.2, SE: 4.5}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fig, err := plot.FunnelWith(m, plot.FunnelOptions{Measure: "Mean difference (mm)"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Alt())
	// Output:
	// Mean difference (mm): Funnel plot of the studies; 2 of 4 studies lie outside the 95% limits around the pooled estimate, −6.86.
}

func ExampleLove() {
	p, err := study.ParseProtocol(strings.NewReader(`title: Laser
arms: [{id: a, label: Laser}, {id: c, label: Advice, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: pain, label: Pain, unit: mm, better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {pain: {v0: x0, v1: x1}}
  covariates:
    sex: {column: sex, label: Sex, kind: category}
`), "laser.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	ds, err := study.Load(strings.NewReader("id,arm,sex,x0,x1\n1,a,man,52,31\n2,a,woman,60,38\n3,a,woman,47,40\n4,c,man,55,50\n5,c,woman,58,57\n6,c,man,49,41\n"), "laser.csv", p)
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := ds.AnalyzeAll()
	if err != nil {
		fmt.Println(err)
		return
	}
	fig, err := plot.Love(report)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Alt())
	fmt.Println(fig.Description())
	// Output:
	// Balance of the arms at baseline; standardized differences beyond ±0.1: 2 of 2; the largest: Sex: woman, Laser − Advice: 0.71.
	// Sex: woman, Laser − Advice: 0.71. Pain, Laser − Advice: −0.18.
}
