# Reference values for study.SubgroupsOf of outcomes that are no measurements, of logarithms
# and with a variance of each arm, for study/subgroups_kinds_test.go, of a trial that is
# invented here. Run from this folder:
#
#   Rscript study_subgroups_kinds.R > study_subgroups_kinds.json
#
# x2: twice the difference of log-likelihoods with and without arm:covariate. log: the
# logarithm of the interaction and its profile-likelihood limits, by uniroot on refits with
# an offset. at: the logarithm of the effect at the quantiles .1, .5, .9 of age with Wald's
# standard error. R 4.2.2, MASS 7.3, nlme 3.1, jsonlite 1.8.4.
suppressMessages({library(MASS); library(nlme); library(jsonlite)})
set.seed(1508)
n <- 150
d <- data.frame(id = 1:n, arm = rep(c("act", "ctl"), n / 2), sex = sample(c("f", "m"), n, TRUE), age = round(rnorm(n, 58, 9)))
a <- as.numeric(d$arm == "act"); m <- as.numeric(d$sex == "m"); z <- (d$age - 58) / 9
d$yes <- rbinom(n, 1, plogis(-0.6 + 1.1 * a + 0.3 * m - 0.9 * a * m + 0.3 * z + 0.5 * a * z))
d$months <- sample(4:12, n, TRUE)
d$falls <- rnbinom(n, mu = d$months * exp(-1.3 - 0.5 * a + 0.6 * a * m + 0.2 * z * a), size = 1.2)
d$grade <- as.integer(cut(1.0 * a - 0.8 * a * m + 0.4 * z + 0.4 * a * z + rlogis(n), c(-Inf, -1, 0.3, 1.5, Inf)))
d$time <- round(exp(2 - 0.3 * a + 0.25 * a * m + 0.1 * z + rnorm(n, 0, 0.3 + 0.25 * a)), 2)
write.table(d, file = textConnection("csv", "w"), sep = ",", quote = FALSE, row.names = FALSE)
d$arm <- relevel(factor(d$arm), "ctl"); d$sex <- factor(d$sex); d$level <- factor(d$grade)
d$am <- a * m; d$az <- a * d$age
fits <- list(
  logistic = function(f, off) glm(update(f, yes ~ . + offset(off)), binomial, transform(d, off = off), control = list(epsilon = 1e-12, maxit = 100)),
  nb = function(f, off) glm.nb(update(f, falls ~ . + offset(off + log(months))), transform(d, off = off), control = glm.control(epsilon = 1e-12, maxit = 200)),
  polr = function(f, off) polr(update(f, level ~ . + offset(off)), transform(d, off = off), Hess = TRUE, control = list(reltol = 1e-14, maxit = 2000)))
answer <- function(kind, x, others = "") { # x: am, sex, or az, age
  fit <- fits[[kind]]; zero <- rep(0, n)
  main <- if (x == "am") "sex" else "age"
  f0 <- as.formula(paste("~", main, "+ arm", others)); f1 <- as.formula(paste("~", main, "+ arm", others, "+", x))
  env <- environment(); environment(f0) <- environment(f1) <- env
  less <- fit(f0, zero); more <- fit(f1, zero)
  e <- coef(more)[[x]]; se <- sqrt(vcov(more)[x, x]); top <- as.numeric(logLik(more))
  g <- function(b) 2 * (top - as.numeric(logLik(fit(f0, b * d[[x]])))) - qchisq(0.95, 1)
  lim <- c(uniroot(g, c(e - 5 * se, e), tol = 1e-10)$root, uniroot(g, c(e, e + 5 * se), tol = 1e-10)$root)
  out <- list(x2 = 2 * (top - as.numeric(logLik(less))), log = c(e, lim), se = se)
  if (x == "az") {
    q <- as.numeric(quantile(d$age, c(.1, .5, .9))); v <- vcov(more)[c("armact", "az"), c("armact", "az")]
    out$at <- lapply(q, function(t) c(t, coef(more)[["armact"]] + t * e, sqrt(c(1, t) %*% v %*% c(1, t))))
  }
  out
}
lin <- function(weights) {
  f <- gls(log(time) ~ sex * arm, d, weights = weights); s <- gls(log(time) ~ age * arm, d, weights = weights)
  list(log = c(coef(f)[["sexm:armact"]], sqrt(vcov(f)["sexm:armact", "sexm:armact"])), slope = c(coef(s)[["age:armact"]], sqrt(vcov(s)["age:armact", "age:armact"])))
}
# Win odds of the levels by placements (Brunner and Munzel), and their ratio.
wins <- function(l) {
  x <- d$grade[d$arm == "act" & d$sex == l]; y <- d$grade[d$arm == "ctl" & d$sex == l]
  w <- outer(x, y, function(p, q) (p > q) + 0.5 * (p == q)); p <- mean(w)
  v <- var(rowMeans(w)) / length(x) + var(colMeans(w)) / length(y)
  c(qlogis(p), sqrt(v) / (p * (1 - p)))
}
f <- wins("f"); m <- wins("m")
out <- list(data = paste(csv, collapse = "\n"),
  answers = list(logistic = answer("logistic", "am"), logistic_age = answer("logistic", "am", "+ age"), logistic_line = answer("logistic", "az"),
    nb = answer("nb", "am"), nb_line = answer("nb", "az"), polr = answer("polr", "am"), polr_line = answer("polr", "az")),
  logs = lin(NULL), variance = lin(varIdent(form = ~ 1 | arm)), win = list(f = f, m = m))
cat(toJSON(out, auto_unbox = TRUE, digits = NA))
