# Westfall and Young's step-down max-T of three outcomes, written out: every exchange of
# arms within two strata is listed (400), a participant's values move together, one
# outcome lacks a value. Student's t of residuals on baseline and stratum, and Welch's t of
# changes. Run: Rscript study_permuted.R > study_permuted.json
d <- read.csv("study_permuted.csv")
picks <- function(rows) combn(rows, sum(d$arm[rows] == "laser"), simplify = FALSE)
a <- picks(which(d$site == "east")); b <- picks(which(d$site == "west"))
ways <- list()
for (x in a) for (y in b) ways[[length(ways) + 1]] <- c(x, y)
student <- function(v, one) {
  x <- v[one & !is.na(v)]; y <- v[!one & !is.na(v)]
  abs(t.test(x, y, var.equal = TRUE)$statistic)
}
welch <- function(v, one) {
  x <- v[one & !is.na(v)]; y <- v[!one & !is.na(v)]
  abs(t.test(x, y)$statistic)
}
adjusted <- function(values, stat) {
  t <- sapply(ways, function(w) { one <- seq_len(nrow(d)) %in% w; sapply(values, stat, one = one) })
  own <- sapply(values, stat, one = d$arm == "laser")
  o <- order(-own); p <- numeric(length(own)); before <- 0
  for (k in seq_along(o)) {
    left <- o[k:length(o)]
    top <- apply(t[left, , drop = FALSE], 2, max)
    before <- p[o[k]] <- max(before, mean(top >= own[o[k]] - 1e-9))
  }
  p
}
residual <- function(y, y0) resid(lm(y ~ y0 + site, data.frame(y, y0, site = d$site), na.action = na.exclude))
v <- list(residual(d$x1, d$x0), residual(d$y1, d$y0), residual(d$z1, d$z0))
w <- list(d$x1 - d$x0, d$y1 - d$y0, d$z1 - d$z0)
own <- function(f) sapply(list("x", "y", "z"), function(o) f(d[[paste0(o, 1)]], d[[paste0(o, 0)]]))
one <- d$arm == "laser"
pa <- own(function(y, y0) summary(lm(y ~ y0 + d$site + one))$coefficients["oneTRUE", 4])
pw <- own(function(y, y0) t.test((y - y0)[one], (y - y0)[!one])$p.value)
f <- function(x) paste0("[", paste(sprintf("%.15g", x), collapse = ", "), "]")
cat(sprintf('{"arrangements": %d, "ancova": %s, "ancova_p": %s, "welch": %s, "welch_p": %s}\n',
  length(ways), f(adjusted(v, student)), f(pa), f(adjusted(w, welch)), f(pw)))
