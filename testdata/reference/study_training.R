# Reference values for the trial of doses testdata/studies/training, of
# study/training_test.go: the whole path from protocol and data.
#
#   Rscript study_training.R > study_training.json
#
# R 4.2.2, base packages, jsonlite, emmeans 1.8.4 (Dunnett by mvtnorm). The trend is the
# contrast of the adjusted means with weights (x - mean x)/sum of squares, from the
# covariance matrix of lm; the departure from a straight line is the comparison of models
# with the dose as a number and as a factor; Jonckheere's test is written out for ties with
# its normal approximation; the moderator is the product of arm and BMI in lm.
suppressMessages({library(jsonlite); library(emmeans)})
d <- read.csv2("../studies/training/data.csv", na.strings = c("", "NA"))
n <- nrow(d); d <- d[!is.na(d$pijn12), ]
d$arm <- factor(d$groep, levels = 0:3); df <- nrow(d) - 5
m <- lm(pijn12 ~ arm + pijn0, d)
est <- function(l, m) { e <- sum(l * coef(m)); s <- sqrt(c(t(l) %*% vcov(m) %*% l)); k <- df.residual(m); q <- qt(.975, k)
  list(estimate = e, se = s, df = k, lower = e - q * s, upper = e + q * s, p = 2 * pt(-abs(e / s), k)) }
x <- 0:3; w <- (x - mean(x)) / sum((x - mean(x))^2)
bend <- anova(lm(pijn12 ~ groep + pijn0, d), m)
dun <- summary(contrast(emmeans(m, "arm"), "trt.vs.ctrl"), infer = TRUE, adjust = "mvt")
full <- lm(pijn12 ~ arm * bmi + pijn0, d); inter <- anova(lm(pijn12 ~ arm + bmi + pijn0, d), full)
slope <- function(k) { l <- 0 * coef(full); l[sprintf("arm%d:bmi", k)] <- 1; est(l, full) }
y <- d$pijn12 - d$pijn0; g <- d$groep; J <- 0
y <- round(y, 1)
for (a in 0:2) for (b in (a + 1):3) J <- J + sum(outer(y[g == a], y[g == b], function(u, v) (u < v) + 0.5 * (u == v)))
N <- length(y); ni <- table(g); ti <- table(y)
v <- (N * (N - 1) * (2 * N + 5) - sum(ni * (ni - 1) * (2 * ni + 5)) - sum(ti * (ti - 1) * (2 * ti + 5))) / 72 +
  sum(ni * (ni - 1) * (ni - 2)) * sum(ti * (ti - 1) * (ti - 2)) / (36 * N * (N - 1) * (N - 2)) + sum(ni * (ni - 1)) * sum(ti * (ti - 1)) / (8 * N * (N - 1))
z <- (J - (N^2 - sum(ni^2)) / 4) / sqrt(v)
cat(toJSON(list(n = as.numeric(table(d$arm)), differences = lapply(1:3, function(k) { l <- 0 * coef(m); l[sprintf("arm%d", k)] <- 1; est(l, m) }),
  dunnett_p = dun$p.value, trend = est(c(0, w[2:4], 0), m), departure = list(f = bend$F[2], p = bend$`Pr(>F)`[2]),
  jonckheere = list(j = J, z = z, p = 2 * pnorm(-abs(z))), moderator = lapply(1:3, slope), interaction = list(f = inter$F[2], p = inter$`Pr(>F)`[2])),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), "\n")
