# Prints R's time for the model of BenchmarkANCOVA.
for (n in c(12, 200, 1000)) {
  set.seed(1)
  D <- data.frame(arm = factor(rep_len(c("sham", "low", "high"), n)), site = factor(rep_len(c("A", "B"), n)), b = rnorm(n))
  D$y <- D$b + rnorm(n)
  k <- 300
  t <- system.time(for (i in 1:k) summary(lm(y ~ b + site + arm, D)))[["elapsed"]]
  cat(sprintf("lm n = %d: %.0f µs\n", n, 1e6 * t / k))
}
