# The trajectories figure with ggplot2: participants thin, arm means with 95% CI.
args <- commandArgs(TRUE)
suppressPackageStartupMessages(library(ggplot2))
d <- read.csv(args[1])
visits <- c("Baseline", "Right after", "24 h")
long <- data.frame(id = rep(d$id, 3), group = rep(d$group, 3),
                   visit = factor(rep(visits, each = nrow(d)), visits),
                   vas = c(d$vas_pre, d$vas_post, d$vas_24h))
m <- do.call(rbind, lapply(split(long, list(long$group, long$visit)), function(x) {
  h <- qt(0.975, nrow(x) - 1) * sd(x$vas) / sqrt(nrow(x))
  data.frame(group = x$group[1], visit = x$visit[1], vas = mean(x$vas), lo = mean(x$vas) - h, hi = mean(x$vas) + h)
}))
dodge <- position_dodge(width = 0.1)
p <- ggplot(long, aes(visit, vas, colour = group)) +
  geom_line(aes(group = id), alpha = 0.4, linewidth = 0.2) +
  geom_pointrange(aes(ymin = lo, ymax = hi), data = m, position = dodge) +
  geom_line(aes(group = group), data = m, position = dodge) +
  theme_classic(base_size = 7.5) + labs(x = NULL, y = "Pain (VAS), cm")
# SVG by R's own device where the package svglite is missing.
svg_device <- if (grepl("svg$", args[2]) && !requireNamespace("svglite", quietly = TRUE)) grDevices::svg
ggsave(args[2], p, device = svg_device, width = 85, height = 75, units = "mm", dpi = 300)
