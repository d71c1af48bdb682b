# Reference values for study/report: Table 1 and the table of results as they are
# printed, for study/report/tables_reference_test.go. Run from this folder:
#
#   Rscript study_tables.R ../../../shared/data > study_tables.json
#
# The argument is the folder with the data sets that are not in the repository;
# without it their trials are left out. R 4.2.2, jsonlite 1.8.4.
#
# Means and SDs are mean and sd, quartiles quantile(type = 7), differences
# lm(post ~ pre + covariates + arm) over all arms, without pre where there is no
# baseline. Decimals: two significant digits of the smallest standard error of an
# outcome's differences, of a covariate of the SD of all, and not fewer than the
# file's where that has at most three. Standardized differences are (a - b) /
# sqrt((sa^2 + sb^2)/2), of categories the Mahalanobis distance over all levels,
# by a pseudo-inverse (the library leaves one level out).
suppressMessages(library(jsonlite))
dir <- commandArgs(TRUE)

fixed <- function(x, d) {
  s <- sprintf("%.*f", d, signif(x, 14))
  s <- sub("^-(0(\\.0*)?)$", "\\1", s)
  ifelse(is.na(x), "\u2013", sub("^-", "\u2212", s))
}
two <- function(x) max(0, 1 - as.integer(sub(".*e", "", formatC(x, format = "e", digits = 1))))
enough <- function(x, file) max(two(x), if (file <= 3) file else 0)
msd <- function(x, d) paste0(fixed(mean(x), d), " (", fixed(sd(x), d), ")")
quartiles <- function(x, d) {
  q <- fixed(quantile(x, c(.5, .25, .75), type = 7), d)
  paste0(q[1], " [", q[2], " to ", q[3], "]")
}
limit <- function(x, d) { # one more decimal where it would look like 0
  while (x != 0 && !grepl("[1-9]", fixed(x, d))) d <- d + 1
  fixed(x, d)
}
pinv <- function(s) { e <- eigen(s, symmetric = TRUE); k <- e$values > 1e-10
  e$vectors[, k, drop = FALSE] %*% diag(1 / e$values[k], sum(k)) %*% t(e$vectors[, k, drop = FALSE]) }
distance <- function(a, b) {
  p <- a / sum(a); q <- b / sum(b); d <- p - q
  s <- (diag(p) - p %o% p + diag(q) - q %o% q) / 2
  if (length(p) == 2) return(d[1] / sqrt((p[1] * (1 - p[1]) + q[1] * (1 - q[1])) / 2))
  sqrt(as.numeric(t(d) %*% pinv(s) %*% d))
}

# d: one row a participant with arm, and for every outcome <o>.<visit>; base is
# the name of the baseline column, "" where there is none.
tables <- function(study, d, arms, control, numbers = list(), categories = list(), outcomes) {
  out <- list()
  add <- function(table, variable, level, visit, arm, statistic, n, text)
    out[[length(out) + 1]] <<- list(study = study, table = table, variable = variable, level = level, visit = visit,
      arm = arm, statistic = statistic, n = n, text = text)
  groups <- c(lapply(setNames(arms, arms), function(a) d[d$arm == a, ]), list(all = d))
  describe <- function(id, column, digits) {
    for (g in names(groups)) {
      x <- groups[[g]][[column]]; n <- sum(!is.na(x))
      arm <- if (g == "all") "" else g
      add("1", id, "", "", arm, "mean-sd", n, msd(na.omit(x), digits))
      add("1", id, "", "", arm, "median-quartiles", n, quartiles(na.omit(x), digits))
      if (anyNA(d[[column]])) add("1", id, "", "", arm, "missing", length(x), as.character(sum(is.na(x))))
    }
    k <- na.omit(groups[[control]][[column]])
    for (a in setdiff(arms, control)) {
      x <- na.omit(groups[[a]][[column]])
      add("1", id, "", "", a, "standardized", length(x) + length(k), fixed((mean(x) - mean(k)) / sqrt((var(x) + var(k)) / 2), 2))
    }
  }
  for (id in names(numbers)) describe(id, id, enough(sd(d[[id]], na.rm = TRUE), numbers[[id]]))
  for (id in names(categories)) {
    levels <- categories[[id]]
    places <- if (any(sapply(groups[arms], function(g) sum(!is.na(g[[id]]))) >= 100)) 1 else 0
    count <- lapply(groups, function(g) table(factor(g[[id]], levels)))
    for (g in names(groups)) for (l in levels) {
      n <- sum(count[[g]])
      add("1", id, l, "", if (g == "all") "" else g, "count", n, paste0(count[[g]][[l]], " (", fixed(100 * count[[g]][[l]] / n, places), ")"))
    }
    seen <- as.numeric(count[["all"]]) > 0
    for (a in setdiff(arms, control))
      add("1", id, "", "", a, "standardized", sum(count[[a]]) + sum(count[[control]]),
        fixed(distance(as.numeric(count[[a]])[seen], as.numeric(count[[control]])[seen]), 2))
    if (anyNA(d[[id]])) for (g in names(groups))
      add("1", id, "", "", if (g == "all") "" else g, "missing", nrow(groups[[g]]), as.character(sum(is.na(groups[[g]][[id]]))))
  }
  for (id in names(outcomes)) {
    o <- outcomes[[id]]
    fits <- lapply(setNames(o$visits, o$visits), function(v) {
      e <- data.frame(y = d[[paste0(id, ".", v)]], arm = relevel(factor(d$arm), ref = control))
      terms <- "arm"
      if (o$base != "") { e$pre <- d[[paste0(id, ".", o$base)]]; terms <- c("pre", terms) }
      for (cv in o$covariates[[v]]) { e[[cv]] <- d[[cv]]; terms <- c(cv, terms) }
      lm(reformulate(terms, "y"), e)
    })
    active <- setdiff(arms, control)
    se <- sapply(fits, function(m) summary(m)$coefficients[paste0("arm", active), "Std. Error"])
    digits <- enough(min(se), o$decimals)
    if (o$base != "") describe(id, paste0(id, ".", o$base), digits)
    for (v in o$visits) {
      for (a in arms) {
        x <- na.omit(groups[[a]][[paste0(id, ".", v)]])
        add("2", id, "", v, a, "mean-sd", length(x), msd(x, digits))
      }
      m <- fits[[v]]; used <- model.frame(m)$arm
      for (a in active) {
        k <- paste0("arm", a); ci <- confint(m)[k, ]
        add("2", id, "", v, a, "difference", sum(used %in% c(a, control)),
          paste0(fixed(coef(m)[[k]], digits), " (", limit(ci[[1]], digits), " to ", limit(ci[[2]], digits), ")"))
      }
    }
  }
  out
}

rows <- list()
d <- read.csv("../studies/anorexia/data.csv")
rows <- c(rows, tables("anorexia", data.frame(arm = d$group, weight.before = d$prewt, weight.after = d$postwt),
  c("FT", "CBT", "Cont"), "Cont", outcomes = list(weight = list(base = "before", visits = "after", decimals = 1))))

if (length(dir)) {
  d <- read.csv(file.path(dir, "BtheB.csv"))
  b <- data.frame(arm = d$treatment, drug = d$drug, length = d$length, bdi.pre = d$bdi.pre, bdi.m2 = d$bdi.2m, bdi.m3 = d$bdi.3m,
    bdi.m5 = d$bdi.5m, bdi.m8 = d$bdi.8m)
  rows <- c(rows, tables("btheb", b, c("BtheB", "TAU"), "TAU", categories = list(drug = c("No", "Yes"), length = c("<6m", ">6m")),
    outcomes = list(bdi = list(base = "pre", visits = c("m2", "m3", "m5", "m8"), decimals = 0))))
  d <- read.csv(file.path(dir, "fev_data.csv"))
  w <- reshape(d, idvar = c("USUBJID", "ARMCD", "RACE", "SEX", "FEV1_BL"), timevar = "AVISIT", v.names = "FEV1", direction = "wide")
  f <- data.frame(arm = w$ARMCD, race = w$RACE, sex = w$SEX, fev.base = w$FEV1_BL, fev.VIS1 = w$FEV1.VIS1, fev.VIS2 = w$FEV1.VIS2,
    fev.VIS3 = w$FEV1.VIS3, fev.VIS4 = w$FEV1.VIS4)
  rows <- c(rows, tables("fev", f, c("TRT", "PBO"), "PBO",
    categories = list(race = c("Asian", "Black or African American", "White"), sex = c("Female", "Male")),
    outcomes = list(fev = list(base = "base", visits = paste0("VIS", 1:4), decimals = 5)))) # the file writes computed numbers
}

# Two invented trials, whose files the test gets from here. Walking: meters in
# whole numbers, values missing before and after, a score without a baseline, a
# level that one arm does not have.
set.seed(20261)
n <- 27
arm <- rep(c("w", "c"), length.out = n)
age <- round(rnorm(n, 63, 9)); age[c(4, 9)] <- NA
sex <- sample(c(1, 2), n, TRUE); sex[c(1, 9)] <- 3; sex[15] <- NA
pre <- round(rnorm(n, 410, 80)); post <- round(pre + rnorm(n, 15, 40) + 30 * (arm == "w")); late <- round(post + rnorm(n, 0, 35))
pre[5] <- NA; post[c(7, 12)] <- NA; late[c(7, 12, 20, 21)] <- NA
score <- sample(0:10, n, TRUE); score[3] <- NA
walking <- data.frame(id = sprintf("P%02d", 1:n), arm, age, sex, pre, post, late, score)
rows <- c(rows, tables("walking", data.frame(arm, age, sex = c("female", "male", "other")[sex], walk.pre = pre, walk.post = post,
    walk.late = late, score.late = score), c("w", "c"), "c", numbers = list(age = 0), categories = list(sex = c("male", "female", "other")),
  outcomes = list(walk = list(base = "pre", visits = c("post", "late"), decimals = 0, covariates = list(late = "age")),
    score = list(base = "", visits = "late", decimals = 0))))

# Strength: three arms, kilograms with a decimal, written with a comma.
set.seed(20262)
n <- 34
arm <- sample(rep(c("low", "high", "none"), c(12, 13, 9)))
grade <- sample(c("2", "3", "10"), n, TRUE)
bmi <- round(rnorm(n, 27, 4), 2)
pre <- round(rnorm(n, 31, 6), 1); post <- round(pre * 0.9 + rnorm(n, 4, 3) + c(low = 1, high = 3.5, none = 0)[arm], 1); post[6] <- NA
strength <- data.frame(id = 1:n, arm, grade, bmi, pre, post)
rows <- c(rows, tables("strength", data.frame(arm, grade, bmi, kg.pre = pre, kg.post = post), c("high", "low", "none"), "none",
  numbers = list(bmi = 2), categories = list(grade = c("2", "3", "10")),
  outcomes = list(kg = list(base = "pre", visits = "post", decimals = 1))))

csv <- function(d, ...) paste(capture.output(write.table(d, row.names = FALSE, quote = FALSE, na = "", ...)), collapse = "\n")
data <- list(walking = csv(walking, sep = ","), strength = csv(strength, sep = ";", dec = ","))
cat(toJSON(list(source = paste(R.version.string, "jsonlite", packageVersion("jsonlite")), data = data, rows = rows),
  auto_unbox = TRUE, pretty = FALSE), "\n")
