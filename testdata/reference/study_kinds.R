# Reference values for outcomes that are no measurements, for study/kinds_test.go: the
# trials of testdata/studies shoulder (ordered categories) and falls (counts in a time at risk), and an invented one of days of 28.
#
#   Rscript study_kinds.R > study_kinds.json
#
# R 4.2.2, ordinal, MASS, sandwich, jsonlite. The probability of benefit by its formulas written out (placements,
# Brunner & Munzel 2000; van Elteren's weights); the proportional-odds model by
# ordinal::clm, its likelihood ratio test by refits, and its limits by uniroot over refits
# with the coefficient held at a value, as confint interpolates.
suppressMessages({library(ordinal); library(MASS); library(jsonlite)})
num <- function(x) unname(as.numeric(x))
z <- qnorm(0.975)

benefit <- function(y, arm, stratum) { # P(active > control) + P(tie)/2
  w <- p <- v <- ties <- NULL
  for (s in unique(stratum)) {
    x1 <- y[stratum == s & arm]; x0 <- y[stratum == s & !arm]
    n1 <- length(x1); n0 <- length(x0)
    p1 <- sapply(x1, function(a) mean((a > x0) + (a == x0) / 2))
    p0 <- sapply(x0, function(b) mean((x1 > b) + (x1 == b) / 2))
    w <- c(w, n1 * n0 / (n1 + n0 + 1)); p <- c(p, mean(p1))
    v <- c(v, var(p1) / n1 + var(p0) / n0); ties <- c(ties, mean(outer(x1, x0, "==")))
  }
  w <- w / sum(w)
  P <- sum(w * p); se <- sqrt(sum(w^2 * v)); l <- qlogis(P); sl <- se / (P * (1 - P))
  list(estimate = P, se = se, lower = plogis(l - z * sl), upper = plogis(l + z * sl),
       p = 2 * pnorm(-abs(l) / sl), tied = sum(w * ties))
}

odds <- function(d, terms) { # by profile likelihood, on the scale of the odds ratio
  d$y <- factor(d$y); ctl <- clm.control(gradTol = 1e-10, maxIter = 200)
  fit <- function(b, off) {
    d$off <- off
    as.numeric(logLik(clm(as.formula(paste("y ~", b, "+ offset(off)")), data = d, control = ctl)))
  }
  m <- clm(as.formula(paste("y ~ active +", terms)), data = d, control = ctl)
  b <- num(coef(m)["active"]); se <- num(sqrt(vcov(m)["active", "active"])); top <- as.numeric(logLik(m))
  fall <- function(x) 2 * (top - fit(terms, x * d$active)) - qchisq(0.95, 1)
  lim <- c(uniroot(fall, c(b - 6 * se, b), tol = 1e-12)$root, uniroot(fall, c(b, b + 6 * se), tol = 1e-12)$root)
  list(estimate = exp(b), se = se, lower = exp(lim[1]), upper = exp(lim[2]),
       p = pchisq(2 * (top - fit(terms, 0 * d$active)), 1, lower.tail = FALSE))
}

rates <- function(d, terms, poisson) {
  fit <- function(b, off) {
    d$off <- off + log(d$t)
    f <- as.formula(paste("y ~", b, "+ offset(off)"))
    if (poisson) glm(f, data = d, family = "poisson", control = list(epsilon = 1e-14, maxit = 100))
    else glm.nb(f, data = d, control = glm.control(epsilon = 1e-14, maxit = 200))
  }
  m <- fit(paste("active +", terms), 0 * d$t)
  b <- num(coef(m)["active"]); top <- as.numeric(logLik(m))
  # expected information at theta, as regress.Counts has it
  se <- num(sqrt(vcov(m)["active", "active"]))
  fall <- function(x) 2 * (top - as.numeric(logLik(fit(terms, x * d$active))))
  at <- function(x) fall(x) - qchisq(0.95, 1)
  list(estimate = exp(b), se = se, lower = exp(uniroot(at, c(b - 6 * se, b), tol = 1e-12)$root), upper = exp(uniroot(at, c(b, b + 6 * se), tol = 1e-12)$root),
       p = pchisq(fall(0), 1, lower.tail = FALSE))
}

exact <- function(d, stratum) {
  parts <- lapply(split(d, stratum), function(s) {
    c(m = sum(s$y), odds = sum(s$t[s$active == 1]) / sum(s$t[s$active == 0]))
  })
  mass <- function(theta) { # of the active arm's events, given those of every stratum
    p <- 1
    for (x in parts) p <- convolve(p, rev(dbinom(0:x["m"], x["m"], theta * x["odds"] / (1 + theta * x["odds"]))), type = "open")
    pmax(p, 0)
  }
  s <- sum(d$y[d$active == 1]); n <- sum(d$y)
  up <- function(th) sum(mass(th)[(s:n) + 1]); down <- function(th) sum(mass(th)[(0:s) + 1])
  root <- function(f) exp(uniroot(function(l) f(exp(l)), c(-8, 8), tol = 1e-13)$root)
  list(estimate = root(function(th) sum((0:n) * mass(th)) - s), lower = root(function(th) up(th) - 0.025), upper = root(function(th) down(th) - 0.025),
       p = min(1, 2 * min(up(1), down(1))))
}

rows <- list()
add <- function(study, outcome, visit, method, effect, without, x) {
  rows[[length(rows) + 1]] <<- c(list(study = study, outcome = outcome, visit = visit, method = method, effect = effect, without_strata = without), x)
}

s <- read.csv("../studies/shoulder/data.csv")
for (visit in c("w6", "w12")) {
  d <- data.frame(y = s[[c(w6 = "gpe6", w12 = "gpe12")[visit]]], active = as.numeric(s$arm == "exercise"), centre = s$centre, months = s$months)
  d <- d[!is.na(d$y), ]
  add("shoulder", "gpe", visit, "probability-of-benefit", "probability-of-benefit", FALSE, benefit(d$y, d$active == 1, d$centre))
  add("shoulder", "gpe", visit, "probability-of-benefit", "probability-of-benefit", TRUE, benefit(d$y, d$active == 1, rep("", nrow(d))))
  add("shoulder", "gpe", visit, "proportional-odds", "odds-ratio", FALSE, odds(d, if (visit == "w12") "centre + months" else "centre"))
}
f <- read.csv("../studies/falls/data.csv")
for (outcome in c("falls", "injurious")) {
  d <- data.frame(y = f[[outcome]], t = f$months, active = as.numeric(f$group == "balance"), sex = f$sex, age = f$age)
  nb <- outcome == "falls"
  add("falls", outcome, "year", if (nb) "negative-binomial" else "poisson", "rate-ratio", FALSE, rates(d, if (nb) "age + sex" else "sex", !nb))
  add("falls", outcome, "year", "exact-rate-ratio", "rate-ratio", FALSE, exact(d, d$sex))
  add("falls", outcome, "year", "exact-rate-ratio", "rate-ratio", TRUE, exact(d, rep("", nrow(d))))
}
# So many of a fixed number: invented days of 28, with a baseline; lm with sandwich's HC3 and
# the residual degrees of freedom, glm(quasibinomial) beside.
set.seed(28)
n <- 46
d <- data.frame(id = sprintf("%02d", 1:n), arm = rep(c("a", "c"), n / 2), site = rep(c("x", "y", "x", "y", "y"), length.out = n))
d$before <- rbinom(n, 28, rbeta(n, 2, 2)); d$after <- rbinom(n, 28, plogis(qlogis((d$before + 1) / 30) - 0.6 * (d$arm == "a") + rnorm(n, 0, 0.7)))
d$active <- as.numeric(d$arm == "a")
m <- lm(after ~ active + before + site, d)
se <- sqrt(sandwich::vcovHC(m, type = "HC3")["active", "active"]); b <- num(coef(m)["active"]); df <- m$df.residual
q <- glm(cbind(after, 28 - after) ~ active + before + site, d, family = "quasibinomial", control = list(epsilon = 1e-14, maxit = 100))
s <- summary(q)$coefficients["active", ]; t <- qt(0.975, df)
bounded <- list(csv = paste(c("id,arm,site,before,after", apply(d[, c("id", "arm", "site", "before", "after")], 1, function(x) paste(trimws(x), collapse = ","))), collapse = "\n"),
  mean = list(estimate = b, se = num(se), df = df, lower = num(b - t * se), upper = num(b + t * se), p = num(2 * pt(-abs(b / se), df))),
  odds = list(estimate = num(exp(s[1])), se = num(s[2]), df = df, lower = num(exp(s[1] - t * s[2])), upper = num(exp(s[1] + t * s[2])), p = num(2 * pt(-abs(s[3]), df))))
cat(toJSON(list(rows = rows, bounded = bounded), auto_unbox = TRUE, digits = 16, pretty = 1), "\n")
