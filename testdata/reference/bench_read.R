# Times of R for reading what study's BenchmarkLoadText reads: 1,000,000 rows of five
# columns, some 30 MB, plain and with all fields in quotes. Run with
#   Rscript testdata/reference/bench_read.R
# and compare with
#   go test ./study -run XXX -bench LoadText -benchtime 5x
# which also validates the fields and gathers them by participant. Prints medians of
# three runs. pandas, where python3 has it, reads the same files.
rows <- 1e6
id <- (seq_len(rows) - 1) %/% 4
set.seed(1)
d <- data.frame(participant = sprintf("P%07d", id), group = c("laser", "sham")[id %% 2 + 1],
                visit = c("base", "w4", "w12", "w26")[(seq_len(rows) - 1) %% 4 + 1],
                pain = sprintf("%.2f", runif(rows, 0, 10)), age = 40 + id %% 40)
plain <- tempfile(fileext = ".csv")
quoted <- tempfile(fileext = ".csv")
write.csv(d, plain, row.names = FALSE, quote = FALSE)
write.csv(lapply(d, as.character), quoted, row.names = FALSE, quote = TRUE)
bench <- function(name, f, times = 3) {
  t <- replicate(times, system.time(f())[["elapsed"]])
  cat(sprintf("%-40s %7.3f s\n", name, median(t)))
}
cat(sprintf("%.1f MB plain, %.1f MB quoted\n", file.size(plain) / 1e6, file.size(quoted) / 1e6))
for (file in c(plain, quoted)) {
  what <- if (file == plain) "plain" else "quoted"
  if (requireNamespace("data.table", quietly = TRUE)) {
    data.table::setDTthreads(2)
    bench(paste("data.table::fread, 2 threads,", what), function() data.table::fread(file))
    bench(paste("fread and keyed by participant,", what),
          function() data.table::setkeyv(data.table::fread(file), c("participant", "visit")))
  }
  bench(paste("read.csv,", what), function() read.csv(file), 1)
  pandas <- sprintf("import time,pandas as p\nt=time.time()\np.read_csv('%s')\nprint('%%-40s %%7.3f s' %% ('pandas.read_csv, %s', time.time()-t))", file, what)
  if (system2("python3", c("-c", shQuote("import pandas")), stdout = FALSE, stderr = FALSE) == 0) {
    system2("python3", c("-c", shQuote(pandas)))
  }
}
