# Reference values for study/scales_test.go: plans with scale: log and variance_by_arm, of
# testdata/studies/anorexia.
#
#   Rscript study_scales.R > study_scales.json
#
# R 4.2.2, nlme, jsonlite. The model with a residual variance of each arm is nlme's
# gls(varIdent) by REML; its variances are then taken to the optimum by Newton's method with
# the derivatives of the restricted likelihood written out (P = V⁻¹ − V⁻¹X(X'V⁻¹X)⁻¹X'V⁻¹),
# and Satterthwaite's degrees of freedom are 2 var² / (g'Ag), A the inverse observed
# information, as SAS PROC MIXED defines them.
suppressMessages({library(nlme); library(jsonlite)})
d <- read.csv("../studies/anorexia/data.csv")
d$group <- factor(d$group, levels = c("Cont", "FT", "CBT"))
arms <- c("FT", "CBT")

row <- function(method, plan, arm, b, se, df, exp_of) {
  t <- qt(0.975, df)
  f <- if (exp_of) exp else identity
  list(method = method, plan = plan, arm = arm, estimate = f(b), se = se, df = df,
       lower = f(b - t * se), upper = f(b + t * se), p = 2 * pt(-abs(b / se), df))
}

one <- function(d, plan, log_of) { # one residual variance
  m <- summary(lm(post ~ pre + group, d))
  lapply(arms, function(a) {
    k <- paste0("group", a)
    row("ancova", plan, a, m$coefficients[k, 1], m$coefficients[k, 2], m$df[2], log_of)
  })
}

by_arm <- function(d, plan, log_of) {
  g <- gls(post ~ pre + group, d, weights = varIdent(form = ~ 1 | group), method = "REML",
           control = glsControl(tolerance = 1e-12, msTol = 1e-12))
  X <- model.matrix(post ~ pre + group, d); y <- d$post
  D <- lapply(levels(d$group), function(l) diag(as.numeric(d$group == l)))
  s <- g$sigma * coef(g$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)
  v <- as.numeric(s[levels(d$group)]^2)
  for (it in 1:50) {
    W <- diag(1 / v[as.integer(d$group)])
    C <- solve(t(X) %*% W %*% X)
    P <- W - W %*% X %*% C %*% t(X) %*% W
    u <- P %*% y
    grad <- sapply(D, function(Da) sum(diag(P %*% Da)) - sum(u * (Da %*% u)))
    H <- sapply(D, function(Da) sapply(D, function(Db)
      -sum(diag(P %*% Da %*% P %*% Db)) + 2 * as.numeric(t(u) %*% Da %*% P %*% Db %*% u)))
    step <- solve(H, grad)
    v <- v - step
    if (max(abs(step / v)) < 1e-14) break
  }
  W <- diag(1 / v[as.integer(d$group)])
  C <- solve(t(X) %*% W %*% X)
  b <- C %*% t(X) %*% W %*% y
  stopifnot(max(abs(b - coef(g)) / abs(coef(g))) < 1e-6, max(abs(sqrt(v) / s[levels(d$group)] - 1)) < 1e-5)
  A <- 2 * solve(H)
  lapply(arms, function(a) {
    l <- as.numeric(colnames(X) == paste0("group", a))
    q <- sapply(D, function(Da) { z <- W %*% X %*% C %*% l; sum(z * (Da %*% z)) })
    vl <- as.numeric(t(l) %*% C %*% l)
    row("ancova", plan, a, sum(l * b), sqrt(vl), 2 * vl^2 / as.numeric(t(q) %*% A %*% q), log_of)
  })
}

welch <- function(d, plan) { # of changes of logarithms
  lapply(arms, function(a) {
    t <- t.test((d$post - d$pre)[d$group == a], (d$post - d$pre)[d$group == "Cont"])
    row("welch-change", plan, a, unname(t$estimate[1] - t$estimate[2]), unname(t$stderr), unname(t$parameter), TRUE)
  })
}

raw <- data.frame(group = d$group, pre = d$prewt, post = d$postwt)
logs <- transform(raw, pre = log(pre), post = log(post))
geo <- lapply(levels(d$group), function(a) list(arm = a, mean = exp(mean(logs$post[d$group == a])), sd = exp(sd(logs$post[d$group == a])),
  before = exp(mean(logs$pre[d$group == a]))))
out <- c(one(logs, "scale: log", TRUE), welch(logs, "scale: log, model: welch-change"), by_arm(raw, "variance_by_arm: true", FALSE),
         by_arm(logs, "scale: log, variance_by_arm: true", TRUE))
cat(toJSON(list(rows = out, geometric = geo), auto_unbox = TRUE, digits = NA, pretty = TRUE), "\n")
