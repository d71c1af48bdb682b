# Reference values for package study: what R says about the trials of
# testdata/studies, for study/reference_test.go. Run from this folder:
#
#   Rscript study.R ../../../shared/data > study.json
#
# The argument is the folder with the data sets that are not in the repository;
# without it their trials are left out. R 4.2.2, coin 1.4-2, jsonlite 1.8.4.
#
# Per outcome, visit and active arm: lm(post ~ pre + arm) over all arms;
# t.test of the changes; the permutation distribution of the difference in mean
# change (coin's exact oneway_test); coin's exact wilcox_test (mid-ranks); for
# at most 1000 arrangements the distribution of |t| of lm refitted to each.
# Changes are rounded to the digits of the data, so that ties are ties.
suppressMessages({library(coin); library(jsonlite)})

num <- function(x) unname(as.numeric(x))

ancova <- function(d, arm, control, covariates = NULL) {
  d$arm <- relevel(factor(d$arm), ref = control)
  f <- reformulate(c("pre", covariates, "arm"), response = "post")
  m <- lm(f, data = d)
  k <- paste0("arm", arm)
  s <- summary(m)$coefficients[k, ]
  ci <- confint(m)[k, ]
  list(estimate = num(s[1]), se = num(s[2]), df = m$df.residual, lower = num(ci[1]), upper = num(ci[2]), p = num(s[4]))
}

# Hedges' g with its exact factor; the interval pivots the noncentral t.
hedges <- function(x, y) {
  t <- t.test(x, y, var.equal = TRUE)
  m <- num(t$parameter); k <- sqrt(1 / length(x) + 1 / length(y)); tt <- num(t$statistic)
  J <- exp(lgamma(m / 2) - log(sqrt(m / 2)) - lgamma((m - 1) / 2))
  root <- function(p) uniroot(function(n) pt(tt, m, ncp = n) - p, tt + c(-8, 8), tol = 1e-14)$root
  list(estimate = J * tt * k, lower = J * k * root(0.975), upper = J * k * root(0.025))
}

refit <- function(d, arm, control) {
  two <- which(d$arm %in% c(arm, control))
  n1 <- sum(d$arm == arm)
  if (choose(length(two), n1) > 1000) return(NULL)
  tval <- function(a) {
    x <- d; x$arm[two] <- control; x$arm[two[a]] <- arm
    x$arm <- relevel(factor(x$arm), ref = control)
    summary(lm(post ~ pre + arm, data = x))$coefficients[paste0("arm", arm), 3]
  }
  t0 <- abs(tval(which(d$arm[two] == arm)))
  ts <- abs(apply(combn(length(two), n1), 2, tval))
  list(p = mean(ts >= t0 * (1 - 1e-9)), min_p = mean(ts >= max(ts) * (1 - 1e-9)))
}

# The smallest p of the exact test of a sum of scores: the share of the
# arrangements that lie farthest from the expectation.
smallest <- function(x, n1) {
  if (choose(length(x), n1) > 1000) return(NULL)
  d <- abs(combn(x, n1, sum) - sum(x) * n1 / length(x))
  mean(d >= max(d) - 1e-7)
}

one <- function(study, outcome, visit, d, arms, control, digits, covariates = NULL, exact = TRUE) {
  d <- d[complete.cases(d[, c("pre", "post")]), ]
  d$change <- round(d$post - d$pre, digits)
  rows <- list()
  add <- function(method, arm, values)
    rows[[length(rows) + 1]] <<- c(list(study = study, outcome = outcome, visit = visit, method = method, arm = arm), Filter(Negate(is.null), values))
  for (a in arms) {
    add("ancova", a, ancova(d, a, control))
    if (!is.null(covariates))
      add("ancova-adjusted", a, ancova(d[complete.cases(d[, covariates]), ], a, control, covariates))
    two <- d[d$arm %in% c(a, control), ]
    w <- t.test(two$change[two$arm == a], two$change[two$arm == control])
    add("welch-change", a, list(estimate = num(w$estimate[1] - w$estimate[2]), se = num(w$stderr), df = num(w$parameter),
      lower = w$conf.int[1], upper = w$conf.int[2], p = w$p.value))
    add("hedges-g-change", a, hedges(two$change[two$arm == a], two$change[two$arm == control]))
    if (!exact) next
    two$g <- factor(two$arm, levels = c(a, control))
    n1 <- sum(two$arm == a)
    add("permutation-change", a, list(min_p = smallest(round(two$change * 10^digits), n1), p = num(pvalue(oneway_test(round(change * 10^digits) ~ g, data = two, distribution = "exact")))))
    add("mann-whitney-change", a, list(min_p = smallest(rank(two$change), n1), p = num(pvalue(wilcox_test(change ~ g, data = two, distribution = "exact")))))
    r <- refit(d, a, control)
    if (!is.null(r)) add("permutation-ancova", a, r)
  }
  for (a in c(arms, control)) {
    w <- t.test(d$change[d$arm == a])
    add("paired-t", a, list(estimate = num(w$estimate), se = num(w$stderr), df = num(w$parameter),
      lower = w$conf.int[1], upper = w$conf.int[2], p = w$p.value))
  }
  rows
}

rows <- list()
take <- function(...) rows <<- c(rows, one(...))

h <- read.csv("../studies/hilt/data.csv")
for (o in c("vas", "jps", "quad", "ham")) for (v in list(c("post", "post"), c("h24", "24h"))) {
  d <- data.frame(arm = h$group, pre = h[[paste0(o, "_pre")]], post = h[[paste0(o, "_", v[2])]], stringsAsFactors = FALSE)
  take("hilt", o, v[1], d, "hilt", "sham", 1)
}

a <- read.csv("../studies/anorexia/data.csv")
take("anorexia", "weight", "after", data.frame(arm = a$group, pre = a$prewt, post = a$postwt, stringsAsFactors = FALSE),
  c("FT", "CBT"), "Cont", 1)

data <- commandArgs(trailingOnly = TRUE)
if (length(data) == 1) {
  b <- read.csv(file.path(data, "BtheB.csv"))
  for (v in list(c("m2", "bdi.2m"), c("m3", "bdi.3m"), c("m5", "bdi.5m"), c("m8", "bdi.8m")))
    take("btheb", "bdi", v[1], data.frame(arm = b$treatment, pre = b$bdi.pre, post = b[[v[2]]], drug = b$drug,
      length = b$length, stringsAsFactors = FALSE), "BtheB", "TAU", 0, c("drug", "length"))
  p <- read.csv(file.path(data, "polyps.csv"))
  for (v in list(c("m3", "number3m"), c("m12", "number12m")))
    take("polyps", "polyps", v[1], data.frame(arm = p$treatment, pre = p$baseline, post = p[[v[2]]], sex = p$sex,
      age = p$age, stringsAsFactors = FALSE), "sulindac", "placebo", 0, c("sex", "age"))
  # FEV1 has too many digits for exact tests of 100 and more participants.
  f <- read.csv(file.path(data, "fev_data.csv"))
  for (v in c("VIS1", "VIS2", "VIS3", "VIS4")) {
    x <- f[f$AVISIT == v, ]
    take("fev", "fev", v, data.frame(arm = x$ARMCD, pre = x$FEV1_BL, post = x$FEV1, race = x$RACE, sex = x$SEX,
      stringsAsFactors = FALSE), "TRT", "PBO", 14, c("race", "sex"), exact = FALSE)
  }
}

cat(toJSON(list(R = R.version.string, rows = rows), auto_unbox = TRUE, digits = NA, pretty = TRUE), "\n")
