# Reference values for the mean changes from baseline that models of package study
# estimate: what R says about the trials of testdata/studies, for
# study/lsmeans_reference_test.go. Run from this folder:
#
#   Rscript study_lsmeans.R > study_lsmeans.json
#
# R 4.2.2, emmeans, nlme, lme4, lmerTest, pbkrtest, jsonlite.
#
# Every model but cLDA is fitted to the changes themselves, so that nothing here
# subtracts a baseline from a mean. ancova: lm(change ~ pre + arm); mmrm: nlme::gls,
# whose standard errors are those without Kenward-Roger's adjustment, and which stops
# early, so that it agrees to about five digits; lmm: lmer; mixed-anova:
# lm(change ~ arm) of the participants without a gap. clda: gls with the baseline
# among the responses.
suppressMessages({library(lme4); library(lmerTest); library(emmeans); library(nlme); library(jsonlite)})
num <- function(x) unname(as.numeric(x))
rows <- list()
add <- function(...) rows[[length(rows) + 1]] <<- list(...)
addAll <- function(study, outcome, model, df, visit, e) {
  s <- as.data.frame(e)
  for (i in seq_len(nrow(s))) add(study = study, outcome = outcome, model = model, df = df, arm = as.character(s$arm[i]),
    visit = if (is.null(visit)) as.character(s$visit[i]) else visit, estimate = num(s$emmean[i]), se = num(s$SE[i]),
    ddf = if (model %in% c("mmrm", "clda")) NULL else num(s$df[i]))
}

# ANCOVA at a visit, of the changes.
h <- read.csv("../studies/hilt/data.csv")
h$arm <- factor(h$group)
for (o in c("vas", "jps", "quad", "ham")) for (v in c("post", "24h")) {
  d <- data.frame(arm = h$arm, pre = h[[paste0(o, "_pre")]], change = h[[paste0(o, "_", v)]] - h[[paste0(o, "_pre")]])
  addAll("hilt", o, "ancova", "", c(post = "post", `24h` = "h24")[[v]], emmeans(lm(change ~ pre + arm, data = d), ~ arm))
}

long <- function(x, bl, cols) {
  o <- do.call(rbind, lapply(names(cols), function(v) data.frame(id = x$id, arm = x$arm, visit = v, y = x[[cols[v]]], bl = x[[bl]],
    site = if (is.null(x$site)) 0 else x$site, age = if (is.null(x$age)) 0 else x$age)))
  o$visit <- factor(o$visit, names(cols)); o$change <- o$y - o$bl
  o <- o[!is.na(o$change), ]
  o$t <- as.integer(o$visit)
  o[order(o$id, o$t), ]
}
control <- glsControl(tolerance = 1e-10, msTol = 1e-12, maxIter = 500, msMaxIter = 1000)

# Three arms, and an unstructured covariance.
f <- read.csv("../studies/flow/data.csv", colClasses = c(id = "character"))
f <- f[f$arm %in% c(1, 2, 3), ]
f$arm <- factor(c("supervised", "home", "advice")[f$arm])
d <- long(f, "pain0", c(week6 = "pain6", week12 = "pain12"))
g <- gls(change ~ visit * arm + visit:bl, data = d, correlation = corSymm(form = ~ t | id),
         weights = varIdent(form = ~ 1 | visit), method = "REML", control = control)
addAll("flow", "pain", "mmrm", "satterthwaite", NULL, emmeans(g, ~ arm | visit, mode = "df.error"))

x <- read.csv("../studies/dropout/data.csv", colClasses = c(id = "character"))
x$arm <- factor(x$arm); x$site <- factor(x$site)
weeks <- c(week2 = "week2", week4 = "week4", week8 = "week8", week12 = "week12")
d <- long(x, "week0", weeks)
m <- lmer(change ~ visit * arm + visit:bl + site + age + (1 | id), data = d,
          control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11)))
for (df in c("satterthwaite", "kenward-roger")) {
  emm_options(lmer.df = df)
  addAll("dropout", "pain", "lmm", df, NULL, emmeans(m, ~ arm | visit))
  addAll("dropout", "pain", "lmm", df, "overall", emmeans(m, ~ arm))
}

# cLDA: one mean of the baseline, whose contrast with that of a visit is the change.
base <- x[!is.na(x$week0), ]
all <- rbind(data.frame(id = base$id, arm = base$arm, t = 0L, y = base$week0),
  do.call(rbind, lapply(1:4, function(k) data.frame(id = x$id, arm = x$arm, t = k, y = x[[weeks[k]]]))))
all <- all[!is.na(all$y), ]
all <- all[order(all$id, all$t), ]
all$v <- factor(all$t)
post <- sapply(1:4, function(k) as.numeric(all$t == k & all$arm == "exercise"))
colnames(post) <- paste0("e", 1:4)
all <- cbind(all, post)
g <- gls(y ~ 0 + v + e1 + e2 + e3 + e4, data = all, correlation = corSymm(form = ~ t + 1 | id),
         weights = varIdent(form = ~ 1 | v), method = "REML", control = control)
for (k in 1:4) for (a in c("exercise", "advice")) {
  l <- rep(0, length(coef(g))); names(l) <- names(coef(g))
  l[paste0("v", k)] <- 1; l["v0"] <- -1
  if (a == "exercise") l[paste0("e", k)] <- 1
  add(study = "dropout", outcome = "pain", model = "clda", df = "satterthwaite", arm = a, visit = names(weeks)[k],
      estimate = num(l %*% coef(g)), se = num(sqrt(l %*% vcov(g) %*% l)), ddf = NULL)
}

# Mixed analysis of variance: the mean changes, with the error of all arms.
w <- x[complete.cases(x[, c("week0", weeks)]), ]
for (v in c(weeks, "overall")) {
  w$change <- (if (v == "overall") rowMeans(w[, weeks]) else w[[v]]) - w$week0
  addAll("dropout", "pain", "mixed-anova", "", v, emmeans(lm(change ~ arm, data = w), ~ arm))
}
cat(toJSON(list(rows = rows), auto_unbox = TRUE, digits = NA, pretty = 1, null = "null"))
