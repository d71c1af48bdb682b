# Reference values for study.SubgroupsOf where the plan decides by a model of all
# visits, for study/subgroups_repeated_test.go, of trials that are invented here. Run
# from this folder:
#
#   Rscript study_subgroups_repeated.R > study_subgroups_repeated.json
#
# lmm: lmer(y ~ visit * arm * covariate + visit:pre + site + (1 | id)), differences
# within a level and what they differ by as contrasts of the coefficients, df and
# standard errors of Kenward and Roger by lmerTest::contest.
# mmrm: nlme::gls with corSymm and varIdent; clda: the same with baseline among the
# responses, where arms have one mean in each level. Standard errors are those without
# Kenward-Roger's adjustment, and F is b' V^-1 b / q. gls stops early: five digits.
# R 4.2.2, lme4, lmerTest, pbkrtest, nlme, jsonlite.
suppressMessages({library(lme4); library(lmerTest); library(nlme); library(jsonlite)})
num <- function(x) unname(as.numeric(x))

# A contrast of the coefficients that is zero but where the names say so.
unit <- function(names, which, by = 1) { l <- setNames(rep(0, length(names)), names); l[which] <- by; l }

# Coefficients that make up arm a's difference at visit v, and how it depends on x
# (the name of a coefficient of the covariate, "" for the reference or no covariate).
parts <- function(cf, a, v, x = NULL) {
  want <- c(paste0("arm", a), x)
  at <- function(k) setequal(strsplit(k, ":")[[1]], want) || setequal(strsplit(k, ":")[[1]], c(paste0("visit", v), want))
  cf[vapply(cf, at, TRUE)]
}

answers <- function(trial, model, covariate, cuts, d, visits, control, fit) {
  out <- list(trial = trial, model = model, covariate = covariate, cuts = I(cuts), rows = list(), interactions = list(), f = list())
  d$x <- if (length(cuts)) factor(findInterval(d[[covariate]], cuts)) else factor(d[[covariate]])
  d <- d[!is.na(d[[covariate]]), ]
  arms <- setdiff(levels(d$arm), control)
  m <- fit(d)
  for (v in visits) for (l in levels(d$x)) for (a in arms) {
    w <- unit(m$names, parts(m$names, a, v))
    if (l != levels(d$x)[1]) w <- w + unit(m$names, parts(m$names, a, v, paste0("x", l)))
    out$rows[[length(out$rows) + 1]] <- c(list(visit = v, level = l, arm = a), m$estimate(w))
  }
  if (length(cuts)) {
    d$x <- d[[covariate]]; m <- fit(d); xs <- "x"
  } else xs <- paste0("x", levels(d$x)[-1])
  for (v in visits) {
    L <- NULL
    for (a in arms) for (x in xs) {
      w <- unit(m$names, parts(m$names, a, v, x))
      L <- rbind(L, w)
      out$interactions[[length(out$interactions) + 1]] <- c(list(visit = v, name = sub("^x", "", x), arm = a), m$estimate(w))
    }
    out$f[[length(out$f) + 1]] <- c(list(visit = v), m$joint(L))
  }
  out
}

lmmFit <- function(formula) function(d) {
  m <- lmer(formula, data = d, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11)))
  list(names = names(fixef(m)),
    estimate = function(w) { e <- contest(m, w, joint = FALSE, ddf = "Kenward-Roger"); list(estimate = num(e$Estimate), se = num(e[["Std. Error"]]), df = num(e$df)) },
    joint = function(L) { f <- contest(m, L, joint = TRUE, ddf = "Kenward-Roger"); list(f = num(f[["F value"]]), df1 = num(f$NumDF), df2 = num(f$DenDF)) })
}
glsFit <- function(formula, clda = FALSE) function(d) {
  if (clda) { # the difference of the arms at baseline is 0 in every level
    X <- model.matrix(formula, d)
    X <- X[, vapply(strsplit(colnames(X), ":"), function(p) !any(grepl("^arm", p)) || any(grepl("^visitw", p)), TRUE)]
    X <- X[, qr(X)$pivot[seq_len(qr(X)$rank)]]
    names <- colnames(X); colnames(X) <- paste0("k", seq_along(names)); d <- cbind(d, X)
    formula <- reformulate(colnames(X), "y", intercept = FALSE)
  }
  d$t <- as.integer(d$visit); d <- d[order(d$id, d$t), ]
  g <- gls(formula, data = d, correlation = corSymm(form = ~ t | id), weights = varIdent(form = ~ 1 | visit), method = "REML",
           control = glsControl(tolerance = 1e-10, msTol = 1e-12, maxIter = 500, msMaxIter = 1000))
  V <- vcov(g); B <- coef(g)
  list(names = if (clda) names else names(B),
    estimate = function(w) list(estimate = num(w %*% B), se = num(sqrt(w %*% V %*% w)), df = 0),
    joint = function(L) { b <- L %*% B; list(f = num(t(b) %*% solve(L %*% V %*% t(L), b)) / nrow(L), df1 = nrow(L), df2 = 0) })
}

long <- function(w, visits, control, baseline = FALSE) {
  v <- if (baseline) c("pre", visits) else visits
  d <- do.call(rbind, lapply(v, function(k) data.frame(id = w$id, arm = relevel(factor(w$arm), control), site = factor(w$site), sex = w$sex, age = w$age,
    visit = factor(k, v), y = w[[k]], pre = w$pre)))
  d[!is.na(d$y), ]
}

trial <- function(seed, n, arms, effect) {
  set.seed(seed)
  w <- data.frame(id = sprintf("p%03d", 1:n), arm = rep(arms, length.out = n), site = rep(c("A", "B"), each = length(arms), length.out = n))
  w$sex <- sample(c("f", "m"), n, TRUE); w$age <- round(rnorm(n, 60, 9))
  u <- rnorm(n, 0, 5); w$pre <- round(50 + u + rnorm(n, 0, 3))
  for (k in 1:3) w[[paste0("w", k)]] <- round(48 + u - k * effect(w) + 2 * (w$site == "B") + rnorm(n, 0, 2 + k))
  for (k in 2:3) w[[paste0("w", k)]][sample(n, k * 4)] <- NA
  w$sex[7] <- NA; w$age[c(3, 11)] <- NA
  w
}
visits <- c("w1", "w2", "w3")
one <- trial(8801, 72, c("act", "ctl"), function(w) 1 + 1.5 * (w$arm == "act") * (1 + (w$sex == "m")))
two <- trial(8802, 90, c("x", "y", "z"), function(w) 1 + (w$arm == "x") + (w$arm == "y") * (w$age - 50) / 8)
file <- function(w) paste(capture.output(write.csv(w, row.names = FALSE, quote = FALSE, na = "")), collapse = "\n")

out <- list()
for (t in list(list("one", one, "ctl"), list("two", two, "z"))) for (c in list(list("sex", numeric()), list("age", c(55, 65)))) {
  d <- long(t[[2]], visits, t[[3]])
  out <- c(out, list(answers(t[[1]], "lmm", c[[1]], c[[2]], d, visits, t[[3]], lmmFit(y ~ visit * arm * x + visit:pre + site + (1 | id)))))
  out <- c(out, list(answers(t[[1]], "mmrm", c[[1]], c[[2]], d, visits, t[[3]], glsFit(y ~ visit * arm * x + visit:pre + visit:site))))
  d <- long(t[[2]], visits, t[[3]], TRUE)
  out <- c(out, list(answers(t[[1]], "clda", c[[1]], c[[2]], d, visits, t[[3]], glsFit(y ~ visit * arm * x + visit:site, TRUE))))
}
cat(toJSON(list(source = R.version.string, data = list(one = file(one), two = file(two)), answers = out), auto_unbox = TRUE, digits = NA, pretty = FALSE), "\n")
