#!/usr/bin/env bash
# run.sh: median seconds of five runs, from the start of the process to the
# file, for the same figure with trialkit, ggplot2 and matplotlib. What is not
# installed is named and left out.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
hilt=testdata/studies/hilt
go build -o "$out/figure" ./testdata/figuretime

median() { # name, then the command
  local name=$1; shift
  for _ in 1 2 3 4 5; do
    local start end
    start=$(date +%s%N)
    "$@" >/dev/null 2>"$out/err" || { printf '%-18s not measured: %s\n' "$name" "$(tail -n 1 "$out/err")"; return; }
    end=$(date +%s%N)
    echo $(( (end - start) / 1000 ))
  done | { # not measured: pass the sentence on
    sort -n > "$out/times"
    if grep -q measured "$out/times"; then cat "$out/times"; else
      sed -n 3p "$out/times" | awk -v n="$name" '{printf "%-18s %.3f s\n", n, $1 / 1e6}'; fi; }
}

for format in png svg pdf; do
  median "trialkit $format" "$out/figure" $hilt/protocol.yaml $hilt/data.csv "$out/a.$format"
done
median "ggplot2 png" Rscript testdata/figuretime/figure.R $hilt/data.csv "$out/b.png"
median "ggplot2 pdf" Rscript testdata/figuretime/figure.R $hilt/data.csv "$out/b.pdf"
median "matplotlib png" python3 testdata/figuretime/figure.py $hilt/data.csv "$out/c.png"
median "matplotlib pdf" python3 testdata/figuretime/figure.py $hilt/data.csv "$out/c.pdf"
