# Writes study_proportions.json: differences of two proportions with interval and p by
# the rule of study/proportions.go, written out below and independent of any package.
# R 4.2.2, jsonlite.
#   Rscript testdata/reference/study_proportions.R > testdata/reference/study_proportions.json
# exact: Chan and Zhang's test; the tables ordered by the score statistic at each
# difference, the nuisance probability on a grid of 400 points, then by optimize; the
# limits by bisection from outside, at 1e-7. score: Miettinen and Nurminen by uniroot.
library(jsonlite)
fm <- function(x1, n1, x0, n0, d) { # restricted estimates by maximizing the likelihood's cubic
  N <- n1 + n0; C <- x1 + x0
  L3 <- N; L2 <- (n1 + 2 * n0) * d - N - C; L1 <- (n0 * d - N - 2 * x0) * d + C; L0 <- x0 * d * (1 - d)
  q <- L2^3 / (27 * L3^3) - L1 * L2 / (6 * L3^2) + L0 / (2 * L3)
  p <- sign(q) * sqrt(pmax(0, L2^2 / (9 * L3^2) - L1 / (3 * L3)))
  p <- ifelse(q == 0 & p == 0, sqrt(pmax(0, L2^2 / (9 * L3^2) - L1 / (3 * L3))), p)
  w <- (pi + acos(pmax(-1, pmin(1, ifelse(p == 0, 0, q / p^3))))) / 3
  r0 <- 2 * p * cos(w) - L2 / (3 * L3)
  r0 <- pmin(pmax(r0, max(0, -d)), min(1, 1 - d)); list(r1 = r0 + d, r0 = r0)
}
z <- function(x1, n1, x0, n0, d, mn = FALSE) {
  r <- fm(x1, n1, x0, n0, d)
  v <- pmax(0, r$r1 * (1 - r$r1) / n1 + r$r0 * (1 - r$r0) / n0)
  if (mn) v <- v * (n1 + n0) / (n1 + n0 - 1)
  u <- x1 / n1 - x0 / n0 - d
  ifelse(abs(u) < 1e-13, 0, ifelse(v < 1e-18, sign(u) * Inf, u / sqrt(v)))
}
upper <- function(x1, n1, x0, n0, d) { # P of a table as far up, largest over the nuisance
  g <- expand.grid(a = 0:n1, b = 0:n0)
  s <- z(g$a, n1, g$b, n0, d); obs <- z(x1, n1, x0, n0, d)
  g <- g[s >= obs - 1e-9, ]
  f <- function(q) sum(dbinom(g$a, n1, q + d) * dbinom(g$b, n0, q))
  q <- seq(max(0, -d), min(1, 1 - d), length.out = 401); v <- vapply(q, f, 0); k <- which.max(v)
  max(v, optimize(f, c(q[max(1, k - 1)], q[min(401, k + 1)]), maximum = TRUE, tol = 1e-12)$objective)
}
p2 <- function(x1, n1, x0, n0, d) min(1, 2 * min(upper(x1, n1, x0, n0, d), upper(x0, n0, x1, n1, -d)))
exact <- function(x1, n1, x0, n0) {
  e <- x1 / n1 - x0 / n0
  end <- function(side) { # the outermost difference accepted: a coarse walk inwards, then bisection
    d <- seq(side, e, length.out = 400); d <- d[abs(d) < 1]
    k <- which(vapply(d, function(t) p2(x1, n1, x0, n0, t), 0) > 0.05)[1]
    if (k == 1) return(side)
    lo <- d[k - 1]; hi <- d[k]
    while (abs(hi - lo) > 1e-8) { m <- (lo + hi) / 2; if (p2(x1, n1, x0, n0, m) > 0.05) hi <- m else lo <- m }
    hi
  }
  c(e, end(-1), end(1), p2(x1, n1, x0, n0, 0))
}
score <- function(x1, n1, x0, n0) {
  e <- x1 / n1 - x0 / n0; k <- qnorm(.975)
  f <- function(d) abs(z(x1, n1, x0, n0, d, TRUE)) - k
  c(e, uniroot(f, c(-1 + 1e-9, e), tol = 1e-12)$root, uniroot(f, c(e, 1 - 1e-9), tol = 1e-12)$root, 2 * pnorm(-abs(z(x1, n1, x0, n0, 0, TRUE))))
}
tables <- list(c(3, 5, 0, 5), c(0, 5, 0, 5), c(4, 5, 0, 5), c(7, 7, 2, 4), c(8, 20, 3, 18), c(11, 14, 9, 15), c(2, 16, 1, 15), c(6, 12, 7, 11), c(60, 80, 45, 82), c(3, 120, 11, 115), c(30, 51, 20, 50))
out <- lapply(tables, function(t) {
  m <- if (t[2] * t[4] <= 2500) "exact-unconditional" else "miettinen-nurminen"
  r <- if (m == "exact-unconditional") do.call(exact, as.list(t)) else do.call(score, as.list(t))
  list(x1 = t[1], n1 = t[2], x0 = t[3], n0 = t[4], method = m, difference = r[1], lower = r[2], upper = r[3], p = r[4])
})
cat(toJSON(list(tables = out), digits = NA, auto_unbox = TRUE), "\n")
