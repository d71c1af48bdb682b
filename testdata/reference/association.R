# Values that tests of meta-analysis, kernel density and Tukey's intervals
# compare with; R 4.2.2, base packages only. Run: Rscript association.R
options(digits = 15)
tpos <- c(4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27)
tneg <- c(119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886)
cpos <- c(11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29)
cneg <- c(128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825)
y <- log(tpos / (tpos + tneg)) - log(cpos / (cpos + cneg))
v <- 1 / tpos - 1 / (tpos + tneg) + 1 / cpos - 1 / (cpos + cneg)
k <- length(y)
fit <- function(t2) { w <- 1 / (v + t2); mu <- sum(w * y) / sum(w); list(w = w, mu = mu, q = sum(w * (y - mu)^2)) }
show <- function(name, t2) {
  f <- fit(t2)
  se <- 1 / sqrt(sum(f$w)); hk <- sqrt(f$q / (k - 1) / sum(f$w))
  w0 <- 1 / v; s2 <- (k - 1) / (sum(w0) - sum(w0^2) / sum(w0))
  cat(name, t2, f$mu, se, hk, t2 / (t2 + s2), "\n")
}
score <- function(t2) { w <- 1 / (v + t2); mu <- sum(w * y) / sum(w); sum(w^2 * (y - mu)^2) - sum(w) + sum(w^2) / sum(w) }
root <- function(f, lo, hi) uniroot(f, c(lo, hi), tol = 1e-15)$root
w0 <- 1 / v
cat("Q", fit(0)$q, "\n")
show("EE", 0)
show("DL", (fit(0)$q - (k - 1)) / (sum(w0) - sum(w0^2) / sum(w0)))
show("PM", root(function(t) fit(t)$q - (k - 1), 0, 10))
show("REML", root(score, 1e-3, 10))
cat("tau2 CI", root(function(t) fit(t)$q - qchisq(.975, k - 1), 0, 10), root(function(t) fit(t)$q - qchisq(.025, k - 1), 0, 100), "\n")

z <- c(12, 15, 15, 21, 22, 30, 31, 33, 40, 41, 41, 47, 52, 58, 60, 61, 75, 80)
cat("nrd0", bw.nrd0(z), "SJ", bw.SJ(z, nb = 1e6L, tol = 1e-12), "\n")
