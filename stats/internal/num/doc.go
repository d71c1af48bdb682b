// Package num holds the special functions, root finders and optimizers that
// gonum lacks or that lose accuracy in the tails: distribution functions are
// written for the tail (survival functions, never 1 − CDF).
package num
