# Reference values for the risk differences beside plans with model: gee, of
# study/gee_test.go: testdata/studies/return-to-sport.
#
#   Rscript study_gee_risks.R > study_gee_risks.json
#
# R 4.2.2, base packages, jsonlite; geepack is not needed. The estimating equations of Liang
# and Zeger (1986) with an exchangeable working correlation by moments of the Pearson
# residuals, Mancl and DeRouen's covariance (2001), and the difference of the mean risks of
# all participants with everybody in each arm at the visit, by the delta method, are
# written out. The odds ratios are those of study_gee.json, which are geepack's.
library(jsonlite)
d <- read.csv2("../studies/return-to-sport/data.csv", na.strings = c("", "NA"))
d$home <- as.numeric(d$groep == "thuis")
long <- rbind(data.frame(id = d$nummer, home = d$home, age = d$leeftijd, visit = 6, y = d$sport6),
              data.frame(id = d$nummer, home = d$home, age = d$leeftijd, visit = 12, y = d$sport12))
long <- long[!is.na(long$y), ]; long$y <- as.numeric(long$y == "ja"); long <- long[order(long$id, long$visit), ]
design <- function(home, visit, age, covariates) {
  X <- cbind(1, visit == 12, home * (visit == 6), home * (visit == 12)); if (covariates) cbind(X, age) else X
}
out <- list()
for (covariates in c(FALSE, TRUE)) {
  X <- design(long$home, long$visit, long$age, covariates); y <- long$y; ids <- split(seq_along(y), long$id)
  b <- coef(glm.fit(X, y, family = binomial())); alpha <- 0
  inverse <- function(i, v) { R <- matrix(alpha, length(i), length(i)); diag(R) <- 1; s <- sqrt(v[i]); solve(R * outer(s, s)) }
  for (step in 1:200) {
    mu <- c(plogis(X %*% b)); v <- mu * (1 - mu); r <- (y - mu) / sqrt(v); phi <- mean(r^2)
    pairs <- unlist(lapply(ids, function(i) if (length(i) == 2) prod(r[i]))); alpha <- mean(pairs) / phi
    H <- Reduce(`+`, lapply(ids, function(i) { D <- v[i] * X[i, , drop = FALSE]; t(D) %*% inverse(i, v) %*% D }))
    U <- Reduce(`+`, lapply(ids, function(i) { D <- v[i] * X[i, , drop = FALSE]; t(D) %*% inverse(i, v) %*% (y[i] - mu[i]) }))
    move <- solve(H, U); b <- b + c(move); if (max(abs(move)) < 1e-13) break
  }
  mu <- c(plogis(X %*% b)); v <- mu * (1 - mu); B <- solve(H)
  M <- Reduce(`+`, lapply(ids, function(i) {
    D <- v[i] * X[i, , drop = FALSE]; W <- inverse(i, v); e <- solve(diag(length(i)) - D %*% B %*% t(D) %*% W, y[i] - mu[i]); u <- t(D) %*% W %*% e; u %*% t(u)
  }))
  V <- B %*% M %*% B; people <- long[!duplicated(long$id), ]; df <- length(ids) - length(b); q <- qt(.975, df)
  for (visit in c(6, 12)) {
    side <- function(h) { Z <- design(rep(h, nrow(people)), visit, people$age, covariates); p <- c(plogis(Z %*% b)); list(m = mean(p), g = colMeans(p * (1 - p) * Z)) }
    one <- side(1); none <- side(0); e <- one$m - none$m; g <- one$g - none$g; s <- sqrt(c(t(g) %*% V %*% g))
    out[[length(out) + 1]] <- list(covariates = covariates, visit = paste0("w", visit), odds_ratio = exp(b[[if (visit == 6) 3 else 4]]), estimate = e, se = s, df = df,
      lower = e - q * s, upper = e + q * s, p = 2 * pt(-abs(e / s), df))
  }
}
cat(toJSON(list(rows = out), auto_unbox = TRUE, digits = NA, pretty = TRUE), "\n")
