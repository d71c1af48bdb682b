# Reference values for table.RiskDifferenceCompliers: the score test of Anderson and
# Rubin's hypothesis for an event and a treatment that is received or not.
#
#   Rscript compliers.R > compliers.json
#
# R 4.2.2, base packages, jsonlite. Under the null the cells' probabilities of both arms
# have one mean of u = Y - theta D; cells of a receipt that nobody of an arm had are taken
# to be impossible in it (here nobody in one stratum is nobody in all). The largest
# likelihood is found by optimize over the common mean, with each arm's multiplier by
# uniroot, or at its bound where the arm has nobody at an end. Where every possible cell has participants it is held against optim over the logits
# of the cells with an augmented Lagrangian (Hestenes 1969, Powell 1969), which knows
# nothing of multipliers, and, with one stratum, the statistic against Pearson's over the
# cells, which is the score statistic of a multinomial hypothesis, with (N - 1)/N. Over
# strata the weighted differences and the variances at those probabilities are added up.
# Counts are invented.
suppressMessages(library(jsonlite))
u_of <- function(th) c(0, 1, -th, 1 - th) # cells: others without and with the event, received without and with
held <- function(x) rep(c(sum(x[1:2]) > 0, sum(x[3:4]) > 0), each = 2)
arm <- function(x, u, m) { # the largest likelihood of an arm with mean m, and where
  h <- held(x); n <- sum(x); e <- u - m; lo <- min(u[h]); hi <- max(u[h])
  top <- if (m > lo) n / (m - lo) else Inf; bottom <- if (m < hi) -n / (hi - m) else -Inf
  f <- function(l) sum((x * e / (n + l * e))[x > 0])
  at <- function(v) any(x > 0 & u == v)
  if (!at(lo) && f(top) >= 0) l <- top else if (!at(hi) && f(bottom) <= 0) l <- bottom else {
    g <- function(s) { v <- f(bottom + (top - bottom) * s); if (is.finite(v)) v else sign(0.5 - s) * 1e300 }
    l <- bottom + (top - bottom) * uniroot(g, c(1e-13, 1 - 1e-13), tol = 1e-16, maxiter = 5000)$root
  }
  p <- ifelse(x > 0, x / (n + l * e), 0); rest <- 1 - sum(p)
  if (abs(rest) > 1e-9) { k <- which(h & u == (if (l > 0) lo else hi))[1]; p[k] <- p[k] + rest }
  list(p = p, ll = sum((x * log(p))[x > 0]))
}
constrained <- function(x1, x0, th) {
  u <- u_of(th); m1 <- sum(u * x1) / sum(x1); m0 <- sum(u * x0) / sum(x0)
  ends <- c(max(min(m1, m0), min(u[held(x1)]), min(u[held(x0)])), min(max(m1, m0), max(u[held(x1)]), max(u[held(x0)])))
  w <- diff(ends); stopifnot(w > 0)
  o <- optimize(function(m) arm(x1, u, m)$ll + arm(x0, u, m)$ll, ends + c(1, -1) * 1e-12 * w, maximum = TRUE, tol = 1e-12)
  r <- list(p = arm(x1, u, o$maximum)$p, q = arm(x0, u, o$maximum)$p)
  if (all(x1[held(x1)] > 0) && all(x0[held(x0)] > 0)) {
    a <- augmented(x1, x0, th); stopifnot(max(abs(a$p - r$p), abs(a$q - r$q)) < 1e-4)
  }
  r
}
augmented <- function(x1, x0, th) {
  u <- u_of(th); n1 <- sum(x1); n0 <- sum(x0); h1 <- held(x1); h0 <- held(x0)
  soft <- function(e, h) { e <- ifelse(h, exp(e - max(e)), 0); e / sum(e) }
  nu <- 0; rho <- 10 * (n1 + n0); par <- c(log(x1 + 0.5), log(x0 + 0.5))
  for (r in 1:200) {
    f <- function(e) { p <- soft(e[1:4], h1); q <- soft(e[5:8], h0); g <- sum(u * p) - sum(u * q)
      l <- function(x, p) sum((x * log(p))[x > 0])
      -(l(x1, p) + l(x0, q)) + nu * g + rho / 2 * g^2 }
    d <- function(e) { p <- soft(e[1:4], h1); q <- soft(e[5:8], h0); mp <- sum(u * p); mq <- sum(u * q); g <- mp - mq; k <- nu + rho * g
      c(-(x1 - n1 * p) + k * p * (u - mp), -(x0 - n0 * q) - k * q * (u - mq)) }
    o <- optim(par, f, d, method = "BFGS", control = list(reltol = 1e-16, maxit = 5000)); par <- o$par
    g <- sum(u * soft(par[1:4], h1)) - sum(u * soft(par[5:8], h0)); nu <- nu + rho * g
    if (abs(g) < 1e-12) break
  }
  list(p = soft(par[1:4], h1), q = soft(par[5:8], h0))
}
variance <- function(u, p) sum(p * (u - sum(u * p))^2)
z_of <- function(strata, th) {
  u <- u_of(th); d <- v <- w <- 0
  for (s in strata) {
    n1 <- sum(s$t); n0 <- sum(s$c); n <- n1 + n0; h <- n1 * n0 / n; m <- constrained(s$t, s$c, th)
    d <- d + h * (sum(u * s$t) / n1 - sum(u * s$c) / n0); w <- w + h
    v <- v + h^2 * n / (n - 1) * (variance(u, m$p) / n1 + variance(u, m$q) / n0)
    if (length(strata) == 1) { # Pearson's statistic, where no probability vanishes
      e <- c(n1 * m$p, n0 * m$q); x <- c(s$t, s$c)
      keep <- e > 0; if (min(e[keep]) > 1e-3) { x2 <- sum(((x - e)^2 / e)[keep]) * (n - 1) / n; stopifnot(abs(x2 - d^2 / v) < 1e-5 * max(1, x2)) }
    }
  }
  unname(d / sqrt(v))
}
cells <- function(...) { x <- c(...); x }
S <- function(t, c) list(t = t, c = c)
trials <- list(
  two_sided = list(S(cells(10, 4, 8, 21), cells(24, 9, 5, 6))),
  unequal = list(S(cells(6, 3, 20, 40), cells(12, 5, 3, 4))),
  one_sided = list(S(cells(9, 3, 14, 19), cells(33, 12, 0, 0))),
  no_events_control = list(S(cells(5, 0, 9, 8), cells(20, 0, 2, 0))),
  small = list(S(cells(1, 1, 3, 5), cells(6, 2, 1, 1))),
  large = list(S(cells(120, 60, 200, 260), cells(330, 210, 50, 40))),
  strata = list(S(cells(5, 2, 6, 12), cells(12, 5, 2, 3)), S(cells(4, 4, 2, 9), cells(9, 6, 1, 2)), S(cells(2, 0, 5, 6), cells(8, 3, 0, 1)))
)
cases <- list()
for (id in names(trials)) {
  s <- trials[[id]]
  pooled <- function(f) { w <- sapply(s, function(x) sum(x$t) * sum(x$c) / (sum(x$t) + sum(x$c))); sum(w * sapply(s, f)) / sum(w) }
  itt <- pooled(function(x) sum(x$t[c(2, 4)]) / sum(x$t) - sum(x$c[c(2, 4)]) / sum(x$c))
  up <- pooled(function(x) sum(x$t[3:4]) / sum(x$t) - sum(x$c[3:4]) / sum(x$c)); est <- itt / up
  nulls <- c(-1.5, -0.4, -0.1, 0, 0.1, 0.25, 0.6, 1, 2)
  f <- function(th) abs(z_of(s, th)) - qnorm(.975)
  limit <- function(dir) { b <- est + dir * 0.05; while (f(b) < 0 && abs(b) < 20) b <- b + dir * 0.05; uniroot(f, sort(c(b - dir * 0.05, b)), tol = 1e-9)$root }
  cases[[length(cases) + 1]] <- list(id = paste0(id, "/compliers"), input = list(treated = lapply(s, `[[`, "t"), control = lapply(s, `[[`, "c"), nulls = nulls),
    call = "compliers.R", expect = list(estimate = est, itt = itt, uptake = up, z = sapply(nulls, function(th) z_of(s, th)), lower = limit(-1), upper = limit(1)),
    note = "a maximum by optimize: about 1e-7")
}
cat(toJSON(list(source = paste(R.version.string, "jsonlite", packageVersion("jsonlite")), cases = cases), auto_unbox = TRUE, digits = NA), "\n")
