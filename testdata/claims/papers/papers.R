# Differences, intervals, p-values and verdicts that claims must give, by R's
# own formulas (t.test's Welch from summaries; pt, qt): writes papers.json.
#   Rscript papers.R > papers.json
library(jsonlite)
t975 <- function(df, level) qt(1 - (1 - level) / 2, df)
sd_of <- function(kind, n, a, b, level) switch(kind, sd = a, se = a * sqrt(n),
  ci = (b - a) / 2 / t975(n - 1, level) * sqrt(n))
verdict <- function(b, l, u, M) if (l >= M) "definite" else if (b >= M) "probable" else if (u >= M) "possible" else "definitely-not"
cases <- list( # n, mean, kind, a, b (of an interval) per arm; level; M; lower is better
  list(105, -5.2, "sd", 5.0, NA, 107, -3.3, "sd", 4.3, NA, .95, 1.94, TRUE),
  list(111, -21.69, "sd", 24.53, NA, 97, -27.49, "sd", 23.69, NA, .95, 19.9, TRUE),
  list(40, -15.2, "se", 2.1, NA, 42, -9.8, "se", 2.3, NA, .95, 10, TRUE),
  list(73, -2.2, "ci", -2.6, -1.8, 67, -2.0, "ci", -2.5, -1.5, .95, 1.99, TRUE),
  list(15, -41.4, "ci", -52.2, -30.6, 15, -20.7, "ci", -34.3, -7.1, .95, 19.9, TRUE),
  list(18, 1.28, "sd", 1.02, NA, 18, 1.50, "sd", 1.47, NA, .90, 2, FALSE),
  list(5, -3.1, "sd", 1.2, NA, 5, -0.5, "sd", 0.9, NA, .95, 2.26, TRUE),
  list(5, -4.6, "sd", 0.4, NA, 5, -0.2, "sd", 0.3, NA, .99, 2.26, TRUE),
  list(9, 22.5, "se", 4.4, NA, 31, 8.1, "sd", 12.9, NA, .95, 8, FALSE),
  list(240, 14.02, "sd", 18.3, NA, 238, 3.9, "sd", 17.6, NA, .95, 8, FALSE),
  list(2, -1.0, "sd", 0.5, NA, 3, 1.0, "sd", 0.25, NA, .95, 1, TRUE))
out <- lapply(cases, function(x) {
  level <- x[[11]]; M <- x[[12]]
  s1 <- sd_of(x[[3]], x[[1]], x[[4]], x[[5]], level); s2 <- sd_of(x[[8]], x[[6]], x[[9]], x[[10]], level)
  v1 <- s1^2 / x[[1]]; v2 <- s2^2 / x[[6]]
  d <- x[[2]] - x[[7]]; se <- sqrt(v1 + v2); df <- (v1 + v2)^2 / (v1^2 / (x[[1]] - 1) + v2^2 / (x[[6]] - 1))
  q <- t975(df, level); lo <- d - q * se; hi <- d + q * se
  within <- function(n, m, s) { e <- s / sqrt(n); k <- t975(n - 1, level); list(lo = m - k * e, hi = m + k * e, p = 2 * pt(-abs(m / e), n - 1)) }
  g <- if (x[[13]]) c(-d, -hi, -lo) else c(d, lo, hi)
  list(n = c(x[[1]], x[[6]]), mean = c(x[[2]], x[[7]]), kind = c(x[[3]], x[[8]]),
    a = c(x[[4]], x[[9]]), b = c(x[[5]], x[[10]]), level = level, threshold = M, lowerBetter = x[[13]],
    difference = d, lo = lo, hi = hi, p = 2 * pt(-abs(d / se), df),
    within1 = within(x[[1]], x[[2]], s1), within2 = within(x[[6]], x[[7]], s2),
    benefit = verdict(g[1], g[2], g[3], M), harm = verdict(-g[1], -g[3], -g[2], M))
})
cat(toJSON(out, auto_unbox = TRUE, digits = NA, pretty = TRUE, na = "null"), "\n")
