# Writes study_facts.json: joint (Dunnett) intervals, slopes on baseline by arm and
# HC3 standard errors of the anorexia trial and of two invented ones. R 4.2.2,
# emmeans 1.8.4.1, mvtnorm, sandwich, jsonlite; HC3 also by matrix algebra.
#   Rscript testdata/reference/study_facts.R > testdata/reference/study_facts.json
# The joint quantile is the root of mvtnorm's probability with abseps 1e-7, whose
# integration is random below that.
suppressMessages({library(emmeans); library(mvtnorm); library(sandwich); library(jsonlite)})
num <- function(v) I(unname(as.numeric(v)))
quantiles <- function(df, R) {
  f <- function(q) pmvt(rep(-q, nrow(R)), rep(q, nrow(R)), df = df, corr = R, algorithm = GenzBretz(5e6, 1e-7, 0)) - 0.95
  uniroot(f, c(1.9, 4), tol = 1e-8)$root
}
hc3 <- function(m) {
  X <- model.matrix(m); B <- solve(crossprod(X)); h <- rowSums((X %*% B) * X)
  V <- B %*% crossprod(X * (residuals(m) / (1 - h))) %*% B
  stopifnot(max(abs(V - vcovHC(m, type = "HC3"))) < 1e-9)
  V
}
facts <- function(d, formula, control) {
  d$arm <- relevel(factor(d$arm), control)
  m <- lm(as.formula(paste("post ~ arm + pre", formula)), d)
  s <- lm(as.formula(paste("post ~ arm * pre", formula)), d)
  active <- levels(d$arm)[-1]
  at <- quantile(d$pre, c(.1, .9), type = 7)
  one <- function(m, V) {
    L <- t(sapply(active, function(a) as.numeric(names(coef(m)) == paste0("arm", a))))
    S <- L %*% V %*% t(L); se <- sqrt(diag(S)); df <- m$df.residual
    e <- drop(L %*% coef(m)); q <- quantiles(df, cov2cor(S))
    list(estimate = num(e), se = num(se), df = df, lower = num(e - q * se), upper = num(e + q * se))
  }
  slopes <- function(s, V) {
    k <- paste0("arm", active, ":pre"); i <- match(k, names(coef(s)))
    b <- coef(s)[i]; F <- drop(t(b) %*% solve(V[i, i]) %*% b) / length(i); df <- s$df.residual
    ends <- lapply(at, function(x) {
      L <- t(sapply(active, function(a) (names(coef(s)) == paste0("arm", a)) + x * (names(coef(s)) == paste0("arm", a, ":pre"))))
      list(estimate = num(L %*% coef(s)), se = num(sqrt(diag(L %*% V %*% t(L)))))
    })
    list(f = F, df1 = length(i), df2 = df, p = pf(F, length(i), df, lower = FALSE), slope = num(b), se = num(sqrt(diag(V)[i])),
         low = unname(at[1]), high = unname(at[2]), at_low = ends[[1]], at_high = ends[[2]])
  }
  stopifnot(abs(anova(m, s)$F[2] - slopes(s, vcov(s))$f) < 1e-9)
  e <- as.data.frame(confint(contrast(emmeans(m, ~arm), "trt.vs.ctrl", adjust = "mvt")))
  stopifnot(max(abs(e$lower.CL - one(m, vcov(m))$lower)) < 2e-3)
  list(active = I(active), joint = one(m, vcov(m)), slopes = slopes(s, vcov(s)), hc3_joint = one(m, hc3(m)), hc3_slopes = slopes(s, hc3(s)),
       cook = max(cooks.distance(m)), cook_id = as.character(d$id[which.max(cooks.distance(m))]))
}
csv <- function(d) paste(capture.output(write.csv(d, quote = FALSE, row.names = FALSE)), collapse = "\n")
trials <- list()
a <- read.csv("testdata/studies/anorexia/data.csv"); names(a) <- c("id", "arm", "pre", "post")
trials$anorexia <- c(list(csv = csv(a), randomization = "kind: unknown", covariates = ""), facts(a, "", "Cont"))

set.seed(31)
n <- c(a = 9, b = 21, c = 14); arm <- rep(names(n), n)
d <- data.frame(id = seq_along(arm), arm = arm, site = sample(c("n", "s", "w"), length(arm), TRUE, c(.5, .3, .2)))
d$pre <- round(rnorm(length(arm), 60, 9), 1)
d$post <- round(10 + .7 * d$pre - 4 * (d$arm == "b") + .25 * (d$arm == "b") * (d$pre - 60) + 3 * (d$site == "s") + rnorm(length(arm), 0, 4 + 3 * (d$arm == "a")), 1)
trials$strata <- c(list(csv = csv(d), randomization = "kind: stratified, strata: [site]", covariates = ""), facts(d, "+ site", "c"))

set.seed(32)
n <- c(a = 8, b = 15, x = 24, c = 11); arm <- rep(names(n), n)
d <- data.frame(id = seq_along(arm), arm = arm, site = sample(c("n", "s"), length(arm), TRUE))
d$age <- round(rnorm(length(arm), 50 + 8 * (d$arm == "x"), 8)); d$pre <- round(rnorm(length(arm), 40, 6) + .2 * (d$age - 50), 1)
d$post <- round(5 + .8 * d$pre + .1 * d$age + 3 * (d$arm == "x") + rnorm(length(arm), 0, 3 + 2 * (d$arm == "x")), 1)
trials$four <- c(list(csv = csv(d), randomization = "kind: stratified, strata: [site]", covariates = "age"), facts(d, "+ site + age", "c"))
cat(toJSON(trials, digits = NA, auto_unbox = TRUE, pretty = FALSE), "\n")
