# Reference-based imputation of Beat the Blues (HSAUR3's BtheB, which is not in the
# repository) by its own algebra: a mixed model by nlme::gls (unstructured, REML), conditional
# means under MAR, J2R, CR and CIR, least squares at eight months on arm and baseline, and
# the jackknife over all participants. The oracle of study's TestBeatTheBlues.
#   Rscript btheb_lost.R BtheB.csv      prints strategy, estimate and standard error
library(nlme)
d <- read.csv(commandArgs(TRUE)[1]); v <- c("bdi.2m", "bdi.3m", "bdi.5m", "bdi.8m"); n <- nrow(d)
long <- data.frame(id = rep(d$subject, 4), arm = factor(rep(d$treatment, 4), levels = c("TAU", "BtheB")),
  pre = rep(d$bdi.pre, 4), visit = rep(1:4, each = n), y = unlist(d[v]))
long <- long[order(long$id, long$visit), ]; long$w <- factor(long$visit)
start <- NULL
fit <- function(keep) {
  x <- long[!is.na(long$y) & long$id %in% keep, ]
  f <- gls(y ~ w * arm + w * pre, x, correlation = corSymm(if (is.null(start)) numeric(0) else start$cor, form = ~ visit | id),
    weights = varIdent(if (is.null(start)) numeric(0) else start$var, form = ~ 1 | w), method = "REML",
    control = glsControl(maxIter = 500, msMaxIter = 1000, tolerance = 1e-10, msTol = 1e-12, opt = "nlminb"))
  C <- diag(4); C[lower.tri(C)] <- coef(f$modelStruct$corStruct, unconstrained = FALSE)[c(1, 2, 3, 4, 5, 6)]; C[upper.tri(C)] <- t(C)[upper.tri(C)]
  r <- coef(f$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)[as.character(1:4)]
  list(b = coef(f), S = f$sigma^2 * C * outer(r, r), cor = coef(f$modelStruct$corStruct, unconstrained = FALSE),
    var = coef(f$modelStruct$varStruct, unconstrained = FALSE))
}
course <- function(m, arm, pre) {
  x <- expand.grid(w = factor(1:4)); x$arm <- factor(arm, levels = c("TAU", "BtheB")); x$pre <- pre
  drop(model.matrix(~ w * arm + w * pre, x) %*% m$b)
}
answer <- function(keep, strategy, m) {
  e <- d[d$subject %in% keep, ]
  y8 <- sapply(seq_len(nrow(e)), function(i) {
    y <- unlist(e[i, v]); if (!is.na(y[4])) return(y[4])
    own <- course(m, e$treatment[i], e$bdi.pre[i]); ref <- course(m, "TAU", e$bdi.pre[i])
    last <- max(c(0, which(!is.na(y)))); after <- seq_len(4) > last; mu <- own
    if (strategy == "j2r") mu[after] <- ref[after]
    if (strategy == "cr") mu <- ref
    if (strategy == "cir") mu[after] <- ref[after] + if (last > 0) own[last] - ref[last] else 0
    o <- !is.na(y); if (!any(o)) return(mu[4])
    mu[4] + m$S[4, o, drop = FALSE] %*% solve(m$S[o, o], y[o] - mu[o])
  })
  coef(lm(y8 ~ I(treatment == "BtheB") + bdi.pre, e))[2]
}
all <- fit(d$subject); start <- all
left <- lapply(d$subject, function(i) if (all(is.na(d[d$subject == i, v]))) all else fit(setdiff(d$subject, i)))
for (s in c("mar", "j2r", "cr", "cir")) {
  t <- mapply(function(i, m) answer(setdiff(d$subject, i), s, m), d$subject, left)
  cat(s, format(answer(d$subject, s, all), digits = 10), format(sqrt((n - 1) / n * sum((t - mean(t))^2)), digits = 10), "\n")
}
