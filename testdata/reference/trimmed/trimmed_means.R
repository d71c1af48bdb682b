# Reference values for stats/impute/trimmed_test.go: differences of trimmed means with the
# randomization test of Permutt & Li 2017 (doi 10.1002/pst.1768), written out by counting
# all arrangements with combn; the estimate is held against a sorted vector in R.
#
#   Rscript trimmed_means.R > trimmed_means.json
#
# R 4.2.2, jsonlite.
suppressMessages(library(jsonlite))

# mean of the best `keep`, NA ranking worst; higher is better
best <- function(y, keep) {
  v <- sort(y, decreasing = TRUE, na.last = TRUE)
  w <- pmax(0, pmin(1, keep - seq_along(v) + 1))
  if (any(is.na(v) & w > 0)) return(-Inf)
  sum(v[w > 0] * w[w > 0]) / keep
}
difference <- function(y, treated, share) {
  keep <- function(z) round((1 - share) * length(z), 9)
  if (is.na(share)) {
    lost <- max(mean(is.na(y[treated])), mean(is.na(y[!treated])))
    keep <- function(z) (1 - lost) * length(z)
  }
  a <- best(y[treated], keep(y[treated])); b <- best(y[!treated], keep(y[!treated]))
  if (b == -Inf) Inf else a - b
}
case <- function(y, treated, share, higher, nulls) {
  z <- if (higher) y else -y
  own <- difference(z, treated, share)
  sets <- combn(length(y), sum(treated))
  p <- t(sapply(nulls, function(null) {
    shifted <- z - ifelse(treated, if (higher) null else -null, 0)
    d0 <- difference(shifted, treated, share)
    d <- apply(sets, 2, function(s) difference(shifted, seq_along(y) %in% s, share))
    up <- mean(d >= d0 - 1e-10); down <- mean(d <= d0 + 1e-10)
    if (higher) c(up, down) else c(down, up)
  }))
  list(treated = y[treated & !is.na(y)], control = y[!treated & !is.na(y)], treated_worst = sum(is.na(y[treated])),
       control_worst = sum(is.na(y[!treated])), share = share, higher = higher, value = if (higher) own else -own,
       nulls = nulls, greater = p[, 1], less = p[, 2])
}
laser <- c(2, 3, 1, 4, 2, 5, 3, 6, 2, NA); sham <- c(5, 4, 7, 6, 3, 5, 6, NA, NA, NA)
small <- c(12.1, 8.4, NA, 15.5, 9.9, 3.2, 7.7, 11.8, NA, 6.1, 2.5); arm <- rep(c(TRUE, FALSE), c(5, 6))
cat(toJSON(list(
  case(small, arm, 0.5, TRUE, c(0, 2, -3.5, 8)),
  case(small, arm, 0.3, TRUE, c(0, 1.25)),
  case(small, arm, NA, TRUE, c(0, 1.25, 100)),
  case(c(laser, sham)[c(1:6, 10, 11:15, 18)], rep(c(TRUE, FALSE), c(7, 6)), 0.4, FALSE, c(0, -1, -2, 1))
), digits = NA, auto_unbox = TRUE, na = "null"), "\n")
