# Reference values for study.Triangulate: an anchor study drawn here, every
# method by R's own functions.
#
#   Rscript study_mic.R > study_mic.json
#
# R 4.2.2, pROC 1.18.0, jsonlite 1.8.4. Mean change and difference: t.test;
# adjusted: lm; ROC: the cut-offs halfway between neighboring changes, by
# enumeration of confusion tables (equally good ones averaged), area by pROC;
# predictive: glm, with the adjustments of Terluin et al. 2017 and 2022
# (doi 10.1016/j.jclinepi.2016.12.015, 10.1016/j.jclinepi.2022.04.018).
suppressMessages({library(jsonlite); library(pROC)})
set.seed(60)
num <- function(x) unname(as.numeric(x))
study <- function(n, shift, worsening, rel, noise = 11) {
  base <- round(pmin(pmax(rnorm(n, 58, 13), 20), 100)); true <- rnorm(n, shift, 14)
  change <- -round(pmin(true, base)) # pain: a fall is better
  rating <- pmin(pmax(round((true + rnorm(n, 0, noise)) / 11), -3), 3)
  retest <- base[1:60] + round(rnorm(60, 0, 6))
  x <- if (worsening) change else -change # the change asked for, positive
  imp <- if (worsening) rating <= -1 else rating >= 1
  slight <- if (worsening) rating == -1 else rating == 1
  same <- rating == 0
  v <- sort(unique(x)); cut <- (head(v, -1) + tail(v, -1)) / 2
  n1 <- sum(imp); n0 <- sum(!imp)
  se <- sapply(cut, function(c) sum(x[imp] >= c)) ; sp <- sapply(cut, function(c) sum(x[!imp] < c))
  pick <- function(score) mean(cut[score == min(score)]) # counts times n1 * n0: ties are exact
  miss <- (n1 - se) * n0; alarm <- (n0 - sp) * n1
  g <- glm(imp ~ x, binomial, control = glm.control(epsilon = 1e-15, maxit = 100)); b <- coef(g)
  logit <- log(n1 / n0); r <- cor(x, as.numeric(imp)); s <- sd(x)
  pred <- (logit - b[1]) / b[2]
  k <- slight | same
  adj <- lm(x[k] ~ as.numeric(slight[k]) + base[k]); w <- t.test(x[slight], x[same]); m <- t.test(x[slight])
  d <- retest - base[1:60]; sem <- sd(d) / sqrt(2)
  list(worsening = worsening, reliability = rel, change = change, rating = rating, baseline = base, retest = retest,
    spearman = cor(x, if (worsening) -rating else rating, method = "spearman"), auc = num(auc(imp, x, direction = "<", levels = c(FALSE, TRUE))),
    values = list("mean-change" = num(m$estimate), "mean-difference" = num(w$estimate[1] - w$estimate[2]),
      "mean-difference-adjusted" = num(coef(adj)[2]), "roc-youden" = pick(miss + alarm), "roc-closest-corner" = pick(miss^2 + alarm^2),
      "roc-sens-spec" = pick(abs(miss - alarm)), "limit-95" = mean(x[same]) + 1.645 * sd(x[same]), "predictive" = num(pred),
      "predictive-adjusted" = num(pred - (0.090 + 0.103 * r) * s * logit), "predictive-reliability" = num(pred - (0.8 / rel - 0.5) * r * s * logit),
      "sd-0.2" = 0.2 * sd(base), "sd-0.3" = 0.3 * sd(base), "sd-0.5" = 0.5 * sd(base), "sem" = sem, "sem-1.96" = 1.96 * sem,
      "mdc-90" = qnorm(.95) * sqrt(2) * sem, "mdc-95" = qnorm(.975) * sqrt(2) * sem),
    intervals = list("mean-change" = num(m$conf.int), "mean-difference" = num(w$conf.int), "mean-difference-adjusted" = num(confint(adj)[2, ])),
    es = mean(x) / sd(base), srm = mean(x) / s)
}
cat(toJSON(list(source = paste(R.version.string, "pROC", packageVersion("pROC")),
  studies = list(study(240, 14, FALSE, 0.7), study(150, 3, FALSE, 0.5), study(180, -8, TRUE, 0.9), study(80, 25, FALSE, 0.6), study(200, 12, FALSE, 0.4, 40))),
  digits = I(17), auto_unbox = TRUE), "\n")
