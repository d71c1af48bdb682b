# The workbook of BenchmarkRead in readxl. Write it first:
#   TRIALKIT_BENCH=/tmp/large.xlsx go test ./study/internal/workbook -run '^$' -bench 'Read/100000' -benchtime 1x
#   Rscript bench.R /tmp/large.xlsx
file <- commandArgs(TRUE)[1]
for (i in 1:3) {
  t <- system.time(d <- readxl::read_xlsx(file))
  cat(sprintf("readxl %s: %d x %d, %.2f s, %.2f s of processor\n", packageVersion("readxl"), nrow(d), ncol(d), t[["elapsed"]], t[["user.self"]] + t[["sys.self"]]))
}
