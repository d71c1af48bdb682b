# Reference values for package study's models of all visits: what R says about
# the trials of testdata/studies, for study/repeated_reference_test.go. Run from
# this folder, with the folder of the data sets that are not in the repository
# (without it their trials are left out):
#
#   Rscript study_repeated.R ../../../shared/data > study_repeated.json
#
# R 4.2.2, lme4, lmerTest, pbkrtest, emmeans, nlme, jsonlite.
#
# lmm: lmer(y ~ visit * arm + visit:baseline + covariates + (1 | id)); differences
# per visit and averaged over visits from emmeans, F tests of lmerTest::contest.
# mixed-anova: complete participants; anova of the multivariate model with
# contrasts that sum to zero, each term against the model without it (type III),
# Greenhouse-Geisser; differences in mean change from lm(change ~ arm).
# mmrm, clda: nlme::gls, whose standard errors are those without Kenward-Roger's
# adjustment; gls stops early, so these agree to about five digits.
suppressMessages({library(lme4); library(lmerTest); library(emmeans); library(nlme); library(jsonlite)})
folder <- commandArgs(TRUE)[1]
num <- function(x) unname(as.numeric(x))
rows <- list(); tests <- list()
add <- function(...) rows[[length(rows) + 1]] <<- list(...)
addtest <- function(...) tests[[length(tests) + 1]] <<- list(...)

# Long data of the trials: id, arm (control first), visit, y, bl, covariates.
wide <- function(d, id, arm, control, bl, cols, c1, c2) {
  o <- do.call(rbind, lapply(names(cols), function(v) data.frame(id = d[[id]], arm = relevel(factor(d[[arm]]), control),
    visit = v, y = d[[cols[v]]], bl = d[[bl]], c1 = c1, c2 = c2)))
  o$visit <- factor(o$visit, names(cols))
  o
}
x <- read.csv("../studies/dropout/data.csv", colClasses = c(id = "character"))
weeks <- c(week2 = "week2", week4 = "week4", week8 = "week8", week12 = "week12")
trials <- list(dropout = list(d = wide(x, "id", "arm", "advice", "week0", weeks, factor(x$site), x$age), arm = "exercise", outcome = "pain"))
if (!is.na(folder)) {
  fev <- read.csv(file.path(folder, "fev_data.csv"))
  fev <- data.frame(id = fev$USUBJID, arm = relevel(factor(fev$ARMCD), "PBO"), visit = factor(fev$AVISIT),
                    y = fev$FEV1, bl = fev$FEV1_BL, c1 = factor(fev$RACE), c2 = factor(fev$SEX))
  b <- read.csv(file.path(folder, "BtheB.csv"))
  cols <- c(m2 = "bdi.2m", m3 = "bdi.3m", m5 = "bdi.5m", m8 = "bdi.8m")
  bt <- wide(b, "subject", "treatment", "TAU", "bdi.pre", cols, factor(b$drug), factor(b$length))
  trials <- c(trials, list(fev = list(d = fev, arm = "TRT", outcome = "fev"), btheb = list(d = bt, arm = "BtheB", outcome = "bdi")))
}

for (study in names(trials)) {
  tr <- trials[[study]]
  d <- tr$d[!is.na(tr$d$y) & !is.na(tr$d$bl), ]
  m <- lmer(y ~ visit * arm + visit:bl + c1 + c2 + (1 | id), data = d,
            control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11)))
  for (df in c("satterthwaite", "kenward-roger")) {
    emm_options(lmer.df = df)
    for (average in c(FALSE, TRUE)) {
      e <- if (average) emmeans(m, ~ arm) else emmeans(m, ~ arm | visit)
      s <- as.data.frame(contrast(e, "revpairwise"))
      for (i in seq_len(nrow(s))) add(study = study, outcome = tr$outcome, model = "lmm", df = df, arm = tr$arm,
        visit = if (average) "overall" else as.character(s$visit[i]), estimate = num(s$estimate[i]), se = num(s$SE[i]), ddf = num(s$df[i]))
    }
    cf <- names(fixef(m))
    inter <- grep("^visit.*:arm", cf)
    L <- matrix(0, length(inter), length(cf)); for (k in seq_along(inter)) L[k, inter[k]] <- 1
    f <- contest(m, L, joint = TRUE, ddf = if (df == "satterthwaite") "Satterthwaite" else "Kenward-Roger")
    addtest(study = study, outcome = tr$outcome, model = "lmm", df = df, term = "arm:visit", f = num(f[["F value"]]),
            df1 = num(f$NumDF), df2 = num(f$DenDF), p = num(f[["Pr(>F)"]]))
  }
  # MMRM, unstructured.
  d$t <- as.integer(d$visit)
  d <- d[order(d$id, d$t), ]
  g <- gls(y ~ visit * arm + visit:bl + c1 + c2, data = d, correlation = corSymm(form = ~ t | id),
           weights = varIdent(form = ~ 1 | visit), method = "REML",
           control = glsControl(tolerance = 1e-10, msTol = 1e-12, maxIter = 500, msMaxIter = 1000))
  V <- vcov(g); B <- coef(g)
  l <- rep(0, length(B)); names(l) <- names(B)
  armc <- paste0("arm", tr$arm)
  for (v in levels(d$visit)) {
    l[] <- 0; l[armc] <- 1
    k <- paste0("visit", v, ":", armc); if (k %in% names(B)) l[k] <- 1
    add(study = study, outcome = tr$outcome, model = "mmrm", df = "satterthwaite", arm = tr$arm, visit = v,
        estimate = num(l %*% B), se = num(sqrt(l %*% V %*% l)), ddf = NULL)
  }
  # cLDA: baseline is the first of the responses, without covariates.
  all <- tr$d
  base <- all[!duplicated(all$id) & !is.na(all$bl), ]
  long <- rbind(data.frame(id = base$id, arm = base$arm, t = 0L, y = base$bl),
                data.frame(id = all$id, arm = all$arm, t = as.integer(all$visit), y = all$y))
  long <- long[!is.na(long$y), ]
  long <- long[order(long$id, long$t), ]
  long$v <- factor(long$t)
  post <- sapply(1:4, function(k) as.numeric(long$t == k & long$arm == tr$arm))
  colnames(post) <- paste0("e", 1:4)
  long <- cbind(long, post)
  g <- gls(y ~ 0 + v + e1 + e2 + e3 + e4, data = long, correlation = corSymm(form = ~ t + 1 | id),
           weights = varIdent(form = ~ 1 | v), method = "REML",
           control = glsControl(tolerance = 1e-10, msTol = 1e-12, maxIter = 500, msMaxIter = 1000))
  for (k in 1:4) add(study = study, outcome = tr$outcome, model = "clda", df = "satterthwaite", arm = tr$arm,
    visit = levels(tr$d$visit)[k], estimate = num(coef(g)[paste0("e", k)]), se = num(sqrt(vcov(g)[paste0("e", k), paste0("e", k)])), ddf = NULL)
  # Mixed analysis of variance.
  w <- reshape(tr$d[, c("id", "arm", "visit", "y", "bl")], idvar = c("id", "arm", "bl"), timevar = "visit", direction = "wide")
  w <- w[complete.cases(w), ]
  vs <- levels(tr$d$visit)
  Y <- as.matrix(w[, c("bl", paste0("y.", vs))])
  w$a <- ifelse(w$arm == tr$arm, 1, -1) # sums to zero: the mean over arms has equal weights
  full <- lm(Y ~ a, data = w)
  id <- data.frame(visit = factor(colnames(Y), levels = colnames(Y)))
  test <- function(without, M, X) as.data.frame(anova(full, without, M = M, X = X, idata = id, test = "Spherical"))[2, ]
  within <- qr.Q(qr(cbind(1, diag(ncol(Y))[, -1])))[, -1] # orthonormal contrasts of the visits
  S <- t(within) %*% crossprod(resid(full)) %*% within
  gg <- sum(diag(S))^2 / (ncol(S) * sum(S^2))
  for (k in c("arm", "visit", "arm:visit")) {
    a <- switch(k, arm = test(lm(Y ~ 1, data = w), ~ 1, ~ 0), visit = test(lm(Y ~ 0 + a, data = w), ~ visit, ~ 1),
                test(lm(Y ~ 1, data = w), ~ visit, ~ 1))
    e <- if (k == "arm") 1 else gg
    df1 <- a[["num Df"]] * e; df2 <- a[["den Df"]] * e
    addtest(study = study, outcome = tr$outcome, model = "mixed-anova", df = "", term = k, f = num(a$F),
            df1 = num(df1), df2 = num(df2), p = num(pf(a$F, df1, df2, lower.tail = FALSE)),
            epsilon = if (k == "arm") NULL else num(e))
  }
  for (v in c(vs, "overall")) {
    w$change <- (if (v == "overall") rowMeans(w[, paste0("y.", vs)]) else w[[paste0("y.", v)]]) - w$bl
    s <- summary(lm(change ~ arm, data = w))
    add(study = study, outcome = tr$outcome, model = "mixed-anova", df = "", arm = tr$arm, visit = v,
        estimate = num(s$coefficients[2, 1]), se = num(s$coefficients[2, 2]), ddf = num(s$df[2]))
  }
}
cat(toJSON(list(rows = rows, tests = tests), auto_unbox = TRUE, digits = NA, pretty = 1, null = "null"))
