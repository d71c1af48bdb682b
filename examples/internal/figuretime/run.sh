#!/usr/bin/env bash
# run.sh: how long the trajectories of the HILT study take, from the start of
# the process to the file, with trialkit, ggplot2 and matplotlib: PNG at 300 dpi,
# SVG and PDF, 85 mm wide. The median of RUNS runs (5) after one that fills the
# disk's cache; the tools take turns, so that other work on the machine meets
# all alike. The three programs read the same file and draw the same marks, every
# participant and the arms' means with 95% intervals; trialkit's also analyzes
# the trial, and draws labels and a footnote. What is not installed is named and
# left out. PYTHON names an interpreter that has matplotlib.
set -euo pipefail
cd "$(dirname "$0")/../../.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
hilt=testdata/studies/hilt
runs=${RUNS:-5}
go build -o "$out/figure" ./examples/internal/figuretime

tools="trialkit"
if Rscript -e 'library(ggplot2)' >/dev/null 2>&1; then tools="$tools ggplot2"; else echo "ggplot2: not installed"; fi
python=""
for p in "${PYTHON:-python3}" /usr/bin/python3; do
  if [ -z "$python" ] && "$p" -c 'import matplotlib' >/dev/null 2>&1; then python=$p; fi
done
if [ -n "$python" ]; then tools="$tools matplotlib"; else echo "matplotlib: not installed"; fi

draw() { # tool, file
  case $1 in
    trialkit) "$out/figure" $hilt/protocol.yaml $hilt/data.csv "$2" ;;
    ggplot2) Rscript examples/internal/figuretime/figure.R $hilt/data.csv "$2" ;;
    matplotlib) "$python" examples/internal/figuretime/figure.py $hilt/data.csv "$2" ;;
  esac >/dev/null
}

for format in png svg pdf; do
  for run in $(seq 0 "$runs"); do
    for tool in $tools; do
      start=$(date +%s%N)
      draw "$tool" "$out/$tool.$format"
      end=$(date +%s%N)
      if [ "$run" -gt 0 ]; then echo $(((end - start) / 1000)) >> "$out/$tool.$format.us"; fi
    done
  done
done

printf '%-12s %-4s %9s %9s %9s\n' tool file median best ratio
for format in png svg pdf; do
  for tool in $tools; do
    test -s "$out/$tool.$format"
    sort -n "$out/$tool.$format.us" | awk -v tool="$tool" -v format="$format" -v base="$out/base.$format" '
      {us[NR] = $1}
      END {
        m = (us[int((NR + 1) / 2)] + us[int(NR / 2) + 1]) / 2
        if (tool == "trialkit") {print m > base; ours = m} else {getline ours < base}
        printf "%-12s %-4s %7.3f s %7.3f s %8.1f×\n", tool, format, m / 1e6, us[1] / 1e6, m / ours
      }'
  done
done
