# The trajectories figure with matplotlib: participants thin, arm means with 95% CI.
import csv, statistics, sys
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
rows = list(csv.DictReader(open(sys.argv[1])))
cols = ["vas_pre", "vas_post", "vas_24h"]
plt.rcParams["font.size"] = 7.5
fig, ax = plt.subplots(figsize=(85 / 25.4, 75 / 25.4))
for k, (arm, color) in enumerate((("hilt", "#0072B2"), ("sham", "black"))):
    values = [[float(r[c]) for c in cols] for r in rows if r["group"] == arm]
    for v in values:
        ax.plot(range(3), v, color=color, alpha=0.4, lw=0.5)
    mean = [statistics.mean(v) for v in zip(*values)]
    half = [2.776445 * statistics.stdev(v) / len(v) ** 0.5 for v in zip(*values)]  # t, 4 df
    ax.errorbar([x + 0.04 * (2 * k - 1) for x in range(3)], mean, half, color=color, marker="o")
ax.set_xticks(range(3), ["Baseline", "Right after", "24 h"])
ax.set_ylabel("Pain (VAS), cm")
fig.subplots_adjust(left=0.13, right=0.98, bottom=0.1, top=0.98)  # bbox_inches="tight" would draw twice
fig.savefig(sys.argv[2], dpi=300)
