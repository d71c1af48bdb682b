# Reference values for study/report/outcomes_r_test.go: three invented trials, from protocol
# and data to results.json. Yes or no in strata with a per-protocol set; ordered categories
# with covariates; counts in a time at risk of two active arms and a control.
#
#   Rscript study_outcomes.R > study_outcomes.json
#
# R 4.2.2, ordinal, MASS, jsonlite. The data are drawn here and stand in the file as CSV.
# Mantel and Haenszel's risk difference with Sato's variance (1989) is written out; the
# proportional-odds model is ordinal::clm, the negative binomial MASS::glm.nb; likelihood
# ratio p and limits are by refits with the coefficient held by an offset, and uniroot.
suppressMessages({library(ordinal); library(MASS); library(jsonlite)})
set.seed(20261130)
z <- qnorm(.975)
csv <- function(d) paste(c(paste(names(d), collapse = ","), apply(d, 1, function(r) paste(trimws(ifelse(is.na(r), "", r)), collapse = ","))), collapse = "\n")

# -- yes or no ---------------------------------------------------------------------------
n <- 150; b <- data.frame(id = 1:n, arm = rep(c("new", "old"), length.out = n), site = sample(c("n", "o", "z"), n, TRUE))
b$done <- ifelse(runif(n) < .85, "yes", "no")
b$y <- rbinom(n, 1, .35 + .2 * (b$arm == "new") + .1 * (b$site == "z")); b$y[sample(n, 7)] <- NA
sato <- function(d, id) {
  d <- d[!is.na(d$y), ]; k <- split(d, d$site)
  f <- function(g) { s <- g$arm == "new"; n1 <- sum(s); n0 <- sum(!s); x1 <- sum(g$y[s]); x0 <- sum(g$y[!s]); N <- n1 + n0
    c(w = n1 * n0 / N, d = (x1 * n0 - x0 * n1) / N, P = (n1^2 * x0 - n0^2 * x1 + n1 * n0 * (n0 - n1) / 2) / N^2, Q = (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * N)) }
  m <- rowSums(sapply(k, f)); e <- m[["d"]] / m[["w"]]; s <- sqrt((e * m[["P"]] + m[["Q"]]) / m[["w"]]^2)
  list(set = id, arm = "new", n = sum(d$arm == "new"), estimate = e, lower = e - z * s, upper = e + z * s, p = 2 * pnorm(-abs(e / s)))
}
binary <- list(csv = csv(b), rows = list(sato(b, "itt"), sato(b[b$done == "yes", ], "pp")))

# -- ordered categories --------------------------------------------------------------------
n <- 120; o <- data.frame(id = 1:n, arm = rep(c("new", "old"), n / 2), age = round(rnorm(n, 55, 9)), sex = sample(c("f", "m"), n, TRUE))
u <- .7 * (o$arm == "new") + .03 * (o$age - 55) - .3 * (o$sex == "m") + rlogis(n)
o$y <- cut(u, c(-Inf, -1, 0, 1, Inf), c("worse", "same", "better", "much")); o$y[sample(n, 5)] <- NA
k <- o[!is.na(o$y), ]; k$y <- factor(k$y, c("worse", "same", "better", "much"), ordered = TRUE); k$a <- as.numeric(k$arm == "new"); k$age <- (k$age - 55) / 10
tight <- clm.control(gradTol = 1e-10, maxIter = 200)
m <- clm(y ~ a + age + sex, data = k, control = tight); e <- coef(m)[["a"]]; top <- as.numeric(logLik(m)); se <- sqrt(vcov(m)["a", "a"])
fall <- function(x) { k$off <- x * k$a; top - as.numeric(logLik(clm(y ~ age + sex + offset(off), data = k, control = tight))) }
end <- function(s) uniroot(function(x) fall(x) - qchisq(.95, 1) / 2, e + s * se * c(1.2, 3.2), tol = 1e-12)$root
ordinal <- list(csv = csv(o), rows = list(list(set = "itt", arm = "new", n = sum(k$a), estimate = exp(e), lower = exp(end(-1)), upper = exp(end(1)), p = pchisq(2 * fall(0), 1, lower.tail = FALSE))))

# -- counts ----------------------------------------------------------------------------------
n <- 180; d <- data.frame(id = 1:n, arm = rep(c("high", "low", "none"), n / 3), months = round(3 + 9 * runif(n), 1))
d$y <- rnegbin(n, d$months / 12 * c(high = 1.1, low = 1.6, none = 2.2)[d$arm], 1.4)
d$H <- as.numeric(d$arm == "high"); d$L <- as.numeric(d$arm == "low")
nb <- function(f) glm.nb(f, data = d, control = glm.control(epsilon = 1e-13, maxit = 200))
m <- nb(y ~ H + L + offset(log(months))); ll <- function(m) as.numeric(logLik(m))
one <- function(v, other, arm) {
  e <- coef(m)[[v]]; se <- sqrt(vcov(m)[v, v])
  fall <- function(x) { d$off <<- x * d[[v]] + log(d$months); ll(m) - ll(nb(as.formula(paste("y ~", other, "+ offset(off)")))) }
  end <- function(s) uniroot(function(x) fall(x) - qchisq(.95, 1) / 2, e + s * se * c(1.2, 3), tol = 1e-11)$root
  list(set = "itt", arm = arm, n = n / 3, estimate = exp(e), lower = exp(end(-1)), upper = exp(end(1)), p = pchisq(2 * fall(0), 1, lower.tail = FALSE))
}
counts <- list(csv = csv(d[, c("id", "arm", "months", "y")]), rows = list(one("H", "L", "high"), one("L", "H", "low")))

cat(toJSON(list(source = R.version.string, binary = binary, ordinal = ordinal, counts = counts), auto_unbox = TRUE, digits = NA), "\n")
