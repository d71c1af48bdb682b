package study

import (
	"context"

	"github.com/trialkit/trialkit/stats"
)

func (d *Dataset) Records(o, v string) []Record   { panic(1) }
func (d *Dataset) PostVisits(o string) []Visit     { panic(1) }
func (d *Dataset) Control() Arm                    { panic(1) }
func (d *Dataset) ActiveArms() []Arm               { panic(1) }
func (d *Dataset) Randomized(arm string) int       { panic(1) }
func (c *comparison) permutationANCOVARows(ctx context.Context) ([]Row, []Floor, error) { panic(1) }
func (c *comparison) permutationChangeRows(ctx context.Context) ([]Row, []Floor, error) { panic(1) }
func (c *comparison) effectSizes() []EffectSize { panic(1) }
var _ stats.Note
