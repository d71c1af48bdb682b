# Reference values for what package study makes of a threshold: posteriors by
# numerical integration, responders counted in every way and compared, their
# curves, stratified and standardized differences. The data are drawn here;
# they are nobody's.
#
#   Rscript study_mcid.R > study_mcid.json
#
# R 4.2.2, jsonlite 1.8.4. Intervals: Miettinen and Nurminen's, Katz's,
# Woolf's; g-computation from glm with the variance of Ye et al. 2023
# (doi 10.1080/24754269.2023.2205802); Mantel and Haenszel's difference with
# the variance of Sato 1989.
suppressMessages(library(jsonlite))
set.seed(1947)
num <- function(x) unname(as.numeric(x))

# Posterior: t likelihood times normal prior, integrated between breakpoints.
posterior <- function(v, se, df, m, s, M) {
  lk <- function(x) dt((x - v) / se, df, log = TRUE) + dnorm(x, m, s, log = TRUE)
  lo <- min(v, m) - 38 * s; hi <- max(v, m) + 38 * s
  top <- max(lk(c(seq(lo, hi, length = 20001), v, m)))
  mass <- function(a, b) {
    a <- max(a, lo); b <- min(b, hi)
    if (!(a < b)) return(0)
    br <- c(a, b, v, m, v + se * c(-2^(-6:12), 2^(-6:12)), m + s * c(-2^(-6:5), 2^(-6:5)), m + (v - m) * seq(0, 1, length = 41))
    br <- sort(unique(br[br >= a & br <= b]))
    sum(vapply(seq_len(length(br) - 1), function(i) integrate(function(x) exp(lk(x) - top), br[i], br[i + 1],
      rel.tol = 1e-13, abs.tol = 0, subdivisions = 2000L, stop.on.error = FALSE)$value, 0))
  }
  total <- mass(lo, hi)
  list(value = v, se = se, df = df, mean = m, sd = s, threshold = M,
    benefit = mass(0, hi) / total, important = mass(M, hi) / total, within = mass(-M, M) / total)
}
posteriors <- lapply(1:60, function(i) {
  M <- round(10^runif(1, -1, 1), 3)
  prior <- switch(sample(3, 1), c(0, M / qnorm(.95)), c(M, M / qnorm(.95)), round(c(rnorm(1), 10^runif(1, -2, 1)), 3))
  posterior(round(rnorm(1, 0, 3), 3), round(10^runif(1, -2, 1), 4), c(1, 1.5, 2, 3, 4.7, 8, 20, 58.3)[(i - 1) %% 8 + 1], prior[1], prior[2], M)
})

# A trial: pain on 0 to 100 mm, two arms, three sites; some never return.
n <- 90
D <- data.frame(arm = rep(c("a", "c"), n), site = sample(c("x", "y", "z"), 2 * n, TRUE), base = sample(30:90, 2 * n, TRUE))
D$change <- -round(D$base * 0.2 + ifelse(D$arm == "a", 9, 0) + rnorm(2 * n, 0, 14))
D$change <- pmin(pmax(D$change, -D$base), 100 - D$base)
D$change[sample(2 * n, 21)] <- NA
D$change[c(3, 6)] <- -20L # ties at the threshold
D$base[9] <- 0; D$change[9] <- 0 # no percentage of nothing
rules <- list(change = function(d) ifelse(is.na(d$change), NA, -d$change >= 20),
  percent = function(d) ifelse(is.na(d$change) | d$base == 0, NA, 10 * -d$change >= 3 * d$base),
  pass = function(d) ifelse(is.na(d$change), NA, d$base + d$change <= 32),
  worsening = function(d) ifelse(is.na(d$change), NA, d$change >= 5),
  both = function(d) { a <- rules$change(d); b <- rules$pass(d); ifelse(is.na(a), NA, a & b) })
# Miettinen and Nurminen: the proportion under a difference d that maximizes the
# likelihood solves a cubic.
z_mn <- function(x1, n1, x2, n2, d) {
  N <- n1 + n2; C <- x1 + x2
  b <- (n1 + 2 * n2) * d - N - C; e <- (n2 * d - N - 2 * x2) * d + C; f <- x2 * d * (1 - d)
  q <- b^3 / (27 * N^3) - b * e / (6 * N^2) + f / (2 * N); p <- sign(q) * sqrt(b^2 / (9 * N^2) - e / (3 * N))
  r <- 2 * p * cos((pi + acos(max(-1, min(1, q / p^3)))) / 3) - b / (3 * N)
  (x1 / n1 - x2 / n2 - d) / sqrt(((r + d) * (1 - r - d) / n1 + r * (1 - r) / n2) * N / (N - 1))
}
compare <- function(x1, n1, x2, n2) {
  z <- qnorm(.975); p1 <- x1 / n1; p2 <- x2 / n2; d <- p1 - p2
  rr <- log(p1 / p2) + c(0, -1, 1) * z * sqrt(1 / x1 - 1 / n1 + 1 / x2 - 1 / n2)
  or <- log(x1 * (n2 - x2) / x2 / (n1 - x1)) + c(0, -1, 1) * z * sqrt(1 / x1 + 1 / (n1 - x1) + 1 / x2 + 1 / (n2 - x2))
  limit <- function(k) uniroot(function(t) z_mn(x1, n1, x2, n2, t) - k, c(-.999, .999), tol = 1e-15)$root
  lo <- limit(z); hi <- limit(-z)
  list(rd = c(d, lo, hi), rr = exp(rr), or = exp(or), fisher = fisher.test(matrix(c(x1, n1 - x1, x2, n2 - x2), 2))$p.value,
    nnt = 1 / c(d, hi, lo), p = 2 * pnorm(-abs(z_mn(x1, n1, x2, n2, 0))))
}
standardized <- function(y, arm, base) {
  g <- glm(y ~ arm + base, binomial, data.frame(y = y, arm = factor(arm, c("c", "a")), base = base), control = glm.control(epsilon = 1e-15, maxit = 100))
  P <- sapply(c(c = "c", a = "a"), function(l) num(predict(g, data.frame(arm = factor(l, c("c", "a")), base = base), type = "response")))
  N <- length(y); V <- matrix(0, 2, 2, dimnames = list(c("c", "a"), c("c", "a")))
  for (s in c("c", "a")) for (t in c("c", "a")) { i <- arm == s; j <- arm == t
    V[s, t] <- if (s == t) var(y[i] - P[i, s]) / mean(i) + 2 * cov(y[i], P[i, s]) - var(P[, s])
      else cov(y[i], P[i, t]) + cov(y[j], P[j, s]) - cov(P[, s], P[, t]) }
  V <- V / N; m <- colMeans(P); z <- qnorm(.975)
  se <- sqrt(V["a", "a"] + V["c", "c"] - 2 * V["a", "c"])
  ls <- sqrt(V["a", "a"] / m["a"]^2 + V["c", "c"] / m["c"]^2 - 2 * V["a", "c"] / prod(m))
  list(rd = num(m["a"] - m["c"] + c(0, -1, 1) * z * se), rr = num(exp(log(m["a"] / m["c"]) + c(0, -1, 1) * z * ls)))
}
ways <- list("observed" = function(r, arm, harm) r, "non-responder" = function(r, arm, harm) ifelse(is.na(r), FALSE, r),
  "best-case" = function(r, arm, harm) ifelse(is.na(r), (arm == "a") != harm, r),
  "worst-case" = function(r, arm, harm) ifelse(is.na(r), (arm == "a") == harm, r))
effects <- list()
for (rule in names(rules)) for (way in names(ways)) {
  r <- ways[[way]](rules[[rule]](D), D$arm, rule == "worsening"); k <- !is.na(r)
  x <- tapply(r[k], D$arm[k], sum); m <- table(D$arm[k])
  effects[[length(effects) + 1]] <- c(list(rule = rule, way = way, x = num(x), n = num(m)),
    compare(x[["a"]], m[["a"]], x[["c"]], m[["c"]]), list(standardized = standardized(as.numeric(r[k]), D$arm[k], D$base[k])))
}
r <- rules$change(D); k <- !is.na(r); T <- table(factor(r[k], c(TRUE, FALSE)), factor(D$arm[k], c("a", "c")), D$site[k])
a <- T[1, 1, ]; b <- T[2, 1, ]; cc <- T[1, 2, ]; d <- T[2, 2, ]; n1 <- a + b; n0 <- cc + d; N <- n1 + n0
mh <- sum((a * n0 - cc * n1) / N) / sum(n1 * n0 / N)
P <- (n1^2 * cc - n0^2 * a + n1 * n0 * (n0 - n1) / 2) / N^2; Q <- (a * (n0 - cc) + cc * (n1 - a)) / (2 * N)
cmh <- mantelhaen.test(T, correct = FALSE)
stratified <- list(value = mh, se = sqrt((mh * sum(P) + sum(Q)) / sum(n1 * n0 / N)^2), chisq = num(cmh$statistic), p = num(cmh$p.value))
area <- t.test(-D$change[D$arm == "a"], -D$change[D$arm == "c"])
gain <- -D$change[D$arm == "a" & !is.na(D$change)]
curve <- lapply(c(-5, 10, 20, 33), function(x) { e <- sum(gain >= x); q <- binom.test(e, length(gain))$conf.int
  list(gain = min(gain[gain >= x]), events = e, lower = q[1], upper = q[2], half = sqrt(log(2 / .05) / 2 / length(gain))) })
cat(toJSON(list(source = paste(R.version.string, "jsonlite", packageVersion("jsonlite")), posteriors = posteriors, data = D, effects = effects,
  stratified = stratified, area = list(value = num(diff(rev(area$estimate))), se = num(area$stderr), df = num(area$parameter)), curve = curve),
  digits = I(17), auto_unbox = TRUE, na = "null"), "\n")
