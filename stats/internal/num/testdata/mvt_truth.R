# Writes mvt_truth.json: probabilities that some |T_i| or T_i exceeds q, for
# correlations D + LL' of two factors, which are of no product form, by the
# trapezoidal rule over both factors and ln s, and for three variables of any
# correlation by mvtnorm's TVPACK (Genz 2004). Run: Rscript mvt_truth.R
suppressMessages({library(mvtnorm); library(jsonlite)})

two_factor <- function(L, q, df, two) {
  sd <- sqrt(1 - rowSums(L^2))
  h <- min(0.2, 0.5 * min(sd / sqrt(rowSums(L^2))))
  y <- seq(-floor(8.5 / h), floor(8.5 / h)) * h
  g <- expand.grid(a = y, b = y)
  w <- dnorm(g$a) * dnorm(g$b) * h^2
  keep <- w > 1e-18
  g <- g[keep, ]; w <- w[keep]
  m <- as.matrix(g) %*% t(L)
  outside <- function(s) {
    l <- numeric(length(w))
    for (i in seq_len(nrow(L))) {
      o <- pnorm((q * s - m[, i]) / sd[i], lower.tail = FALSE)
      if (two) o <- o + pnorm((-q * s - m[, i]) / sd[i])
      l <- l + log1p(-pmin(o, 1))
    }
    sum(-expm1(l) * w)
  }
  if (is.infinite(df)) return(outside(1))
  k <- 0.4 / sqrt(2 * (df + nrow(L)))
  v <- seq(-ceiling(8 / k), ceiling(2 / k)) * k
  # density of ln s, s = sqrt(chisq/df)
  d <- 2 * df * exp(2 * v) * dchisq(df * exp(2 * v), df) * k
  v <- v[d > 1e-16]; d <- d[d > 1e-16]
  sum(d * vapply(exp(v), outside, 0))
}

set.seed(1)
cases <- list()
for (p in list(c(4, 5, 2.5, 1), c(5, Inf, 4.5, 1), c(6, 30, 2, 0), c(7, 3, 4, 1),
               c(8, 10, 5, 0), c(9, Inf, 3.5, 1), c(10, 100, 2.8, 1), c(12, 20, 3.2, 1))) {
  k <- p[1]
  L <- matrix(rnorm(2 * k), k)
  L <- round(L / sqrt(rowSums(L^2)) * sqrt(runif(k, 0.2, 0.85)), 2)
  R <- L %*% t(L); diag(R) <- 1
  cases[[length(cases) + 1]] <- list(corr = R, q = p[3], df = if (is.infinite(p[2])) 0 else p[2],
    two = p[4] == 1, p = two_factor(L, p[3], p[2], p[4] == 1))
}
for (df in c(4, 25, 0)) {
  R <- matrix(c(1, -0.4, 0.55, -0.4, 1, 0.3, 0.55, 0.3, 1), 3)
  p <- if (df == 0) pmvnorm(upper = rep(1.7, 3), corr = R, algorithm = TVPACK(1e-14))
       else pmvt(upper = rep(1.7, 3), corr = R, df = df, algorithm = TVPACK(1e-14))
  cases[[length(cases) + 1]] <- list(corr = R, q = 1.7, df = df, two = FALSE, p = 1 - as.numeric(p))
}
writeLines(toJSON(list(source = paste(R.version.string, "mvtnorm", packageVersion("mvtnorm")), cases = cases),
  auto_unbox = TRUE, digits = NA), "mvt_truth.json")
