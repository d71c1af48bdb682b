# Reference values for package study's models of all visits: what R says about
# the trials of testdata/studies, for study/repeated_reference_test.go. Run from
# this folder, with the folder of the data sets that are not in the repository:
#
#   Rscript study_repeated.R ../../../shared/data > study_repeated.json
#
# R 4.2.2, lme4, lmerTest, pbkrtest, emmeans, car, nlme, jsonlite.
#
# lmm: lmer(y ~ visit * arm + visit:baseline + covariates + (1 | id)); differences
# per visit and averaged over visits from emmeans, F tests of lmerTest::contest.
# mixed-anova: complete participants; car::Anova of the multivariate model, type
# III, Greenhouse-Geisser; differences in mean change from lm(change ~ arm).
# mmrm, clda: nlme::gls, whose standard errors are those without Kenward-Roger's
# adjustment; gls stops early, so these agree to about five digits.
suppressMessages({library(lme4); library(lmerTest); library(emmeans); library(car); library(nlme); library(jsonlite)})
folder <- commandArgs(TRUE)[1]
num <- function(x) unname(as.numeric(x))
rows <- list(); tests <- list()
add <- function(...) rows[[length(rows) + 1]] <<- list(...)
addtest <- function(...) tests[[length(tests) + 1]] <<- list(...)

# Long data of both trials: id, arm (control first), visit, y, bl, covariates.
fev <- read.csv(file.path(folder, "fev_data.csv"))
fev <- data.frame(id = fev$USUBJID, arm = relevel(factor(fev$ARMCD), "PBO"), visit = factor(fev$AVISIT),
                  y = fev$FEV1, bl = fev$FEV1_BL, c1 = factor(fev$RACE), c2 = factor(fev$SEX))
b <- read.csv(file.path(folder, "BtheB.csv"))
cols <- c(m2 = "bdi.2m", m3 = "bdi.3m", m5 = "bdi.5m", m8 = "bdi.8m")
bt <- do.call(rbind, lapply(names(cols), function(v) data.frame(id = b$subject, arm = relevel(factor(b$treatment), "TAU"),
  visit = v, y = b[[cols[v]]], bl = b$bdi.pre, c1 = factor(b$drug), c2 = factor(b$length))))
bt$visit <- factor(bt$visit)
trials <- list(fev = list(d = fev, arm = "TRT", outcome = "fev"), btheb = list(d = bt, arm = "BtheB", outcome = "bdi"))

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
  ml <- lm(Y ~ arm, data = w, contrasts = list(arm = "contr.sum"))
  id <- data.frame(visit = factor(colnames(Y), levels = colnames(Y)))
  a <- summary(Anova(ml, idata = id, idesign = ~ visit, type = 3), multivariate = FALSE)
  u <- a$univariate.tests; eps <- a$pval.adjustments
  for (k in c("arm", "visit", "arm:visit")) {
    e <- if (k == "arm") 1 else eps[k, "GG eps"]
    df1 <- u[k, "num Df"] * e; df2 <- u[k, "den Df"] * e
    addtest(study = study, outcome = tr$outcome, model = "mixed-anova", df = "", term = k, f = num(u[k, "F value"]),
            df1 = num(df1), df2 = num(df2), p = num(pf(u[k, "F value"], df1, df2, lower.tail = FALSE)),
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
