# Reference values for package study's use of strata and of outcomes without a
# baseline: invented trials with their data inline, for study/strata_test.go.
#
#   Rscript study_strata.R > study_strata.json
#
# R 4.2.2, lme4, lmerTest, pbkrtest, nlme, jsonlite. lm for the linear models,
# nlme::gls for the model of all visits (stratum x visit beside baseline x visit;
# it stops early, so it agrees to about five digits, and its standard errors are
# those without Kenward-Roger's adjustment), lmerTest with pbkrtest for random
# strata, written-out formulas for Mantel-Haenszel's risk difference with Sato's
# variance.
suppressMessages({library(lme4); library(lmerTest); library(nlme); library(jsonlite)})
num <- function(x) unname(as.numeric(x))
trial <- function(seed, cells, shift, visits = c("w4", "w12"), before = 1) {
  set.seed(seed)
  d <- do.call(rbind, lapply(seq_len(nrow(cells)), function(i) data.frame(
    site = cells$site[i], severity = cells$severity[i], arm = rep(c("active", "control"), c(cells$a[i], cells$c[i])))))
  d$id <- sprintf("P%03d", seq_len(nrow(d)))
  d$age <- round(rnorm(nrow(d), 60, 8))
  by <- shift[d$site] + ifelse(d$severity == "severe", 9, 0)
  d$pre <- round(50 + before * by + rnorm(nrow(d), 0, 8), 1)
  for (v in visits) d[[v]] <- round(20 + 0.5 * d$pre + by - 4 * (d$arm == "active") + rnorm(nrow(d), 0, 6), 1)
  d[sample(nrow(d)), c("id", "arm", "site", "severity", "age", "pre", visits)]
}
grid <- expand.grid(site = c("A", "B", "C"), severity = c("mild", "severe"), stringsAsFactors = FALSE)
est <- function(m, name = "armactive") {
  s <- summary(m)$coefficients[name, ]; ci <- confint(m)[name, ]
  list(estimate = num(s[1]), se = num(s[2]), df = m$df.residual, p = num(s[4]), lower = num(ci[1]), upper = num(ci[2]))
}
sato <- function(d, y) { # y: TRUE where the patient responded
  w <- dd <- p <- q <- 0
  for (s in split(data.frame(y = y, arm = d$arm), paste(d$site, d$severity))) {
    n1 <- sum(s$arm == "active"); n0 <- sum(s$arm == "control"); n <- n1 + n0
    x1 <- sum(s$y[s$arm == "active"]); x0 <- sum(s$y[s$arm == "control"])
    if (n1 == 0 || n0 == 0) next
    w <- w + n1 * n0 / n; dd <- dd + (x1 * n0 - x0 * n1) / n
    p <- p + (n1^2 * x0 - n0^2 * x1 + n1 * n0 * (n0 - n1) / 2) / n^2
    q <- q + (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * n)
  }
  v <- dd / w; se <- sqrt((v * p + q) / w^2)
  list(estimate = v, se = se, lower = v - qnorm(0.975) * se, upper = v + qnorm(0.975) * se, p = 2 * pnorm(-abs(v / se)))
}
out <- list()
answer <- function(name, d, rows) {
  con <- textConnection("lines", "w", local = TRUE); write.csv(d, con, row.names = FALSE, quote = FALSE); close(con)
  out[[length(out) + 1]] <<- list(name = name, csv = paste(c(lines, ""), collapse = "\n"), rows = rows)
}
prep <- function(d) { d$arm <- relevel(factor(d$arm), "control"); d$site <- factor(d$site); d$severity <- factor(d$severity); d }

# 1. Equal allocation in six cells: main effects.
cells <- cbind(grid, a = c(4, 5, 4, 5, 4, 5), c = c(5, 4, 5, 4, 5, 4))
raw <- trial(11, cells, c(A = 0, B = 6, C = 12)); d <- prep(raw)
long <- reshape(d, direction = "long", varying = c("w4", "w12"), v.names = "y", timevar = "visit", times = c("w4", "w12"), idvar = "id")
long$visit <- factor(long$visit, c("w4", "w12")); long <- long[order(long$id, long$visit), ]
g <- gls(y ~ visit + visit:arm + visit:pre + visit:site + visit:severity, data = long, method = "REML",
  correlation = corSymm(form = ~ as.integer(visit) | id), weights = varIdent(form = ~ 1 | visit),
  control = glsControl(tolerance = 1e-12, msTol = 1e-13, maxIter = 500, msMaxIter = 500))
gt <- summary(g)$tTable
answer("main", raw, list(
  list(model = "ancova", visit = "w12", r = est(lm(w12 ~ pre + site + severity + arm, d))),
  list(model = "ancova-adjusted", visit = "w12", r = est(lm(w12 ~ pre + site + severity + age + arm, d))),
  list(model = "ignored", visit = "w12", r = est(lm(w12 ~ pre + arm, d))),
  list(model = "cross", visit = "w12", r = est(lm(w12 ~ pre + site:severity + arm, d))),
  list(model = "permutation-change", visit = "w12", r = est(lm(I(w12 - pre) ~ site:severity + arm, d))),
  list(model = "mmrm", visit = "w12", r = list(estimate = num(gt["visitw12:armactive", 1]), se = num(gt["visitw12:armactive", 2]))),
  list(model = "responders", visit = "w12", r = sato(d, d$pre - d$w12 >= 6 - 1e-9)),
  list(model = "welch-value", visit = "w12", r = { t <- t.test(d$w12[d$arm == "active"], d$w12[d$arm == "control"])
    list(estimate = num(t$estimate[1] - t$estimate[2]), se = t$stderr, df = num(t$parameter), p = t$p.value, lower = t$conf.int[1], upper = t$conf.int[2]) }),
  list(model = "linear", visit = "w12", r = est(lm(w12 ~ site + severity + arm, d))),
  list(model = "linear-adjusted", visit = "w12", r = est(lm(w12 ~ site + severity + age + arm, d)))))

# 2. Allocation 12:3 in one stratum and 3:12 in the other.
raw <- trial(7, data.frame(site = c("A", "B"), severity = "mild", a = c(12, 3), c = c(3, 12)), c(A = 0, B = 14)); d <- prep(raw)
answer("unequal", raw, list(
  list(model = "ignored", visit = "w12", r = est(lm(w12 ~ pre + arm, d))),
  list(model = "ancova", visit = "w12", r = est(lm(w12 ~ pre + site + arm, d))),
  list(model = "permutation-change", visit = "w12", r = est(lm(I(w12 - pre) ~ site + arm, d)))))

# 3. Cells whose allocation ratios differ: crossed.
raw <- trial(5, data.frame(site = c("A", "A", "B", "B"), severity = c("mild", "severe", "mild", "severe"), a = c(18, 2, 3, 9), c = c(2, 18, 9, 3)), c(A = 0, B = 8)); d <- prep(raw)
answer("crossed", raw, list(
  list(model = "ancova", visit = "w12", r = est(lm(w12 ~ pre + site:severity + arm, d))),
  list(model = "main", visit = "w12", r = est(lm(w12 ~ pre + site + severity + arm, d)))))

# 4. Six strata of two, one patient an arm: their effects would leave 12 - 8 = 4
# residual degrees of freedom.
raw <- trial(4, data.frame(site = sprintf("S%02d", 1:10), severity = "mild", a = 1, c = 1),
  setNames(3 * seq(0, 18, 2), sprintf("S%02d", 1:10)), before = 0); d <- prep(raw)
d4 <- d[d$site %in% sprintf("S%02d", 1:6), ]; raw4 <- raw[raw$site %in% sprintf("S%02d", 1:6), ]
m <- lmer(w12 ~ pre + arm + (1 | site), d4, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12)))
kr <- summary(m, ddf = "Kenward-Roger")$coefficients["armactive", ]
answer("small", raw4, list(
  list(model = "ignore", visit = "w12", r = est(lm(w12 ~ pre + arm, d4))),
  list(model = "random", visit = "w12", r = list(estimate = num(kr[1]), se = num(kr[2]), df = num(kr[3]), p = num(kr[5])))))

# 5. Sites of very different size: those below four patients are merged.
raw <- trial(9, data.frame(site = c("A", "B", "C", "D", "E", "F"), severity = "mild", a = c(2, 1, 1, 1, 0, 1), c = c(2, 1, 1, 0, 1, 1)), c(A = 0, B = 3, C = 6, D = 9, E = 12, F = 15)); d <- prep(raw)
d$merged <- factor(ifelse(d$site == "A", "A", "rest"))
answer("merge", raw, list(list(model = "merge", visit = "w12", r = est(lm(w12 ~ pre + merged + arm, d)))))

cat(toJSON(list(trials = out), auto_unbox = TRUE, digits = 14, pretty = TRUE), "\n")
