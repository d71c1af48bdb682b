# Makes mmrm_spatial.json: models with covariance exp(-d/range) and
# exp(-(d/range)^2) over unequally spaced visit times, fitted by nlme::gls with
# its optimizer tightened. Run: Rscript mmrm_spatial.R > mmrm_spatial.json
suppressMessages({library(nlme); library(jsonlite)})
set.seed(20240601)
times <- c(1, 2, 4, 8, 12)
n <- 48
d <- do.call(rbind, lapply(seq_len(n), function(i) {
  s <- 6 * exp(-as.matrix(dist(times)) / 5)^1
  y <- as.vector(t(chol(s)) %*% rnorm(5)) + 30 + 0.4 * times - 0.3 * (i %% 2) * times
  data.frame(id = i, visit = seq_along(times), time = times, arm = i %% 2, y = round(y, 1))
}))
d <- d[runif(nrow(d)) > 0.15, ]
d$v <- factor(d$visit)
cases <- list()
for (kind in c("sp_exp", "sp_gau")) for (method in c("REML", "ML")) {
  cor <- if (kind == "sp_exp") corExp(5, ~ time | id) else corGaus(5, ~ time | id)
  m <- gls(y ~ v + arm:v, d, correlation = cor, method = method,
           control = glsControl(opt = "nlminb", msMaxIter = 500, tolerance = 1e-12, msTol = 1e-12))
  k <- if (method == "ML") sqrt((nrow(d) - 10) / nrow(d)) else 1
  cases[[length(cases) + 1]] <- list(
    id = paste(kind, method, sep = "/"),
    input = list(id = d$id, visit = d$visit, arm = d$arm, y = d$y, times = times),
    call = paste0("gls(y ~ v + arm:v, correlation = ", if (kind == "sp_exp") "corExp" else "corGaus", "(form = ~ time | id), method = '", method, "')"),
    expect = list(logLik = as.numeric(logLik(m)), coef = unname(coef(m)), se = unname(sqrt(diag(vcov(m)))) * k,
                  sigma = m$sigma, range = unname(coef(m$modelStruct$corStruct, unconstrained = FALSE))))
}
cat(toJSON(list(source = paste(R.version.string, "; nlme", packageVersion("nlme")), cases = cases),
           auto_unbox = TRUE, digits = NA))
