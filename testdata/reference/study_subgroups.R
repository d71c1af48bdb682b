# Reference values for study.SubgroupsOf, for study/subgroups_test.go, of two
# trials that are invented here. Run from this folder:
#
#   Rscript study_subgroups.R > study_subgroups.json
#
# Within a level: lm(y ~ pre + strata + covariates + arm) of its participants.
# Interaction: lm(y ~ pre + strata + covariates + covariate + arm +
# arm:covariate); F by anova against the model without arm:covariate; HC3 and its
# Wald F by the formula, from hat values. R 4.2.2, jsonlite 1.8.4.
suppressMessages(library(jsonlite))
num <- function(x) unname(as.numeric(x))

hc3 <- function(m) {
  x <- model.matrix(m); b <- solve(crossprod(x)); r <- residuals(m) / (1 - hatvalues(m))
  b %*% crossprod(x * r) %*% b
}
estimate <- function(m, name, robust = FALSE) {
  v <- if (robust) hc3(m) else vcov(m)
  se <- sqrt(v[name, name]); q <- qt(0.975, m$df.residual); e <- coef(m)[[name]]
  list(estimate = e, se = se, df = m$df.residual, lower = e - q * se, upper = e + q * se)
}

answers <- function(trial, d, arms, control, covariate, cuts, terms, robust = FALSE) {
  d$arm <- relevel(factor(d$arm), ref = control)
  d <- d[complete.cases(d[, c("post", intersect(terms, names(d)))]), ]
  missing <- sum(is.na(d[[covariate]]))
  d <- d[!is.na(d[[covariate]]), ]
  d$level <- if (length(cuts)) findInterval(d[[covariate]], cuts) else as.character(d[[covariate]])
  out <- list(trial = trial, covariate = covariate, cuts = I(cuts), robust = robust, missing = missing)
  rows <- list()
  for (l in sort(unique(d$level))) for (a in setdiff(arms, control)) {
    e <- droplevels(d[d$level == l, ])
    keep <- terms[vapply(terms, function(t) length(unique(e[[t]])) > 1, TRUE)]
    m <- lm(reformulate(c(keep, "arm"), "post"), e)
    rows[[length(rows) + 1]] <- c(list(level = as.character(l), arm = a, n = sum(e$arm %in% a), reference = sum(e$arm == control)),
      estimate(m, paste0("arm", a), robust))
  }
  out$rows <- rows
  x <- covariate
  full <- lm(reformulate(c(setdiff(terms, x), x, "arm", paste0("arm:", x)), "post"), d)
  less <- lm(reformulate(c(setdiff(terms, x), x, "arm"), "post"), d)
  names <- grep("^arm.*:", names(coef(full)), value = TRUE)
  names <- c(names, grep(paste0("^", x, ".*:arm"), names(coef(full)), value = TRUE))
  if (robust) {
    b <- coef(full)[names]; f <- num(t(b) %*% solve(hc3(full)[names, names]) %*% b) / length(b)
    out$f <- list(f = f, df1 = length(b), df2 = full$df.residual, p = pf(f, length(b), full$df.residual, lower.tail = FALSE))
  } else {
    a <- anova(less, full)
    out$f <- list(f = a$F[2], df1 = a$Df[2], df2 = full$df.residual, p = a$`Pr(>F)`[2])
  }
  out$interactions <- lapply(names, function(n) c(list(name = n), estimate(full, n, robust)))
  out
}

out <- list()
set.seed(7701) # two arms, a stratum, a covariate, everything missing somewhere
n <- 64
site <- rep(c("A", "B", "C", "D"), each = 16); arm <- rep(c("act", "ctl"), n / 2)
sex <- sample(c("f", "m"), n, TRUE); grade <- sample(c("2", "10", "3"), n, TRUE); age <- round(rnorm(n, 60, 9)); bmi <- round(rnorm(n, 27, 3), 1)
pre <- round(rnorm(n, 50, 9)); post <- round(pre * 0.7 + 12 - 4 * (arm == "act") - 3 * (arm == "act") * (sex == "m") + rnorm(n, 0, 6) + 2 * (site == "B"))
sex[5] <- NA; age[c(9, 33)] <- NA; post[c(4, 40)] <- NA; bmi[20] <- NA
d <- data.frame(id = 1:n, arm, site, sex, grade = factor(grade, c("2", "3", "10")), age, bmi, pre, post)
one <- capture.output(write.csv(d, row.names = FALSE, quote = FALSE, na = ""))
for (robust in c(FALSE, TRUE)) {
  out <- c(out, list(answers("one", d, c("act", "ctl"), "ctl", "sex", numeric(), c("pre", "site", "bmi"), robust),
    answers("one", d, c("act", "ctl"), "ctl", "age", c(55, 65), c("pre", "site", "bmi"), robust)))
}
out <- c(out, list(answers("one", d, c("act", "ctl"), "ctl", "site", numeric(), c("pre", "site", "bmi")),
  answers("one", d, c("act", "ctl"), "ctl", "grade", numeric(), c("pre", "site", "bmi"))))

set.seed(7702) # three arms, no baseline
n <- 54
arm <- sample(rep(c("x", "y", "z"), n / 3)); sex <- sample(c("f", "m"), n, TRUE); age <- round(runif(n, 20, 80))
post <- round(10 + 3 * (arm == "x") + (arm == "y") * (1 + 0.1 * (age - 50)) + rnorm(n, 0, 4), 1)
d <- data.frame(id = 1:n, arm, sex, age, post)
two <- capture.output(write.csv(d, row.names = FALSE, quote = FALSE, na = ""))
out <- c(out, list(answers("two", d, c("x", "y", "z"), "z", "sex", numeric(), character()),
  answers("two", d, c("x", "y", "z"), "z", "age", 50, character())))

set.seed(7703) # strata crossed, one of which is the covariate
n <- 60
site <- rep(c("A", "B", "C"), each = 20); sex <- rep(c("f", "m"), n / 2); arm <- rep(rep(c("act", "ctl"), each = 2), n / 4)
pre <- round(rnorm(n, 50, 9)); post <- round(pre * 0.7 + 12 - 4 * (arm == "act") * (sex == "m") + rnorm(n, 0, 6) + 4 * (site == "B") * (sex == "m"))
d <- data.frame(id = 1:n, arm, site, sex, pre, post)
three <- capture.output(write.csv(d, row.names = FALSE, quote = FALSE, na = ""))
d$cell <- interaction(d$site, d$sex)
out <- c(out, list(answers("three", d, c("act", "ctl"), "ctl", "sex", numeric(), c("pre", "cell"))))
cat(toJSON(list(source = R.version.string, data = list(one = paste(one, collapse = "\n"), two = paste(two, collapse = "\n"), three = paste(three, collapse = "\n")), answers = out),
  auto_unbox = TRUE, digits = NA, pretty = FALSE), "\n")
