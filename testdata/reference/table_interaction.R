# Reference values for table.Interaction and table.Homogeneity, for
# stats/table/interaction_test.go, of invented tables. Run from this folder:
#
#   Rscript table_interaction.R > table_interaction.json
#
# Common odds ratios and their interaction: glm(binomial), anova and the profile of its
# deviance with an offset, by uniroot. Differences and ratios of risks: the likelihood of a
# level given the effect is maximized over the control's risk by optimize, and their sum
# over the effect by optimize again (one treated arm), or by optim over two effects (two
# treated arms). R 4.2.2, jsonlite 1.8.4.
suppressMessages(library(jsonlite))

ll <- function(x, n, p) { # 0 log 0 is 0
  p <- pmin(pmax(p, 0), 1)
  sum(ifelse(x > 0, x * log(p), 0) + ifelse(n - x > 0, (n - x) * log1p(-p), 0))
}
best <- function(f, lo, hi) { # of a concave function, its ends too
  if (lo >= hi) return(f(lo))
  o <- optimize(f, c(lo, hi), maximum = TRUE, tol = 1e-13)
  max(o$objective, f(lo), f(hi))
}
# the profile of one level: x, n of control, then arms; effects e of the arms
level <- function(x, n, e, scale) {
  if (scale == "rd") best(function(q) ll(x, n, c(q, q + e)), max(0, -e), min(1, 1 - e))
  else best(function(u) ll(x, n, exp(u + c(0, e))), -60, -max(0, e))
}
profile <- function(t, e, scale, offset = 0) { # the last level's effects are larger by offset
  k <- length(t)
  sum(sapply(seq_len(k), function(l) level(t[[l]]$x, t[[l]]$n, e + if (l == k) offset else 0, scale)))
}
saturated <- function(t) sum(sapply(t, function(s) ll(s$x, s$n, s$x / s$n)))
long <- function(t) do.call(rbind, lapply(seq_along(t), function(l)
  data.frame(level = factor(l, seq_along(t)), arm = factor(seq_along(t[[l]]$x)), x = t[[l]]$x, n = t[[l]]$n)))
lr <- function(t, scale, offset = 0) {
  if (scale == "or") {
    d <- long(t)
    d$off <- offset * (d$arm == 2 & as.integer(d$level) == length(t))
    m <- glm(cbind(x, n - x) ~ arm + level + offset(off), binomial, d, control = list(epsilon = 1e-13, maxit = 200))
    return(m$deviance)
  }
  range <- if (scale == "rd") c(max(-1, -1 - offset), min(1, 1 - offset)) else c(-12, 12)
  if (length(t[[1]]$x) == 2) m <- best(function(e) profile(t, e, scale, offset), range[1], range[2])
  else {
    o <- c(0, 0)
    for (i in 1:40) o <- optim(o, function(e) if (scale == "rd" && any(abs(e) >= 1)) 1e9 else
      -profile(t, e, scale), control = list(reltol = 1e-15, maxit = 2000))$par
    m <- profile(t, o, scale)
  }
  2 * (saturated(t) - m)
}
limits <- function(t, scale) {
  p <- lapply(t, function(s) s$x / s$n)
  g <- switch(scale, rd = identity, rr = log, or = qlogis)
  est <- (g(p[[2]][2]) - g(p[[2]][1])) - (g(p[[1]][2]) - g(p[[1]][1]))
  f <- function(d) lr(t, scale, d) - qchisq(0.95, 1)
  far <- if (scale == "rd") c(-2 + 1e-9, 2 - 1e-9) else est + c(-9, 9)
  c(est, sapply(1:2, function(i) uniroot(f, sort(c(est, far[i])), tol = 1e-11)$root))
}
s <- function(x, n) list(x = x, n = n)
tables <- list(
  usual = list(s(c(12, 21), c(40, 38)), s(c(15, 13), c(35, 41))),
  zero = list(s(c(0, 5), c(12, 11)), s(c(3, 2), c(9, 10))),
  all = list(s(c(4, 9), c(9, 9)), s(c(2, 5), c(8, 12))),
  tiny = list(s(c(1, 2), c(3, 3)), s(c(2, 1), c(4, 3))),
  three = list(s(c(12, 21), c(40, 38)), s(c(15, 13), c(35, 41)), s(c(3, 9), c(20, 22))),
  arms = list(s(c(12, 21, 18), c(40, 38, 39)), s(c(15, 13, 20), c(35, 41, 36)), s(c(3, 9, 4), c(20, 22, 19))))
out <- list()
for (name in names(tables)) for (scale in c("rd", "rr", "or")) {
  t <- tables[[name]]
  arms <- length(t[[1]]$x)
  a <- list(name = name, scale = scale, levels = lapply(t, function(s) lapply(seq_len(arms), function(i) c(s$x[i], s$n[i]))),
    x2 = lr(t, scale), df = (length(t) - 1) * (arms - 1))
  events <- unlist(lapply(t, `[[`, "x")); others <- unlist(lapply(t, function(s) s$n - s$x))
  if (length(t) == 2 && arms == 2 && (scale == "rd" || all(events > 0) && (scale == "rr" || all(others > 0)))) a$interaction <- limits(t, scale)
  out[[length(out) + 1]] <- a
}
cat(toJSON(list(answers = out), auto_unbox = TRUE, digits = NA, pretty = FALSE))
