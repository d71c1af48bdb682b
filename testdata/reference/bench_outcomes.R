# How long R takes for what BenchmarkCounts10000 and BenchmarkOrdinal10000 of
# stats/regress and BenchmarkBenefit100000 of stats/rank do, by the clock of one core:
# 0.19 s, 0.18 s and 0.07 s where those take 0.02, 0.02 and 0.02.
#
#   Rscript bench_outcomes.R
suppressMessages(library(MASS)); set.seed(1); n <- 10000
x <- matrix(rnorm(n * 4), n); a <- rep(0:1, n / 2); e <- .25 + runif(n)
y <- rnegbin(n, e * 2 * exp(-.4 * a + .3 * x[, 1]), 1 / .7)
lv <- factor(pmin(4, pmax(0, round(2.5 + .4 * a + x[, 1] + rlogis(n)))))
t <- function(f) { s <- system.time(for (i in 1:5) f()) / 5; s[["user.self"]] }
cat("glm.nb", t(function() glm.nb(y ~ a + x + offset(log(e)))), "\n")
cat("polr", t(function() polr(lv ~ a + x[, 1], Hess = TRUE)), "\n")
u <- rnorm(50000); v <- rnorm(50000) # placements by ranks, as in Brunner and Munzel
placements <- function() { r <- rank(c(u, v)); p <- (r[1:50000] - rank(u)) / 50000; q <- (r[-(1:50000)] - rank(v)) / 50000; c(mean(p), var(p) / 50000 + var(q) / 50000) }
cat("P(benefit)", t(placements), "\n")
