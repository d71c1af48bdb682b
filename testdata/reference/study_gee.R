# Reference values for study/gee_test.go: plans with model: gee, of
# testdata/studies/return-to-sport.
#
#   Rscript study_gee.R > study_gee.json
#
# R 4.2.2, geepack 1.3.9, jsonlite. Coefficients and working correlation are geepack's
# geeglm; Mancl and DeRouen's covariance (2001) is written out, as geepack has none, and its
# uncorrected form is held against geepack's own sandwich.
suppressMessages({library(geepack); library(jsonlite)})
d <- read.csv2("../studies/return-to-sport/data.csv", na.strings = c("", "NA"))
d$home <- as.numeric(d$groep == "thuis")
long <- rbind(data.frame(id = d$nummer, home = d$home, age = d$leeftijd, visit = "w6", y = d$sport6),
              data.frame(id = d$nummer, home = d$home, age = d$leeftijd, visit = "w12", y = d$sport12))
long <- long[!is.na(long$y), ]
long$y <- as.numeric(long$y == "ja")
long$visit <- factor(long$visit, levels = c("w6", "w12"))
long$h6 <- long$home * (long$visit == "w6"); long$h12 <- long$home * (long$visit == "w12")
long <- long[order(long$id, long$visit), ]

rows <- function(formula, covariates) {
  m <- geeglm(formula, id = id, data = long, family = binomial, corstr = "exchangeable", std.err = "san.se",
              control = geese.control(epsilon = 1e-14, maxit = 200))
  X <- model.matrix(formula, long); b <- coef(m); a <- as.numeric(m$geese$alpha)
  mu <- as.numeric(plogis(X %*% b)); v <- mu * (1 - mu)
  ids <- split(seq_len(nrow(long)), long$id)
  inv <- function(i) { # of the working covariance, but for the scale, which cancels
    R <- matrix(a, length(i), length(i)); diag(R) <- 1
    s <- sqrt(v[i]); solve(R * outer(s, s))
  }
  B <- solve(Reduce(`+`, lapply(ids, function(i) { D <- v[i] * X[i, , drop = FALSE]; t(D) %*% inv(i) %*% D })))
  meat <- function(md) Reduce(`+`, lapply(ids, function(i) {
    D <- v[i] * X[i, , drop = FALSE]; W <- inv(i); r <- long$y[i] - mu[i]
    if (md) r <- solve(diag(length(i)) - D %*% B %*% t(D) %*% W, r)
    u <- t(D) %*% W %*% r; u %*% t(u)
  }))
  plain <- sqrt(diag(B %*% meat(FALSE) %*% B))
  stopifnot(max(abs(plain / sqrt(diag(m$geese$vbeta)) - 1)) < 1e-6)
  se <- sqrt(diag(B %*% meat(TRUE) %*% B)); names(se) <- names(b)
  df <- length(ids) - length(b); t <- qt(0.975, df)
  lapply(c(w6 = "h6", w12 = "h12"), function(k) list(covariates = covariates, visit = ifelse(k == "h6", "w6", "w12"), estimate = exp(b[[k]]),
    se = se[[k]], df = df, lower = exp(b[[k]] - t * se[[k]]), upper = exp(b[[k]] + t * se[[k]]), p = 2 * pt(-abs(b[[k]] / se[[k]]), df)))
}
out <- c(rows(y ~ visit + h6 + h12, FALSE), rows(y ~ visit + h6 + h12 + age, TRUE))
names(out) <- NULL
cat(toJSON(list(rows = out), auto_unbox = TRUE, digits = NA, pretty = TRUE), "\n")
