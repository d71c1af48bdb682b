package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkPage measures what the page promises: go test -run '^$' -bench Page
// -benchtime 1x. It prints medians of five, times in milliseconds, memory in MB of the
// tab and its Worker after 10,000 rows, and sizes in MB.
func BenchmarkPage(b *testing.B) {
	dir, err := built()
	require.NoError(b, err)
	for _, name := range []string{"trialkit.html", "trialkit/trialkit.wasm", "trialkit/trialkit.wasm.br", "trialkit/index.html.br"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			b.ReportMetric(float64(info.Size())/1e6, "MB-"+name)
		}
	}
	for b.Loop() {
		var ready, cold, warm []float64
		for range 5 {
			p := open(b, 1440, 900)
			ready = append(ready, js[float64](p, `Number(document.documentElement.dataset.ready)`))
			p.click("#example")
			p.on("ask")
			cold = append(cold, p.timed("#go-read"))
			for _, style := range []string{"grey", "nejm", ""} {
				warm = append(warm, js[float64](p, fmt.Sprintf(`(async () => { const from = performance.now(); const s = document.getElementById("style"); s.value = %q;
					s.dispatchEvent(new Event("change")); while (document.body.hasAttribute("aria-busy")) await new Promise(r => setTimeout(r, 5)); return performance.now() - from; })()`, style)))
			}
		}
		b.ReportMetric(median(ready), "ms-ready")
		b.ReportMetric(median(cold), "ms-hilt-cold")
		b.ReportMetric(median(warm), "ms-hilt-warm")
		var s strings.Builder
		s.WriteString("id,arm,y0,y1\n")
		for i := range 10000 {
			fmt.Fprintf(&s, "%d,%s,%d,%d\n", i+1, "ac"[i%2:i%2+1], 40+i*7%31, 35+i*11%37)
		}
		p := open(b, 1440, 900)
		p.choose(p.keep("large.csv", s.String()))
		p.on("ask")
		p.answerAll()
		b.ReportMetric(p.timed("#go-read"), "ms-10000-rows")
		b.ReportMetric(p.memory()/1e6, "MB-memory")
	}
}

// timed is how long a button takes to bring the report, in milliseconds.
func (p *tab) timed(button string) float64 {
	from := time.Now()
	p.click(button)
	p.on("read")
	return float64(time.Since(from).Microseconds()) / 1000
}

// memory is that of the page and of the program's Worker, in bytes.
func (p *tab) memory() float64 {
	return js[float64](p, `performance.measureUserAgentSpecificMemory ? performance.measureUserAgentSpecificMemory().then(m => m.bytes).catch(() => performance.memory.usedJSHeapSize) : performance.memory.usedJSHeapSize`)
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}
