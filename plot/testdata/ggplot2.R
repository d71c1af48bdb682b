# Six figures by ggplot2 of the same data as lookBesideGgplot2, at the same printed
# size, to be looked at beside ours; README.md says what decided for each.
#   Rscript plot/testdata/ggplot2.R testdata/studies OUTPUT
library(ggplot2)
args <- commandArgs(TRUE)
hilt <- read.csv(file.path(args[1], "hilt/data.csv"))
heel <- read.csv(file.path(args[1], "shockwave/data.csv"))
out <- function(name, p, w, h)
  ggsave(file.path(args[2], paste0("ggplot2-", name, ".png")), p, width = w, height = h, units = "mm", dpi = 300)
theme_set(theme_classic(base_size = 7.5) + theme(legend.position = "top", legend.title = element_blank()))
colors <- c("#0072B2", "#000000")
hilt$arm <- factor(hilt$group, c("hilt", "sham"), c("Active HILT", "Placebo HILT"))
heel$arm <- factor(heel$group, c("eswt", "sham"), c("Shock waves", "Sham"))
heel$change <- heel$vas12 - heel$vas0
done <- heel[!is.na(heel$change), ]

# Trajectories: participants thin, means with 95% t intervals.
visits <- c("Baseline", "Right after", "24 h")
long <- do.call(rbind, lapply(1:3, function(i) data.frame(id = hilt$id, arm = hilt$arm,
  visit = factor(visits[i], visits), vas = hilt[[c("vas_pre", "vas_post", "vas_24h")[i]]])))
out("trajectories", ggplot(long, aes(visit, vas, color = arm)) +
  geom_line(aes(group = id), alpha = 0.35, linewidth = 0.3) +
  stat_summary(aes(group = arm), fun = mean, geom = "line", position = position_dodge(0.15)) +
  stat_summary(fun.data = mean_cl_t <- function(y) { e <- t.test(y); data.frame(y = mean(y), ymin = e$conf.int[1], ymax = e$conf.int[2]) },
    position = position_dodge(0.15), size = 0.3) +
  scale_color_manual(values = colors) + labs(x = NULL, y = "Pain (VAS), cm"), 85, 68)

# Gardner-Altman: changes at 24 h, and the difference on a second axis.
hilt$change <- hilt$vas_24h - hilt$vas_pre
m <- tapply(hilt$change, hilt$arm, mean)
e <- t.test(change ~ arm, hilt)
diff <- data.frame(x = 3, y = m[1], lo = m[2] + e$conf.int[1], hi = m[2] + e$conf.int[2])
out("gardneraltman", ggplot(hilt, aes(as.numeric(factor(arm, rev(levels(arm)))), change)) +
  geom_jitter(aes(color = arm), width = 0.08, size = 0.8) +
  stat_summary(aes(color = arm), fun.data = mean_cl_t, position = position_nudge(0.25), size = 0.3) +
  geom_pointrange(data = diff, aes(x, y, ymin = lo, ymax = hi), size = 0.3) +
  geom_segment(aes(x = 1.25, xend = 3.4, y = m[2], yend = m[2]), linewidth = 0.2) +
  geom_segment(aes(x = 2.25, xend = 3, y = m[1], yend = m[1]), linewidth = 0.2) +
  scale_x_continuous(breaks = 1:3, labels = c("Placebo", "Active", "Difference")) +
  scale_y_continuous(sec.axis = sec_axis(~ . - m[2], name = "Difference, cm")) +
  scale_color_manual(values = colors) + labs(x = NULL, y = "Change in pain (VAS), cm"), 85, 75)

# Forest: ANCOVA differences of four outcomes at two visits.
rows <- do.call(rbind, lapply(c("vas", "jps", "quad", "ham"), function(o) do.call(rbind, lapply(c("post", "24h"), function(v) {
  fit <- lm(hilt[[paste0(o, "_", v)]] ~ hilt[[paste0(o, "_pre")]] + I(hilt$group == "hilt"))
  ci <- confint(fit)[3, ]
  data.frame(outcome = factor(o, c("vas", "jps", "quad", "ham"), c("Pain (VAS), cm", "Joint position sense, °", "Quadriceps strength, N·m", "Hamstring strength, N·m")),
    visit = factor(v, c("24h", "post"), c("24 h", "Right after")), est = coef(fit)[3], lo = ci[1], hi = ci[2])
}))))
rows$text <- sprintf("%.2f (%.2f to %.2f)", rows$est, rows$lo, rows$hi)
out("forest", ggplot(rows, aes(est, visit)) + geom_vline(xintercept = 0, linewidth = 0.2) +
  geom_pointrange(aes(xmin = lo, xmax = hi), size = 0.3, color = colors[1]) +
  geom_text(aes(x = Inf, label = text), hjust = 1, vjust = -0.8, size = 2.3) +
  facet_wrap(~outcome, ncol = 1, scales = "free_x") + labs(x = "Difference (Active HILT - Placebo HILT)", y = NULL), 174, 115)

# Responders: share improved by at least so much.
gain <- -done$change
steps <- do.call(rbind, lapply(levels(done$arm), function(a) {
  x <- sort(unique(c(-100, gain[done$arm == a])))
  data.frame(arm = a, x = x, share = sapply(x, function(t) 100 * mean(gain[done$arm == a] >= t)))
}))
steps$arm <- factor(steps$arm, levels(done$arm))
out("responders", ggplot(steps, aes(x, share, color = arm, linetype = arm)) + geom_step(direction = "vh") +
  coord_cartesian(xlim = range(gain)) + scale_color_manual(values = colors) + ylim(0, 100) +
  labs(x = "Improvement in first-step pain (VAS), mm", y = "Participants improved by at least so much, %"), 85, 70)

# Raincloud: density, box and points of the changes.
at <- setNames(2:1, levels(done$arm))
cloud <- do.call(rbind, lapply(levels(done$arm), function(a) {
  d <- density(done$change[done$arm == a], from = min(done$change[done$arm == a]), to = max(done$change[done$arm == a]))
  data.frame(arm = a, x = c(d$x, rev(d$x)), y = at[[a]] + 0.1 + c(20 * d$y, 0 * d$y))
}))
cloud$arm <- factor(cloud$arm, levels(done$arm))
out("raincloud", ggplot(done, aes(change, at[as.character(arm)], color = arm)) +
  geom_polygon(data = cloud, aes(x, y, fill = arm), alpha = 0.3, color = NA) +
  geom_boxplot(aes(group = arm), width = 0.1, outlier.shape = NA, linewidth = 0.3) +
  geom_jitter(aes(y = at[as.character(arm)] - 0.2), height = 0.07, width = 0, size = 0.6, alpha = 0.6) +
  scale_color_manual(values = colors) + scale_fill_manual(values = colors) +
  scale_y_continuous(breaks = NULL) + labs(x = "Change in first-step pain (VAS), mm", y = NULL), 85, 65)

# Waterfall: a bar a participant.
done <- do.call(rbind, lapply(split(done, done$arm), function(d) transform(d[order(-d$change), ], rank = seq_len(nrow(d)))))
out("waterfall", ggplot(done, aes(rank, change, fill = arm)) + geom_col(width = 0.8) + facet_wrap(~arm, scales = "free_x") +
  geom_hline(yintercept = 0, linewidth = 0.2) + scale_fill_manual(values = colors) +
  labs(x = NULL, y = "Change in first-step pain (VAS), mm") + theme(axis.text.x = element_blank(), axis.ticks.x = element_blank()), 85, 65)
