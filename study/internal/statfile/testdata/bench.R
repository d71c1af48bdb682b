# Times of haven (ReadStat) for tables as those of bench_test.go: run
#   Rscript bench.R [DIR]
# and compare with
#   go test ./study/internal/statfile -run XXX -bench .
# Files are written into DIR, or a folder that goes away. Prints the best of seven.
library(haven)
dir <- c(commandArgs(TRUE), tempdir())[1]
set.seed(14)
n <- 100000
i <- seq_len(n) - 1
table <- data.frame(id = sprintf("P%06d", i %/% 4), site = paste0("0", 1 + i %% 9), visit = as.integer(i %% 4), day = as.Date("2022-12-21") + sample(0:899, n, TRUE),
  vas = sample(0:100, n, TRUE) / 10, walk = as.integer(sample(0:699, n, TRUE)), ratio = sample(0:9999999, n, TRUE) / 1e5, score = rnorm(n),
  remark = ifelse(i %% 20 == 0, "left early, see file", ""), stringsAsFactors = FALSE)
files <- file.path(dir, c("bench.sav", "benchc.sav", "bench.xpt", "bench.dta"))
write_sav(table, files[1], compress = "none")
write_sav(table, files[2], compress = "byte")
write_xpt(table, files[3], version = 5, name = "BENCH")
write_dta(table, files[4], version = 14)
read <- list(read_sav, read_sav, read_xpt, read_dta)
for (k in seq_along(files)) {
  t <- replicate(7, system.time(read[[k]](files[k]))[c("elapsed", "user.self", "sys.self")])
  mb <- file.size(files[k]) / 1e6
  cat(sprintf("%-10s %6.1f MB  best %7.1f ms = %6.1f MB/s; processor %7.1f ms\n", basename(files[k]), mb, 1000 * min(t[1, ]), mb / min(t[1, ]), 1000 * min(t[2, ] + t[3, ])))
}
