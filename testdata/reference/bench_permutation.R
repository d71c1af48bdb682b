# Times R's counterparts of the benchmarks in stats/permutation_test.go and
# stats/bootstrap_test.go: median of five runs, in milliseconds.
suppressPackageStartupMessages({library(coin); library(boot)})
ms <- function(expr) {
  e <- substitute(expr); env <- parent.frame()
  median(replicate(5, system.time(eval(e, env))[["elapsed"]])) * 1000
}
set.seed(1)
data <- function(n, f) data.frame(v = f(2 * n), g = factor(rep(c("t", "c"), each = n)))
vas <- function(n) sample(0:100, n, TRUE) / 10
show <- function(what, t) cat(sprintf("%-42s %10.2f ms\n", what, t))
d <- data(10, rnorm)
show("10 v 10, enumerated (combn)", ms({
  cb <- combn(20, 10); s <- colSums(matrix(d$v[cb], 10))
}))
d <- data(50, rnorm)
show("50 v 50, 10,000 random (coin)", ms(pvalue(oneway_test(v ~ g, d, distribution = approximate(10000)))))
d <- data(100, function(n) round(10 * vas(n)))
show("100 v 100 on a grid, exact (coin)", ms(pvalue(oneway_test(v ~ g, d, distribution = exact("shift")))))
d <- data(1000, vas)
show("1000 v 1000, 200 bootstrap replicates", ms({
  b <- boot(d, function(d, i) diff(tapply(d$v[i], d$g[i], mean)), 200, strata = d$g)
}))
