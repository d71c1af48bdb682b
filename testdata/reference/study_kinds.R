# Reference values for outcomes that are no measurements, for study/kinds_test.go: the
# trials of testdata/studies shoulder (ordered categories).
#
#   Rscript study_kinds.R > study_kinds.json
#
# R 4.2.2, ordinal, jsonlite. The probability of benefit by its formulas written out (placements,
# Brunner & Munzel 2000; van Elteren's weights); the proportional-odds model by
# ordinal::clm, its likelihood ratio test by refits, and its limits by uniroot over refits
# with the coefficient held at a value, as confint interpolates.
suppressMessages({library(ordinal); library(jsonlite)})
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
cat(toJSON(list(rows = rows), auto_unbox = TRUE, digits = 16, pretty = 1), "\n")
