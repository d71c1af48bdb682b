# Reference values for study/noninferiority_tipping_test.go: a non-inferiority plan with one
# visit after baseline and losses in both arms, imputed again and analyzed again at every
# delta, in base R. Missing values are predicted by lm from arm and baseline, those of the
# active arm with delta added; the standard error is the jackknife's over participants, with
# both regressions fitted anew without each.
#
#   Rscript noninferiority_tipping.R > noninferiority_tipping.json
#
# R 4.2.2, jsonlite.
suppressMessages(library(jsonlite))
set.seed(1768)
n <- 44
d <- data.frame(id = sprintf("P%02d", seq_len(n)), arm = rep(c("a", "c"), n / 2))
d$y0 <- round(rnorm(n, 55, 9))
d$y1 <- round(d$y0 - 12 + ifelse(d$arm == "a", 0.5, 0) + rnorm(n, 0, 6))
d$y1[c(3, 8, 11, 17, 20, 25, 31, 36, 43)] <- NA

once <- function(d, delta) {
  p <- predict(lm(y1 ~ arm + y0, d), d)
  lost <- is.na(d$y1)
  d$y1[lost] <- p[lost] + ifelse(d$arm[lost] == "a", delta, 0)
  -coef(lm(y1 ~ arm + y0, d))[["armc"]]
}
at <- function(delta) {
  out <- sapply(seq_len(n), function(i) once(d[-i, ], delta))
  list(delta = delta, estimate = once(d, delta), se = sqrt((n - 1) / n * sum((out - mean(out))^2)))
}
cat(toJSON(list(data = d, margin = 6, at = lapply(c(0, 2, 5, 6, 9, 12), at)), digits = NA, auto_unbox = TRUE, na = "null"), "\n")
