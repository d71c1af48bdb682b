# How long R takes for what BenchmarkCounts10000 and BenchmarkOrdinal10000 of
# stats/regress, BenchmarkBenefit100000 of stats/rank, BenchmarkRiskDifferenceExact50 of
# stats/table and BenchmarkGraph8 of stats do, by the clock of one core. The README beside
# has both. The exact risk difference and the graph are the same definitions in plain R:
# the tables as vectors, the largest probability over the nuisance on 200 places and by
# optimize, the ends by uniroot; the graph hypothesis by hypothesis.
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

# Exact unconditional risk difference (Chan and Zhang) of 31 of 50 and 20 of 50.
restricted <- function(x, n, y, m, d) { # Farrington and Manning's closed form, of all tables at once
  th <- m / n; p1 <- x / n; p0 <- y / m; a <- 1 + th; b <- -(1 + th + p1 + th * p0 + d * (th + 2)); k <- d^2 + d * (2 * p1 + th + 1) + p1 + th * p0; e <- -p1 * d * (1 + d)
  v <- b^3 / (3 * a)^3 - b * k / (6 * a^2) + e / (2 * a); u <- sign(v) * sqrt(pmax(0, b^2 / (3 * a)^2 - k / (3 * a)))
  w <- (pi + acos(pmax(-1, pmin(1, ifelse(u == 0, 0, v / u^3))))) / 3; p <- pmin(1, pmax(0, 2 * u * cos(w) - b / (3 * a))); list(p = p, q = pmin(1, pmax(0, p - d)))
}
exact <- function(x, n, y, m) {
  g <- expand.grid(i = 0:n, j = 0:m)
  one <- function(d, up) {
    r <- restricted(g$i, n, g$j, m, d); v <- r$p * (1 - r$p) / n + r$q * (1 - r$q) / m; e <- g$i / n - g$j / m - d
    z <- ifelse(abs(e) < 1e-12, 0, e / sqrt(pmax(v, 1e-300))); z0 <- z[g$i == x & g$j == y]
    keep <- matrix(if (up) z >= z0 - 1e-9 else z <= z0 + 1e-9, n + 1)
    f <- function(q) sum(dbinom(0:n, n, min(1, max(0, q + d))) * (keep %*% dbinom(0:m, m, q)))
    qs <- seq(max(0, -d), min(1, 1 - d), length.out = 200); ps <- vapply(qs, f, 0); k <- which.max(ps)
    max(ps, optimize(f, qs[c(max(1, k - 1), min(200, k + 1))], maximum = TRUE, tol = 1e-9)$objective)
  }
  p <- min(1, 2 * min(one(0, TRUE), one(0, FALSE))); e <- x / n - y / m
  lo <- uniroot(function(d) one(d, TRUE) - 0.025, c(-0.999, e), tol = 1e-7)$root; hi <- uniroot(function(d) one(d, FALSE) - 0.025, c(e, 0.999), tol = 1e-7)$root
  c(p, lo, hi)
}
s <- system.time(print(exact(31, 50, 20, 50))); cat("exact RD, 50 v 50", s[["user.self"]], "\n")

# A graph of eight hypotheses (Bretz and others 2009, algorithm 1): adjusted p.
graph <- function(w, G, p) {
  out <- rep(NA, length(p)); open <- seq_along(p); last <- 0
  while (length(open)) {
    j <- open[which.min(ifelse(w[open] > 0, p[open] / w[open], Inf))]; last <- max(last, if (w[j] > 0) p[j] / w[j] else 1); out[j] <- min(1, last)
    open <- setdiff(open, j); H <- G
    for (l in open) { w[l] <- w[l] + w[j] * G[j, l]; for (k in open) if (l != k) { c <- G[l, j] * G[j, l]; H[l, k] <- if (c < 1) (G[l, k] + G[l, j] * G[j, k]) / (1 - c) else 0 } }
    w[j] <- 0; G <- H
  }
  out
}
G <- matrix(1 / 7, 8, 8); diag(G) <- 0
s <- system.time(for (i in 1:2000) graph(rep(1 / 8, 8), G, (1:8) / 1000)) / 2000; cat("graph of 8", s[["user.self"]], "\n")
