# Reference values for study/equivalence_tipping_test.go: an equivalence plan with one visit
# after baseline and losses in both arms, imputed again and analyzed again at every delta of
# either arm, in base R. Missing values are predicted by lm from arm and baseline, with the
# arm's delta added; the standard error is the jackknife's over participants, with both
# regressions fitted anew without each. Equivalence: both one-sided p below 0.025.
#
#   Rscript equivalence_tipping.R > equivalence_tipping.json
#
# R 4.2.2, jsonlite.
suppressMessages(library(jsonlite))
set.seed(1768)
n <- 44
d <- data.frame(id = sprintf("P%02d", seq_len(n)), arm = rep(c("a", "c"), n / 2))
d$y0 <- round(rnorm(n, 55, 9))
d$y1 <- round(d$y0 - 12 + ifelse(d$arm == "a", 0.5, 0) + rnorm(n, 0, 6))
d$y1[c(3, 8, 11, 17, 20, 25, 31, 36, 43)] <- NA

once <- function(d, a, c) {
  p <- predict(lm(y1 ~ arm + y0, d), d)
  lost <- is.na(d$y1)
  d$y1[lost] <- p[lost] + ifelse(d$arm[lost] == "a", a, c)
  -coef(lm(y1 ~ arm + y0, d))[["armc"]]
}
at <- function(a, c) {
  out <- sapply(seq_len(n), function(i) once(d[-i, ], a, c))
  list(a = a, c = c, estimate = once(d, a, c), se = sqrt((n - 1) / n * sum((out - mean(out))^2)))
}
deltas <- c(-20, -14, -8, -4, 0, 4, 8, 14, 20)
both <- expand.grid(a = deltas, c = deltas)
cat(toJSON(list(data = d, margin = 7, at = mapply(at, both$a, both$c, SIMPLIFY = FALSE)), digits = NA, auto_unbox = TRUE, na = "null"), "\n")
