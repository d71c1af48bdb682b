# Times of R's fits of the models that BenchmarkFEV, BenchmarkBCVALike,
# BenchmarkLarge and BenchmarkTiny of stats/mmrm fit, on the same machine.
# Package mmrm where it is installed; nlme::gls otherwise, which has neither
# Satterthwaite nor Kenward-Roger degrees of freedom, so that its figure is of
# the fit alone.
# Run: Rscript bench_mmrm.R [path of fev_data.csv] [large]
args <- commandArgs(TRUE)
have <- requireNamespace("mmrm", quietly = TRUE)
suppressMessages(library(nlme))
say <- function(what, seconds) cat(sprintf("%-44s %10.1f ms\n", what, 1000 * seconds))
timed <- function(expr, times) {
  e <- substitute(expr)
  env <- parent.frame()
  median(vapply(seq_len(times), function(i) system.time(eval(e, env))[["elapsed"]], 0))
}

# The data of simRows in bench_test.go, with R's generator.
sim <- function(n, m, missing) {
  d <- do.call(rbind, lapply(seq_len(n), function(i) {
    ar <- as.vector(stats::filter(3 * rnorm(m), 0.6, "recursive"))
    base <- 50 + 10 * rnorm(1)
    data.frame(id = i, arm = factor(i %% 2), visit = factor(seq_len(m)), v = seq_len(m), base = base,
               y = 20 + base / 2 + seq_len(m) + (i %% 2) * seq_len(m) / 2 + 4 * rnorm(1) + ar + rnorm(m))
  }))
  d$id <- factor(d$id)
  d[runif(nrow(d)) > missing, ]
}

run <- function(name, formula, d, times = 5, gls = TRUE) {
  if (have) {
    full <- update(formula, . ~ . + us(visit | id))
    for (method in c("Satterthwaite", "Kenward-Roger"))
      say(paste(name, "mmrm", method), timed(summary(mmrm::mmrm(full, d, method = method)), times))
  } else if (gls) {
    say(paste(name, "gls (fit only)"), timed(nlme::gls(formula, d, correlation = corSymm(form = ~ v | id),
      weights = varIdent(form = ~ 1 | visit), na.action = na.omit,
      control = glsControl(maxIter = 200, msMaxIter = 500, opt = "optim")), times))
  }
}

cat(R.version.string, if (have) paste("mmrm", packageVersion("mmrm")) else "mmrm is not installed", "\n")
if (length(args) > 0 && file.exists(args[1])) {
  fev <- read.csv(args[1], stringsAsFactors = TRUE)
  fev <- fev[!is.na(fev$FEV1), ]
  names(fev)[match(c("USUBJID", "AVISIT", "VISITN"), names(fev))] <- c("id", "visit", "v")
  run("FEV 200 x 4", FEV1 ~ ARMCD * visit, fev)
}
set.seed(1)
run("tiny 10 x 3", y ~ arm * visit, sim(10, 3, 0))
if ("large" %in% args) {
  run("BCVA-like 1000 x 10", y ~ arm * visit + base * visit, sim(1000, 10, 0.14), 1)
  for (n in c(2000, 10000)) run(sprintf("%d x 4", n), y ~ arm * visit, sim(n, 4, 0.2), 1, gls = FALSE)
}
