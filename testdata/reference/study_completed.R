# Plans of yes-or-no and ordinal outcomes with multiple imputation, by R's mice: the
# oracle of study's TestCompletedIsThatOfMice. Rscript study_completed.R writes study_completed.csv, an
# invented trial, and study_completed.json: per analysis the pooled estimate, the mean squared
# standard error within and the variance between imputations, with the Monte Carlo error of
# the estimate. logreg is mice's own; polr of mice does not draw its coefficients, so
# polr.boot fits it to a bootstrap sample, which does.
suppressMessages({library(mice); library(MASS); library(jsonlite)})
set.seed(20261130)
n <- 300; m <- 300; rounds <- 6
arm <- factor(rep(c("a", "c"), n / 2), levels = c("c", "a"))
site <- factor(sample(c("N", "S"), n, TRUE))
age <- round(rnorm(n, 60, 9)); frail <- rnorm(n)
z <- function(shift) 0.9 * (arm == "a") + 0.04 * (age - 60) + frail + shift
levels4 <- c("worse", "same", "better", "best")
yes <- function(shift) factor(rbinom(n, 1, plogis(z(shift) - 0.3)))
grade <- function() factor(levels4[1 + findInterval(z(0) + 1.5 * rnorm(n), c(-1.2, 0.2, 1.5))], levels = levels4, ordered = TRUE)
d <- data.frame(arm, site, age, s1 = yes(0), s2 = yes(0.2), g1 = grade(), g2 = grade())
d$s2[runif(n) < plogis(-1.2 + 0.9 * (d$s1 == "0"))] <- NA
d$g2[runif(n) < plogis(-1.4 + 1.1 * (d$g1 <= "same"))] <- NA
d$s1[runif(n) < 0.05] <- NA; d$g1[runif(n) < 0.05] <- NA; d$age[runif(n) < 0.03] <- NA
write.csv(cbind(id = sprintf("P%03d", 1:n), d), "study_completed.csv", row.names = FALSE, na = "", quote = FALSE)

mice.impute.polr.boot <- function(y, ry, x, wy = NULL, ...) {
  if (is.null(wy)) wy <- !ry
  for (try in 1:50) {
    i <- sample(which(ry), replace = TRUE)
    b <- data.frame(y = factor(y[i], levels = levels(y), ordered = TRUE), x[i, , drop = FALSE])
    if (length(unique(b$y)) == nlevels(y)) { fit <- try(polr(y ~ ., b), silent = TRUE); if (!inherits(fit, "try-error")) break }
  }
  p <- predict(fit, data.frame(x[wy, , drop = FALSE]), type = "probs"); p <- matrix(p, ncol = nlevels(y))
  u <- runif(nrow(p)); levels(y)[1 + rowSums(u > t(apply(p, 1, cumsum))[, -nlevels(y), drop = FALSE])]
}
complete_sets <- function(cols, method, byarm, rounds) {
  run <- function(part, keep) {
    meth <- method[keep]; meth[colSums(is.na(part[keep])) == 0] <- ""
    r <- mice(part[keep], m = m, method = meth, maxit = rounds, printFlag = FALSE, remove.collinear = FALSE)
    lapply(1:m, function(k) { part[keep] <- complete(r, k); part })
  }
  if (!byarm) return(run(d[cols], cols))
  parts <- lapply(levels(arm), function(a) run(d[d$arm == a, cols], setdiff(cols, "arm")))
  lapply(1:m, function(k) do.call(rbind, lapply(parts, `[[`, k)))
}
gcomp <- function(x) { # Ye et al. 2023, written out
  fit <- glm(s2 ~ arm + site + age, binomial, x); y <- as.numeric(x$s2) - 1
  mu <- sapply(c("a", "c"), function(a) { x$arm <- factor(a, levels = levels(arm)); predict(fit, x, type = "response") })
  th <- colMeans(mu); v <- matrix(0, 2, 2); lab <- c("a", "c")
  for (i in 1:2) { in_i <- x$arm == lab[i]
    v[i, i] <- var(y[in_i] - mu[in_i, i]) / mean(in_i) + 2 * cov(y[in_i], mu[in_i, i]) - var(mu[, i]) }
  v[1, 2] <- v[2, 1] <- cov(y[x$arm == "a"], mu[x$arm == "a", 2]) + cov(y[x$arm == "c"], mu[x$arm == "c", 1]) - cov(mu[, 1], mu[, 2])
  c(th[1] - th[2], (v[1, 1] + v[2, 2] - 2 * v[1, 2]) / nrow(x))
}
mh <- function(x) { # Mantel-Haenszel with Sato's variance
  w <- s <- p <- q <- 0; y <- as.numeric(x$s2) - 1
  for (k in levels(x$site)) { i <- x$site == k & x$arm == "a"; j <- x$site == k & x$arm == "c"
    n1 <- sum(i); n0 <- sum(j); a <- sum(y[i]); b <- sum(y[j]); t <- n1 + n0
    w <- w + n1 * n0 / t; s <- s + (a * n0 - b * n1) / t
    p <- p + (n1^2 * b - n0^2 * a + n1 * n0 * (n0 - n1) / 2) / t^2; q <- q + (a * (n0 - b) + b * (n1 - a)) / (2 * t) }
  c(s / w, (s / w * p + q) / w^2)
}
benefit <- function(x) { # Brunner-Munzel within strata, van Elteren's weights, logit
  w <- s <- v <- 0; g <- as.numeric(x$g2)
  for (k in levels(x$site)) { a <- g[x$site == k & x$arm == "a"]; b <- g[x$site == k & x$arm == "c"]
    pa <- sapply(a, function(u) mean(b < u) + mean(b == u) / 2); pb <- sapply(b, function(u) mean(a > u) + mean(a == u) / 2)
    e <- length(a) * length(b) / (length(a) + length(b) + 1)
    w <- w + e; s <- s + e * mean(pa); v <- v + e^2 * (var(pa) / length(a) + var(pb) / length(b)) }
  p <- s / w; c(qlogis(p), v / w^2 / (p * (1 - p))^2)
}
odds <- function(x) { f <- polr(g2 ~ arm + site + age, x, Hess = TRUE); c(coef(f)["arma"], vcov(f)["arma", "arma"]) }
pooled <- function(sets, f) { e <- sapply(sets, f); b <- var(e[1, ])
  list(estimate = mean(e[1, ]), within = mean(e[2, ]), between = b, within_sd = sd(e[2, ]), m = m) }
meth <- c(arm = "", site = "", age = "norm", s1 = "logreg", s2 = "logreg", g1 = "polr.boot", g2 = "polr.boot")
out <- list()
sets <- complete_sets(c("arm", "site", "age", "s1", "s2"), meth, TRUE, rounds)
out$`g-computation` <- pooled(sets, gcomp)
out$`mantel-haenszel` <- pooled(complete_sets(c("arm", "site", "s1", "s2"), meth, TRUE, rounds), mh)
out$`probability-of-benefit` <- pooled(complete_sets(c("arm", "site", "g1", "g2"), meth, TRUE, rounds), benefit)
out$`proportional-odds` <- pooled(complete_sets(c("arm", "site", "age", "g1", "g2"), meth, TRUE, rounds), odds)
writeLines(toJSON(out, auto_unbox = TRUE, digits = NA, pretty = TRUE), "study_completed.json")
