# Writes linear_models.json: cases of linear models, Firth's logistic regression,
# GEE with small-sample errors and standardized means that the other reference
# files do not have. R 4.2.2, car 3.1.1, emmeans 1.8.4.1, jsonlite.
#   Rscript testdata/reference/linear_models.R > testdata/reference/linear_models.json
# Firth, GEE and Ye's variance are written out below in matrix algebra, since
# they are to be independent of any package and of the Go code.
suppressMessages({library(emmeans); library(car); library(jsonlite)})
options(contrasts = c("contr.treatment", "contr.poly"))
set.seed(20)
n <- 48
D <- data.frame(
  a = rep(c("p", "q", "r"), each = 16)[sample(n)],
  b = sample(c("u", "v"), n, TRUE, c(.7, .3)),
  c = sample(c("k", "l", "m"), n, TRUE, c(.5, .3, .2)),
  x = round(rnorm(n, 50, 10)), w = sample(1:4, n, TRUE), id = rep(1:16, each = 3))
D$y <- round(20 + D$x / 2 + 4 * (D$a == "q") + 3 * (D$b == "v") * (D$a == "r") + rnorm(n, 0, 6) + rep(rnorm(16, 0, 4), each = 3))
D$e <- as.integer(runif(n) < plogis(-1 + (D$a == "q") + (D$x - 50) / 12))
D <- D[order(D$id), ]
num <- function(v) I(unname(as.numeric(v)))
cases <- list()
add <- function(id, input, expect) cases[[length(cases) + 1]] <<- list(id = id, input = c(list(data = as.list(D)), input), call = "see linear_models.R", expect = expect)

for (fo in c("y ~ x + a*b + c", "y ~ x + a + b + c", "y ~ a*x + b")) {
  m <- lm(as.formula(fo), D, weights = w)
  e <- list(coef = as.list(coef(m)), se = num(sqrt(diag(vcov(m)))), sigma = sigma(m), r2 = summary(m)$r.squared, logLik = as.numeric(logLik(m)))
  for (w in c("equal", "proportional", "outer", "cells")) {
    t <- as.data.frame(emmeans(m, ~a, weights = w))
    e[[w]] <- list(mean = num(t$emmean), se = num(t$SE))
  }
  for (v in c("HC0", "HC3")) e[[v]] <- num(sqrt(diag(sandwich::vcovHC(m, type = v))))
  t <- as.data.frame(contrast(emmeans(m, ~a), "pairwise", reverse = TRUE, adjust = "none"))
  for (adj in c("bonferroni", "sidak", "scheffe")) {
    t <- as.data.frame(confint(pairs(emmeans(m, ~a), reverse = TRUE), adjust = adj))
    p <- as.data.frame(pairs(emmeans(m, ~a), reverse = TRUE, adjust = adj))
    e[[adj]] <- list(p = num(p$p.value), lo = num(t$lower.CL), hi = num(t$upper.CL))
  }
  add(paste0("lm/", fo), list(formula = fo, weights = "w"), e)
}
sums <- list(a = "contr.sum", b = "contr.sum", c = "contr.sum")
for (fo in c("y ~ a*b + x", "y ~ a*b + c", "y ~ a*b*c - a:b:c", "y ~ a/b + x", "y ~ a*x")) {
  k <- sums[intersect(names(sums), all.vars(as.formula(fo)))]
  m <- lm(as.formula(fo), D, contrasts = k)
  row <- function(t) { t <- as.data.frame(t); t <- t[setdiff(rownames(t), c("Residuals", "(Intercept)")), ]; list(terms = I(rownames(t)), ss = num(t[["Sum Sq"]]), f = num(t[["F value"]])) }
  add(paste0("tests/", fo), list(formula = fo), list(I = row(anova(m)), II = row(Anova(m, type = 2)), III = row(Anova(m, type = 3))))
}

# Firth: Newton on the modified score, the profile by uniroot on the penalized likelihood.
X <- model.matrix(~ a + x, D)
pen <- function(b) { p <- plogis(drop(X %*% b)); sum(dbinom(D$e, 1, p, log = TRUE)) + 0.5 * determinant(crossprod(X * sqrt(p * (1 - p))))$modulus[1] }
firth <- function(fix = NULL, at = 0, start = rep(0, ncol(X))) {
  b <- start; free <- setdiff(seq_len(ncol(X)), fix); if (length(fix)) b[fix] <- at
  for (i in 1:200) {
    p <- plogis(drop(X %*% b)); W <- p * (1 - p); I <- crossprod(X, X * W)
    h <- W * rowSums((X %*% solve(I)) * X)
    u <- crossprod(X, D$e - p + h * (0.5 - p))
    s <- rep(0, ncol(X)); s[free] <- solve(I[free, free], u[free])
    b <- b + s * min(1, 1 / max(abs(X %*% s))); if (max(abs(X %*% s)) < 1e-14) break
  }
  b
}
b <- firth(); p <- plogis(drop(X %*% b)); V <- solve(crossprod(X, X * (p * (1 - p))))
lim <- function(j, dir) uniroot(function(v) 2 * (pen(b) - pen(firth(j, v, b))) - qchisq(.95, 1), sort(b[j] + dir * c(.5, 4) * sqrt(V[j, j])), tol = 1e-13)$root
add("firth/e ~ a + x", list(formula = "e ~ a + x"), list(coef = setNames(as.list(b), colnames(X)), se = num(sqrt(diag(V))),
  lo = num(sapply(1:4, lim, -1)), hi = num(sapply(1:4, lim, 1))))

# GEE, exchangeable: moments without correction, then the three sandwiches.
gee <- function(X, y, id, mu, v) {
  b <- rep(0, ncol(X)); if (!identical(mu, identity)) b[1] <- mu$start else b <- drop(solve(crossprod(X), crossprod(X, y)))
  f <- if (identical(mu, identity)) identity else mu$f
  for (it in 1:500) {
    m <- f(drop(X %*% b)); A <- v(m); r <- (y - m) / sqrt(A); phi <- mean(r^2)
    P <- unlist(lapply(split(r, id), function(z) { o <- outer(z, z); o[lower.tri(o)] })); al <- mean(P) / phi
    B <- 0; u <- 0
    for (i in unique(id)) { k <- which(id == i); R <- matrix(al, length(k), length(k)); diag(R) <- 1
      S <- diag(sqrt(A[k]), length(k)); Vi <- solve(S %*% R %*% S); Dm <- X[k, , drop = FALSE] * A[k]; B <- B + t(Dm) %*% Vi %*% Dm; u <- u + t(Dm) %*% Vi %*% (y[k] - m[k]) }
    s <- drop(solve(B, u)); b <- b + s; if (max(abs(s)) < 1e-15) break
  }
  out <- list(); Bi <- solve(B)
  for (type in c("sandwich", "md", "kc")) { M <- 0
    for (i in unique(id)) { k <- which(id == i); R <- matrix(al, length(k), length(k)); diag(R) <- 1
      S <- diag(sqrt(A[k]), length(k)); Vi <- solve(S %*% R %*% S); Dm <- X[k, , drop = FALSE] * A[k]
      H <- diag(length(k)) - Dm %*% Bi %*% t(Dm) %*% Vi; r <- y[k] - m[k]
      if (type == "md") r <- solve(H, r)
      if (type == "kc") { e <- eigen(H); r <- Re(e$vectors %*% diag(1 / sqrt(e$values)) %*% solve(e$vectors) %*% r) }
      z <- t(Dm) %*% Vi %*% r; M <- M + z %*% t(z) }
    out[[type]] <- num(sqrt(diag(Bi %*% M %*% Bi))) }
  c(list(coef = setNames(as.list(b), colnames(X)), alpha = al, scale = phi), out)
}
X <- model.matrix(~ a + x, D)
add("gee/gaussian", list(formula = "y ~ a + x", family = "gaussian"), gee(X, D$y, D$id, identity, function(m) rep(1, length(m))))
add("gee/binomial", list(formula = "e ~ a + x", family = "binomial"), gee(X, D$e, D$id, list(start = 0, f = plogis), function(m) m * (1 - m)))

# Standardized means: delta method by the chain rule, Ye et al. 2023 written out.
ye <- function(y, arm, pred) {
  k <- colnames(pred); N <- length(y); V <- matrix(0, length(k), length(k), dimnames = list(k, k))
  for (s in k) for (t in k) { i <- arm == s; j <- arm == t
    V[s, t] <- if (s == t) var(y[i] - pred[i, s]) / mean(i) + 2 * cov(y[i], pred[i, s]) - var(pred[, s])
      else cov(y[i], pred[i, t]) + cov(y[j], pred[j, s]) - cov(pred[, s], pred[, t]) }
  V / N
}
m <- glm(e ~ a + x, binomial, D, control = glm.control(epsilon = 1e-15, maxit = 100))
lev <- c("p", "q", "r")
XX <- lapply(lev, function(l) model.matrix(~ a + x, transform(D, a = factor(l, lev))))
pred <- sapply(XX, function(x) plogis(drop(x %*% coef(m)))); colnames(pred) <- lev
G <- t(sapply(1:3, function(i) colMeans(XX[[i]] * (pred[, i] * (1 - pred[, i])))))
two <- function(V) list(means = num(colMeans(pred)), se = num(sqrt(diag(V))), diff_qp = sqrt(V[2, 2] + V[1, 1] - 2 * V[1, 2]),
  ratio_qp = log(mean(pred[, 2]) / mean(pred[, 1])), ratio_se = sqrt(V[2, 2] / mean(pred[, 2])^2 + V[1, 1] / mean(pred[, 1])^2 - 2 * V[1, 2] / prod(colMeans(pred)[1:2])))
add("marginal/logistic", list(formula = "e ~ a + x"), list(delta = two(G %*% vcov(m) %*% t(G)), ye = two(ye(D$e, D$a, pred))))
m <- lm(y ~ a * (x + b), D)
pred <- sapply(lev, function(l) predict(m, transform(D, a = factor(l, lev))))
V <- ye(D$y, D$a, pred)
add("marginal/anhecova", list(formula = "y ~ x + b"), list(means = num(colMeans(pred)), se = num(sqrt(diag(V))), diff_qp = sqrt(V[2, 2] + V[1, 1] - 2 * V[1, 2])))
cat(toJSON(list(source = paste(R.version.string, "car", packageVersion("car"), "emmeans", packageVersion("emmeans")), cases = cases), digits = I(17), auto_unbox = TRUE, pretty = FALSE), "\n")
