# Reference values for study.Plan.Trend and for the curves of study.SubgroupsOf, for
# study/along_test.go: the lasers study, its arms taken to have doses 0, 3 and 12. Run from this folder:
#
#   Rscript study_along.R > study_along.json
#
# ANCOVA: lm and emmeans' contrasts with the weights (x - mean(x))/sum((x - mean(x))^2); the
# departure from a line by anova against the model with the dose as a number; HC3 by its
# formula. MMRM: nlme's gls, REML, normal quantiles. Jonckheere: pairs counted, the normal
# approximation with the variance of Kendall (1970) given ties. R 4.2.2.
suppressMessages({library(jsonlite); library(emmeans); library(nlme)})
emm_options(msg.interaction = FALSE, msg.nesting = FALSE)
d <- read.csv2("../studies/lasers/data.csv")
dose <- c(P = 0, L = 3, H = 12)
d$arm <- factor(d$groep, levels = names(dose))
d$x <- dose[as.character(d$arm)]
x <- unname(dose); w <- (x - mean(x)) / sum((x - mean(x))^2)
at6 <- 1 / 3 + (6 - mean(x)) * w
num <- function(e, se, df) list(estimate = e, se = se, df = if (is.finite(df)) df else NULL)

from <- function(m, v = vcov(m), df = m$df.residual) {
  em <- emmeans(m, "arm", vcov. = v, df = df)
  s <- summary(contrast(em, list(slope = w, line = at6)))
  list(slope = num(s$estimate[1], s$SE[1], df), line = num(s$estimate[2], s$SE[2], df),
    means = summary(em)$emmean, mean_se = summary(em)$SE)
}
a <- d[complete.cases(d[, c("vas0", "vas12")]), ]
m <- lm(vas12 ~ vas0 + arm, a)
f <- anova(lm(vas12 ~ vas0 + x, a), m)
ancova <- c(from(m), list(bend = list(f = f$F[2], df1 = f$Df[2], df2 = f$Res.Df[2], p = f$`Pr(>F)`[2]), n = tabulate(a$arm)))

X <- model.matrix(m); B <- solve(crossprod(X)); r <- residuals(m) / (1 - hatvalues(m))
hc3 <- from(m, B %*% crossprod(X * r) %*% B)

long <- rbind(data.frame(d[, c("nr", "arm", "vas0")], visit = "w4", y = d$vas4), data.frame(d[, c("nr", "arm", "vas0")], visit = "w12", y = d$vas12))
long <- long[complete.cases(long), ]
long$visit <- factor(long$visit, levels = c("w4", "w12")); long$t <- as.integer(long$visit)
g <- gls(y ~ visit * vas0 + visit * arm, long, correlation = corSymm(form = ~ t | nr), weights = varIdent(form = ~ 1 | visit), method = "REML",
  control = glsControl(tolerance = 1e-12, msTol = 1e-12, maxIter = 500, msMaxIter = 500))
em <- emmeans(g, ~ arm, at = list(visit = "w12", vas0 = mean(d$vas0[d$nr %in% long$nr])), mode = "asymptotic")
s <- summary(contrast(em, list(slope = w)))
mmrm <- list(slope = num(s$estimate, s$SE, Inf))

# The difference at ages, as lines of lm and of gls with age in every arm have it, at R's
# quantiles of those analyzed.
differences <- function(m, ages) {
  out <- lapply(ages, function(x) {
    em <- emmeans(m, "arm", at = list(leeftijd = x))
    s <- summary(contrast(em, list(L = c(-1, 1, 0), H = c(-1, 0, 1))))
    list(age = x, L = num(s$estimate[1], s$SE[1], s$df[1]), H = num(s$estimate[2], s$SE[2], s$df[2]))
  })
  unname(out)
}
moderator <- differences(lm(vas12 ~ vas0 + leeftijd * arm, a), quantile(a$leeftijd, c(.1, .5, .9)))
long$leeftijd <- d$leeftijd[match(long$nr, d$nr)]
g2 <- update(g, y ~ visit * vas0 + visit * arm * leeftijd)
ages <- quantile(d$leeftijd[d$nr %in% long$nr], c(.1, .5, .9))
moderator_mmrm <- lapply(unname(ages), function(x) {
  em <- emmeans(g2, ~ arm, at = list(visit = "w12", leeftijd = x), mode = "asymptotic")
  s <- summary(contrast(em, list(L = c(-1, 1, 0), H = c(-1, 0, 1))))
  list(age = x, L = num(s$estimate[1], s$SE[1], Inf), H = num(s$estimate[2], s$SE[2], Inf))
})

change <- round(a$vas12 - a$vas0, 1); k <- as.integer(a$arm); J <- 0
for (i in 1:2) for (j in (i + 1):3) J <- J + sum(outer(change[k == i], change[k == j], function(u, v) (v > u) + (v == u) / 2))
n <- tabulate(k); N <- sum(n); t <- table(change)
v <- (N * (N - 1) * (2 * N + 5) - sum(n * (n - 1) * (2 * n + 5)) - sum(t * (t - 1) * (2 * t + 5))) / 72 +
  sum(n * (n - 1) * (n - 2)) * sum(t * (t - 1) * (t - 2)) / (36 * N * (N - 1) * (N - 2)) + sum(n * (n - 1)) * sum(t * (t - 1)) / (8 * N * (N - 1))
z <- (J - (N^2 - sum(n^2)) / 4) / sqrt(v)
cat(toJSON(list(ancova = ancova, hc3 = hc3, mmrm = mmrm, jonckheere = list(j = J, z = z, p = 2 * pnorm(-abs(z))),
  moderator = moderator, moderator_mmrm = moderator_mmrm), auto_unbox = TRUE, digits = NA, pretty = TRUE), "\n")
