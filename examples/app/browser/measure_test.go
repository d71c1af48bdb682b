package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/systeminfo"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// BenchmarkPage measures what the page promises: go test -run '^$' -bench Page
// -benchtime 1x. It prints medians of five: times in milliseconds by the clock and of the
// processor, memory in MB of the page and its Worker after 10,000 rows, and sizes in MB.
func BenchmarkPage(b *testing.B) {
	dir, err := built()
	require.NoError(b, err)
	for _, name := range []string{"trialkit.html", "trialkit/trialkit.wasm", "trialkit/trialkit.wasm.br", "trialkit/index.html.br"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			b.ReportMetric(float64(info.Size())/1e6, "MB-"+name)
		}
	}
	for b.Loop() {
		var ready, cold, warm, used, coldCPU, warmCPU []float64
		for range 5 {
			p := open(b, 1440, 900)
			used = append(used, p.cpu())
			ready = append(ready, js[float64](p, `Number(document.documentElement.dataset.ready)`))
			p.click("#example")
			p.on("ask")
			from := p.cpu()
			cold = append(cold, p.timed("#go-read"))
			coldCPU = append(coldCPU, p.cpu()-from)
			from = p.cpu()
			for _, style := range []string{"gray", "nejm", ""} {
				warm = append(warm, js[float64](p, fmt.Sprintf(`(async () => { const from = performance.now(); const s = document.getElementById("style"); s.value = %q;
					s.dispatchEvent(new Event("change")); while (document.body.hasAttribute("aria-busy")) await new Promise(r => setTimeout(r, 5)); return performance.now() - from; })()`, style)))
			}
			warmCPU = append(warmCPU, (p.cpu()-from)/3)
			p.close()
		}
		b.ReportMetric(median(ready), "ms-ready")
		b.ReportMetric(median(cold), "ms-hilt-cold")
		b.ReportMetric(median(warm), "ms-hilt-warm")
		b.ReportMetric(median(used), "cpu-ms-ready")
		b.ReportMetric(median(coldCPU), "cpu-ms-hilt-cold")
		b.ReportMetric(median(warmCPU), "cpu-ms-hilt-warm")
		var s strings.Builder
		s.WriteString("id,arm,y0,y1\n")
		for i := range 10000 {
			fmt.Fprintf(&s, "%d,%s,%d,%d\n", i+1, "ac"[i%2:i%2+1], 40+i*7%31, 35+i*11%37)
		}
		var large, largeCPU, memory []float64
		for range 5 {
			p := open(b, 1440, 900)
			p.choose(p.keep("large.csv", s.String()))
			p.on("ask")
			p.answerAll()
			from := p.cpu()
			large = append(large, p.timed("#go-read"))
			largeCPU = append(largeCPU, p.cpu()-from)
			memory = append(memory, p.memory()/1e6)
			p.close()
		}
		b.ReportMetric(median(large), "ms-10000-rows")
		b.ReportMetric(median(largeCPU), "cpu-ms-10000-rows")
		b.ReportMetric(median(memory), "MB-memory")
	}
}

// timed is how long a button takes to bring the report, in milliseconds.
func (p *tab) timed(button string) float64 {
	from := time.Now()
	p.click(button)
	p.on("read")
	return float64(time.Since(from).Microseconds()) / 1000
}

// memory is what the process of the page and its Worker holds, in bytes.
func (p *tab) memory() float64 {
	most := 0.0
	for _, x := range p.processes() {
		if x.Type != "renderer" {
			continue
		}
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", x.ID))
		if err != nil {
			continue // it has gone
		}
		for line := range strings.Lines(string(b)) {
			var kB float64
			if _, err := fmt.Sscanf(line, "RssAnon: %f kB", &kB); err == nil {
				most = max(most, kB*1024)
			}
		}
	}
	return most
}

func (p *tab) processes() []*systeminfo.ProcessInfo {
	r, err := chromedp.CallBrowser(p.ctx, systeminfo.GetProcessInfo, cdp.Empty{})
	require.NoError(p.t, err)
	return r.ProcessInfo
}

// cpu is the time that the processes of pages have used so far, in milliseconds: on a
// machine that others use, too, it says more than a clock.
func (p *tab) cpu() float64 {
	sum := 0.0
	for _, x := range p.processes() {
		if x.Type == "renderer" {
			sum += 1000 * x.CPUTime
		}
	}
	return sum
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}
