# Files as haven (ReadStat) writes them, and what stands in them: haven.json comes
# from the table below, not from reading the files. Run: Rscript haven.R
library(haven)
set.seed(14)
n <- 24
random <- signif(rnorm(n) * 10^sample(-12:12, n, TRUE), sample(1:17, n, TRUE))
table <- data.frame(
  id = sprintf("P%02d", seq_len(n)),
  typed = round(runif(n, 0, 10), 1),
  random = random,
  whole = as.integer(sample(-100000:100000, n)),
  group = sample(0:1, n, TRUE),
  day = as.Date("2024-02-27") + sample(-40000:40000, n),
  at = as.POSIXct("2024-02-29 23:59:58", tz = "UTC") + sample(-1e9:1e9, n),
  remark = sample(c("", "café", "x", "a longer remark; ½ dose"), n, TRUE),
  stringsAsFactors = FALSE
)
reasons <- sample(letters, n, TRUE)
gone <- c(3, 9, 17)
table$typed[5] <- NA
label <- paste("Pain at rest in the last", paste(rep("very", 12), collapse = " "), "long week")

digits <- function(x) ifelse(is.na(x), NA, sprintf("%.17g", x))
rows <- data.frame(id = table$id, typed = digits(table$typed), random = digits(table$random), whole = digits(table$whole),
  group = digits(table$group), day = format(table$day, "%Y-%m-%d"), at = format(table$at, "%Y-%m-%dT%H:%M:%S", tz = "UTC"),
  remark = table$remark, stringsAsFactors = FALSE)
rows$typed[gone] <- paste0(".", toupper(reasons[gone]))

tagged <- function(up) {
  t <- table
  x <- t$typed
  for (i in gone) x[i] <- tagged_na(if (up) toupper(reasons[i]) else reasons[i])
  t$typed <- x
  attr(t$typed, "label") <- label
  t
}
stata <- tagged(FALSE)
stata$group <- labelled(stata$group, c("Control" = 0, "Treated" = 1), label = "Group")
for (v in 8:15) if (v != 9 && v != 11) {
  s <- stata
  if (v < 13) attr(s$typed, "label") <- substr(label, 1, 80)
  write_dta(s, sprintf("haven%d.dta", v), version = v)
}
sas <- tagged(TRUE)
attr(sas$group, "format.sas") <- "TREATMENTGROUP"
write_xpt(sas, "haven8.xpt", version = 8, name = "LONGNAMEOFTABLE")
attr(sas$typed, "label") <- substr(label, 1, 40)
attr(sas$group, "format.sas") <- NULL
write_xpt(sas, "haven5.xpt", version = 5, name = "TABLE")

quote <- function(x) ifelse(is.na(x), "null", paste0('"', x, '"'))
lines <- apply(sapply(rows, quote), 1, function(r) paste0("  [", paste(r, collapse = ", "), "]"))
writeLines(c("{", sprintf(' "label": "%s",', label), sprintf(' "columns": [%s],', paste(quote(names(rows)), collapse = ", ")),
  ' "rows": [', paste(lines, collapse = ",\n"), " ]", "}"), "haven.json", useBytes = TRUE)

# Long texts of 260 rows: haven 2.5.1 names their places in format 119 as in 118.
long <- data.frame(id = 1:260, note = paste("text", 1:260))
write_dta(long, "haven15long.dta", version = 15, strl_threshold = 1)
write_dta(long, "haven14long.dta", version = 14, strl_threshold = 1)
