# Reference values for outcomes of every kind: exact risk differences with
# p = 2 * min, g-computation with the variance of Ye et al., stratified P(benefit),
# Anderson-Rubin sets, exact conditional rate ratios, Bang's blinding index.
#
#   Rscript outcomes.R > outcomes.json
#
# R 4.2.2, base packages, jsonlite. Everything is written out from the published
# formulas; the exact risk differences by enumeration of all tables over a fine grid
# of the nuisance probability. Invented data, drawn here.
suppressMessages(library(jsonlite))
cases <- list()
case <- function(id, input, expect, note = NULL) {
  x <- list(id = id, input = input, call = "outcomes.R", expect = expect)
  if (!is.null(note)) x$note <- note
  cases[[length(cases) + 1]] <<- x
}
num <- function(x) unname(as.numeric(x))

# -- exact risk difference (Chan & Zhang 1999) ---------------------------------------
# The restricted estimate by one-dimensional maximization of the likelihood.
restricted <- function(a, n1, c, n0, d) {
  ll <- function(q) { p <- pmin(1, pmax(0, q + d)); q <- pmin(1, pmax(0, q))
    t <- function(k, x) ifelse(k == 0, 0, k * log(x)); t(a, p) + t(n1 - a, 1 - p) + t(c, q) + t(n0 - c, 1 - q) }
  lo <- max(0, -d); hi <- min(1, 1 - d); o <- optimize(ll, c(lo, hi), maximum = TRUE, tol = 1e-13); q <- o$maximum
  for (e in c(lo, hi)) if (is.finite(ll(e)) && ll(e) >= ll(q)) q <- e
  c(q + d, q)
}
score <- function(a, n1, c, n0, d) {
  p <- restricted(a, n1, c, n0, d); v <- p[1] * (1 - p[1]) / n1 + p[2] * (1 - p[2]) / n0
  x <- a / n1 - c / n0 - d; if (abs(x) < 1e-9) 0 else if (v < 1e-12) sign(x) * Inf else x / sqrt(v)
}
chan_zhang <- function(a, n1, c, n0, d) {
  g <- expand.grid(i = 0:n1, j = 0:n0); z <- mapply(score, g$i, n1, g$j, n0, d); z0 <- score(a, n1, c, n0, d)
  one <- function(keep) {
    f <- function(q) sapply(q, function(x) sum(dbinom(g$i[keep], n1, min(1, max(0, x + d))) * dbinom(g$j[keep], n0, x)))
    q <- seq(max(0, -d), min(1, 1 - d), length.out = 4001); v <- f(q); k <- which.max(v)
    o <- optimize(f, c(q[max(1, k - 1)], q[min(length(q), k + 1)]), maximum = TRUE, tol = 1e-12); max(v, o$objective)
  }
  up <- one(z >= z0 - 1e-6 * max(1, abs(z0)) | z == z0); down <- one(z <= z0 + 1e-6 * max(1, abs(z0)) | z == z0)
  list(p = min(1, 2 * min(up, down)), p_greater = min(1, up), p_less = min(1, down))
}
for (t in list(c(3, 5, 0, 5), c(7, 7, 2, 4), c(6, 9, 2, 8), c(0, 6, 0, 5), c(1, 10, 5, 7)))
  for (d in c(0, -0.13, 0.21))
    case(sprintf("%d_%d_%d_%d/exact_rd_%s", t[1], t[2], t[3], t[4], d), list(a = t[1], n1 = t[2], c = t[3], n0 = t[4], null = d),
      chan_zhang(t[1], t[2], t[3], t[4], d), "enumeration; the largest probability over the nuisance by grid and optimize: about 1e-9")

# -- g-computation with the variance of Ye et al. 2023 --------------------------------
ye <- function(d, f) {
  m <- glm(f, binomial, d, control = list(epsilon = 1e-14, maxit = 100)); m <- glm(f, binomial, d, start = coef(m), control = list(epsilon = 1e-14))
  n <- nrow(d); mu <- sapply(c("c", "a"), function(k) { e <- d; e$arm <- factor(k, levels(d$arm)); predict(m, e, type = "response") })
  th <- colMeans(mu); V <- matrix(0, 2, 2); K <- c("c", "a")
  for (i in 1:2) { w <- d$arm == K[i]; V[i, i] <- var(d$y[w] - mu[w, i]) / mean(w) + 2 * cov(d$y[w], mu[w, i]) - var(mu[, i]) }
  wc <- d$arm == "c"; wa <- d$arm == "a"
  V[1, 2] <- V[2, 1] <- cov(d$y[wc], mu[wc, 2]) + cov(d$y[wa], mu[wa, 1]) - cov(mu[, 1], mu[, 2])
  V <- V / n; s <- function(g) sqrt(c(t(g) %*% V %*% g)); z <- qnorm(.975)
  rd <- th[2] - th[1]; srd <- s(c(-1, 1)); lr <- log(th[2] / th[1]); slr <- s(c(-1 / th[1], 1 / th[2]))
  lo <- qlogis(th[2]) - qlogis(th[1]); slo <- s(c(-1, 1) / (th * (1 - th)))
  list(risk = num(th), risk_se = num(sqrt(diag(V))), rd = list(estimate = num(rd), se = num(srd), lower = num(rd - z * srd), upper = num(rd + z * srd), p = num(2 * pnorm(-abs(rd / srd)))),
    rr = list(estimate = num(exp(lr)), se_log = num(slr)), or = list(estimate = num(exp(lo)), se_log = num(slo)))
}
for (k in 1:3) {
  set.seed(40 + k); n <- c(44, 120, 300)[k]
  d <- data.frame(arm = factor(sample(rep(c("c", "a"), length.out = n)), c("c", "a")), x = round(rnorm(n, 50, 10), 1), site = sample(c("s1", "s2", "s3"), n, TRUE))
  d$y <- as.numeric(runif(n) < plogis(-0.3 + 0.8 * (d$arm == "a") + 0.05 * (d$x - 50) + 0.4 * (d$site == "s2")))
  case(sprintf("n%d/gcomp_ye", n), list(y = d$y, arm = as.character(d$arm), control = "c", x = d$x, site = d$site), ye(d, y ~ arm + x + site))
}

# -- Anderson-Rubin: the regression of Y - tau D refitted at each tau -----------------
for (k in 1:4) {
  set.seed(60 + k); n <- c(24, 60, 30, 80)[k]; take <- c(0.9, 0.7, 0.8, 0.5)[k]
  z <- sample(rep(0:1, length.out = n)); x <- round(rnorm(n, 50, 8), 1)
  d <- if (k == 3) round(z * runif(n, 0.2, 1), 2) else z * (runif(n) < take) + (1 - z) * (runif(n) < 0.1)
  y <- round(10 + 0.6 * x - 5 * d + rnorm(n, 0, 6), 1)
  t_at <- function(tau) { s <- summary(lm(I(y - tau * d) ~ x + z))$coefficients["z", ]; s[3] }
  df <- n - 3; q <- qt(.975, df); s1 <- summary(lm(d ~ x + z))$coefficients["z", ]; itt <- summary(lm(y ~ x + z))$coefficients["z", ]
  b <- itt[1] / s1[1]; step <- abs(itt[2] / s1[1])
  out <- function(s) { h <- b; while (abs(t_at(h)) < q) h <- h + s * step; uniroot(function(v) abs(t_at(v)) - q, sort(c(b, h)), tol = 1e-13)$root }
  case(sprintf("ar%d/anderson_rubin", k), list(y = y, d = d, z = z, x = x), list(estimate = num(b), lower = num(out(-1)), upper = num(out(1)), t_at_2 = num(t_at(2) * sign(s1[1])), p0 = num(2 * pt(-abs(t_at(0)), df)), p_itt = num(itt[4])))
}

# -- Bang's blinding index --------------------------------------------------------------
for (g in list(c(12, 6, 7), c(3, 9, 2), c(5, 5, 0), c(19, 1, 0))) {
  n <- sum(g); p <- g / n; b <- p[1] - p[2]; se <- sqrt((p[1] * (1 - p[1]) + p[2] * (1 - p[2]) + 2 * p[1] * p[2]) / n)
  case(sprintf("%d_%d_%d/bang", g[1], g[2], g[3]), list(right = g[1], wrong = g[2], unsure = g[3]),
    list(estimate = b, se = se, lower = max(-1, b - qnorm(.975) * se), upper = min(1, b + qnorm(.975) * se), p = 2 * pnorm(-abs(b / se))))
}

# -- stratified P(benefit): van Elteren weights, placements, logit scale ----------------
# With few participants z is held against its values under all arrangements in strata.
benefit <- function(y, z, h) {
  W <- P <- V <- single <- NULL
  for (k in sort(unique(h))) {
    a <- y[h == k & z == 1]; b <- y[h == k & z == 0]; m <- length(a); n <- length(b); if (m == 0 || n == 0) next
    w <- outer(a, b, ">") + 0.5 * outer(a, b, "=="); W <- c(W, m * n / (m + n + 1)); P <- c(P, mean(w)); one <- min(m, n) < 2
    V <- c(V, if (one) 0 else var(rowMeans(w)) / m + var(colMeans(w)) / n); single <- c(single, if (one) 1 / min(m, n) else 0)
  }
  W <- W / sum(W); p <- sum(W * P); v <- sum(W^2 * V) + p * (1 - p) * sum(W^2 * single)
  z0 <- if (abs(p - 0.5) < 1e-12) 0 else if (v == 0 || all(P == 0) || all(P == 1)) sign(p - 0.5) * Inf else qlogis(p) * p * (1 - p) / sqrt(v)
  list(p = p, se = sqrt(v), z = z0)
}
strata_of <- function(seed, sizes, levels) {
  set.seed(seed); h <- rep(seq_along(sizes), sizes); z <- unlist(lapply(sizes, function(s) sample(rep(0:1, length.out = s))))
  list(y = pmin(levels, pmax(1, round(levels / 2 + 0.8 * z + 0.2 * h + rnorm(length(h))))), z = z, h = h)
}
for (s in list(list(1, c(40, 33, 52), 5), list(2, c(60, 61, 7, 3, 2), 7), list(3, c(120), 4))) {
  d <- do.call(strata_of, s); b <- benefit(d$y, d$z, d$h); l <- qlogis(b$p); sl <- b$se / (b$p * (1 - b$p)); q <- qnorm(.975)
  case(sprintf("s%d/benefit_normal", s[[1]]), d, list(p_benefit = b$p, se = b$se, lower = plogis(l - q * sl), upper = plogis(l + q * sl), p = 2 * pnorm(-abs(l / sl)), win_odds = exp(l)))
}
for (s in list(list(4, c(6, 5), 4), list(5, c(9), 5), list(6, c(4, 4, 3), 3), list(7, c(10), 100))) {
  d <- do.call(strata_of, s); b <- benefit(d$y, d$z, d$h)
  sets <- expand.grid(lapply(unique(d$h), function(k) seq_len(choose(sum(d$h == k), sum(d$z[d$h == k])))))
  picks <- lapply(unique(d$h), function(k) combn(which(d$h == k), sum(d$z[d$h == k])))
  t <- apply(sets, 1, function(r) { z <- 0 * d$z; for (i in seq_along(r)) z[picks[[i]][, r[i]]] <- 1; benefit(d$y, z, d$h)$z })
  up <- mean(t >= b$z - 1e-9); down <- mean(t <= b$z + 1e-9); f <- t[is.finite(t)]
  hi <- max(t[sapply(t, function(x) mean(t >= x - 1e-9)) >= .05]); lo <- min(t[sapply(t, function(x) mean(t <= x + 1e-9)) >= .05])
  if (mean(t >= max(t) - 1e-9) >= .05) hi <- Inf # no arrangement is rare enough to reject anything on that side
  if (mean(t <= min(t) + 1e-9) >= .05) lo <- -Inf
  sl <- b$se / (b$p * (1 - b$p)); l <- qlogis(b$p)
  case(sprintf("s%d/benefit_permutation", s[[1]]), d, list(p_benefit = b$p, se = b$se, p = min(1, 2 * min(up, down)), p_greater = up, p_less = down,
    lower90 = plogis(l - hi * sl), upper90 = plogis(l - lo * sl), arrangements = length(t)))
}

# -- exact conditional rate ratio in strata: binomials convolved ---------------------------
rate_ratio <- function(x1, t1, x0, t0) {
  tail <- function(th, up) { d <- 1; for (h in seq_along(x1)) { m <- x1[h] + x0[h]; b <- dbinom(0:m, m, th * t1[h] / (th * t1[h] + t0[h])); e <- rep(0, length(d) + m)
    for (i in seq_along(d)) e[i + 0:m] <- e[i + 0:m] + d[i] * b; d <- e }; s <- sum(x1); if (up) sum(d[(s + 1):length(d)]) else sum(d[1:(s + 1)]) }
  mean_at <- function(th) sum((x1 + x0) * th * t1 / (th * t1 + t0)); root <- function(f) exp(uniroot(function(l) f(exp(l)), c(-20, 20), tol = 1e-14)$root)
  list(estimate = if (sum(x1) == 0) 0 else root(function(th) mean_at(th) - sum(x1)), lower = if (sum(x1) == 0) 0 else root(function(th) tail(th, TRUE) - .025),
    upper = root(function(th) tail(th, FALSE) - .025), p = min(1, 2 * min(tail(1, TRUE), tail(1, FALSE))), p_greater_08 = tail(0.8, TRUE), p_less_08 = tail(0.8, FALSE))
}
for (s in list(list(c(3, 1, 4), c(20, 11.5, 30), c(6, 5, 4), c(21, 12, 28)), list(c(0, 0), c(10, 8), c(3, 2), c(9, 8.25)), list(7, 60, 2, 55), list(c(0, 2, 0, 1), c(5, 5, 5, 5), c(1, 0, 0, 4), c(6, 4, 5, 5))))
  case(sprintf("x%d_%d/rate_ratio", sum(s[[1]]), sum(s[[3]])), list(x1 = I(s[[1]]), t1 = I(s[[2]]), x0 = I(s[[3]]), t0 = I(s[[4]])), do.call(rate_ratio, s))

cat(toJSON(list(source = unbox(paste(R.version.string, "jsonlite", packageVersion("jsonlite"))), cases = lapply(cases, identity)),
  auto_unbox = TRUE, digits = NA, pretty = FALSE))
