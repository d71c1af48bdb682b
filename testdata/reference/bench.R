# Times of R for what the benchmarks of package stats measure: run with
#   Rscript testdata/reference/bench.R [slow]
# and compare with
#   go test ./stats -run XXX -bench . -benchtime 5x
# "slow" adds the calls that take many seconds. Prints medians of five runs
# (one where slow).
suppressMessages(library(coin))
slow <- "slow" %in% commandArgs(trailingOnly = TRUE)
bench <- function(name, expr, times = 5) {
  e <- substitute(expr)
  env <- parent.frame()
  t <- replicate(times, system.time(suppressWarnings(eval(e, env)))[["elapsed"]])
  cat(sprintf("%-55s %10.3f ms\n", name, 1000 * median(t)))
}

# Ranks: the samples of rank_bench_test.go in kind, not in value.
set.seed(1)
arms <- function(n, tied) {
  v <- c(rnorm(n, 55, 15), rnorm(n, 50, 15))
  list(v = if (tied) round(v) else v, g = factor(rep(c("t", "c"), each = n), levels = c("t", "c")))
}
a <- arms(5, TRUE)
bench("MannWhitney5: coin exact, p only", wilcox_test(a$v ~ a$g, distribution = "exact") |> pvalue())
a <- arms(50, TRUE)
bench("MannWhitney50Tied: coin exact, p only", wilcox_test(a$v ~ a$g, distribution = "exact") |> pvalue())
a <- arms(200, FALSE)
bench("MannWhitney200: wilcox.test exact, p only", wilcox.test(a$v ~ a$g, exact = TRUE), 1)
if (slow) {
  bench("MannWhitney200Interval: wilcox.test exact, conf.int", wilcox.test(a$v ~ a$g, exact = TRUE, conf.int = TRUE), 1)
  a <- arms(200, TRUE)
  bench("MannWhitney200Tied: coin exact, p only", wilcox_test(a$v ~ a$g, distribution = "exact") |> pvalue(), 1)
}
d <- rnorm(200) + 0.1
bench("SignedRank200Interval: wilcox.test exact, conf.int", wilcox.test(d, exact = TRUE, conf.int = TRUE))

# Permutation and bootstrap.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1]))
source(file.path(here, "bench_permutation.R"), local = new.env())
