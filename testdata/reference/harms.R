# Adverse events of testdata/studies/shockwave, for study/harms. Run from this folder:
#
#   Rscript harms.R > harms.json
#
# By kind and term, in each arm: participants with at least one event, events, limits of
# binom.test (Clopper-Pearson), time of observation, events over it, time until the first
# event and the rate of first events with limits of poisson.test (exact, central).
# R 4.2.2, jsonlite 1.8.4.
suppressMessages(library(jsonlite))
d <- read.csv("../studies/shockwave/data.csv")
ae <- read.csv("../studies/shockwave/ae.csv", na.strings = "")
ae <- ae[!is.na(ae$aeterm) & ae$aeday >= 0, ]
count <- function(kind, term, e) {
  lapply(c("eswt", "sham"), function(arm) {
    p <- d[d$group == arm, ]
    e <- e[e$id %in% p$id, ]
    first <- tapply(e$aeday, e$id, min)
    risk <- ifelse(p$id %in% names(first), pmin(p$followed, first[p$id]), p$followed)
    n <- nrow(p); k <- length(unique(e$id))
    b <- binom.test(k, n)$conf.int
    r <- poisson.test(k, sum(risk))
    list(kind = kind, term = term, arm = arm, participants = k, n = n, events = nrow(e), lower = b[1], upper = b[2],
         exposure = sum(p$followed), event_rate = nrow(e) / sum(p$followed), at_risk = sum(risk),
         incidence = k / sum(risk), incidence_lower = r$conf.int[1], incidence_upper = r$conf.int[2])
  })
}
rows <- c(count("any", "", ae), count("serious", "", ae[ae$ser == "yes", ]), count("related", "", ae[ae$rel != "unlikely", ]),
          count("withdrawal", "", ae[ae$wd == "yes", ]))
for (t in sort(unique(ae$aeterm))) rows <- c(rows, count("term", t, ae[ae$aeterm == t, ]))
cat(toJSON(list(source = R.version.string, rows = rows), auto_unbox = TRUE, digits = NA, pretty = TRUE), "\n")
