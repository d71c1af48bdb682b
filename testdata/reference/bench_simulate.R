# Processor time that R takes to draw and analyze one trial of those that BenchmarkTrial
# of study/simulate has: 60 + 60; Welch's t, ANCOVA on baseline, and a mixed model of four
# visits with 15 % lost (nlme::gls, which has no Kenward-Roger: the fit alone).
# Run: Rscript bench_simulate.R
suppressMessages({library(nlme); library(MASS)})
set.seed(1)
say <- function(what, times, f) {
  t <- system.time(for (i in seq_len(times)) f())
  cat(sprintf("%-40s %10.1f us a trial\n", what, 1e6 * (t[["user.self"]] + t[["sys.self"]]) / times))
}
arm <- rep(0:1, each = 60)
say("t.test", 3000, function() { y <- rnorm(120, 5 - arm, 2); t.test(y[arm == 1], y[arm == 0])$p.value })
say("lm on baseline, summary", 2000, function() {
  b <- rnorm(120, 6, 2); y <- 5 - arm + (b - 6) / 2 + rnorm(120, 0, sqrt(3))
  coef(summary(lm(y ~ b + arm)))["arm", 4]
})
R <- matrix(2, 5, 5); diag(R) <- 4
say("gls of 120 x 4, 15 % lost", 15, function() {
  x <- mvrnorm(120, rep(6, 5), R)
  last <- ifelse(runif(120) < 0.15, sample(0:3, 120, TRUE), 4)
  d <- data.frame(id = rep(1:120, 4), visit = rep(1:4, each = 120), b = rep(x[, 1], 4), arm = rep(arm, 4), y = as.vector(x[, -1]))
  d <- d[d$visit <= rep(last, 4), ]
  d <- d[order(d$id, d$visit), ]
  d$v <- factor(d$visit)
  f <- gls(y ~ v + v:b + v:arm, d, correlation = corSymm(form = ~ visit | id), weights = varIdent(form = ~ 1 | v),
    control = glsControl(opt = "optim", msMaxIter = 500))
  summary(f)$tTable["v4:arm", "p-value"]
})
