// Package browser holds the tests of examples/app that drive a browser: Debian's
// chromium, headless. They are a module of their own, so that the library does not
// depend on what drives it.
package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// repository is the root of the library.
var repository = filepath.Join("..", "..", "..")

// built is the folder with the pages: TRIALKIT_APP, or built once for all tests.
var built = sync.OnceValues(func() (string, error) {
	if dir := os.Getenv("TRIALKIT_APP"); dir != "" {
		return dir, nil
	}
	dir, err := os.MkdirTemp("", "trialkit-app-*")
	if err != nil {
		return "", err
	}
	c := exec.Command("go", "run", "./examples/app", "-build", dir, "-plain")
	c.Dir = repository
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	status := m.Run()
	if dir, err := built(); err == nil && os.Getenv("TRIALKIT_APP") == "" {
		_ = os.RemoveAll(dir)
	}
	os.Exit(status)
}

// one is the browser that all tests share; each has a context of its own in it.
var one = sync.OnceValue(func() context.Context {
	ctx, _ := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("enable-precise-memory-info", true)))
	return ctx
})

// tab is a page in the browser, and what it asked of a network and said of errors.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	requests []string
	errors   []string
	downs    string
	close    func() // leaves the page before the test ends
}

// open opens the page from the disk, as wide as asked, and waits until it is ready.
func open(t testing.TB, width, height int64) *tab {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("chromium is not installed")
	}
	dir, err := built()
	require.NoError(t, err)
	require.NoError(t, chromedp.Do(one()))
	ctx, cancel := chromedp.NewContext(one(), chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(stop)
	p := &tab{t: t, ctx: ctx, downs: t.TempDir(), close: cancel}
	require.NoError(t, chromedp.Listen(ctx, func(e any) {
		p.mu.Lock()
		defer p.mu.Unlock()
		switch e := e.(type) {
		case *network.EventRequestWillBeSent:
			p.requests = append(p.requests, e.Request.URL)
		case *runtime.EventExceptionThrown:
			p.errors = append(p.errors, fmt.Sprintf("%+v", e.ExceptionDetails))
		case *runtime.EventConsoleAPICalled:
			for _, a := range e.Args {
				p.errors = append(p.errors, string(a.Value))
			}
		case *log.EventEntryAdded:
			p.errors = append(p.errors, e.Entry.Text)
		}
	}))
	call(p, network.Enable, network.EnableParams{})
	call(p, log.Enable, cdp.Empty{})
	call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
	_, err = chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: "allow", DownloadPath: p.downs,
		BrowserContextID: chromedp.FromContext(ctx).BrowserContextID})
	require.NoError(t, err)
	p.load("file://" + filepath.Join(absolute(t, dir), "trialkit.html"))
	t.Cleanup(func() { // whatever was done, nothing was asked of a network, and nothing failed
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, url := range p.requests {
			own := strings.HasPrefix(url, "blob:") || strings.HasPrefix(url, "data:") || strings.HasSuffix(url, "/trialkit.html")
			assert.True(t, own, "asked for %s", url)
		}
		assert.Empty(t, p.errors)
	})
	return p
}

func absolute(t testing.TB, dir string) string {
	t.Helper()
	abs, err := filepath.Abs(dir)
	require.NoError(t, err)
	return abs
}

// load goes to an address and waits until the program answers.
func (p *tab) load(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
	p.wait(`document.documentElement.dataset.ready !== undefined`)
}

func (p *tab) do(a chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	require.NoError(p.t, chromedp.Do(p.ctx, a))
}

// call calls a command of the browser.
func call[P, R any](p *tab, c cdp.Command[P, R], params P) R {
	p.t.Helper()
	r, err := chromedp.Call(p.ctx, c, params)
	require.NoError(p.t, err)
	return r
}

// js evaluates an expression; a promise is waited for.
func js[T any](p *tab, expression string) T {
	p.t.Helper()
	x, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(p.t, err, expression)
	return x
}

// wait waits until an expression holds.
func (p *tab) wait(expression string) {
	p.t.Helper()
	for end := time.Now().Add(40 * time.Second); ; {
		if js[bool](p, "Boolean("+expression+")") {
			return
		}
		if time.Now().After(end) {
			p.mu.Lock()
			defer p.mu.Unlock()
			require.FailNow(p.t, "never: "+expression, strings.Join(p.errors, "\n")+"\n"+js[string](p, "(document.getElementById('problems')||document.getElementById('screen')).textContent.slice(0, 2000)"))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// click presses what a selector finds, as a mouse does.
func (p *tab) click(selector string) {
	p.t.Helper()
	p.wait(fmt.Sprintf("document.querySelector(%q) && !document.body.hasAttribute('aria-busy')", selector))
	p.do(chromedp.Click(chromedp.CSS(selector)))
}

// choose gives files to the page.
func (p *tab) choose(files ...string) {
	p.t.Helper()
	var all []string
	for _, f := range files {
		all = append(all, absolute(p.t, f))
	}
	p.do(chromedp.SetUploadFiles(chromedp.CSS("#files"), all, chromedp.NodeReady))
}

// on waits until a screen is shown and nothing is being done.
func (p *tab) on(screen string) {
	p.t.Helper()
	p.wait(fmt.Sprintf("document.getElementById('screen').dataset.screen === %q && !document.body.hasAttribute('aria-busy')", screen))
}

// shoot keeps a picture of the whole page in TRIALKIT_SHOTS, where that is set.
func (p *tab) shoot(name string) {
	p.t.Helper()
	dir := os.Getenv("TRIALKIT_SHOTS")
	if dir == "" {
		return
	}
	beyond := true
	shot := call(p, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &beyond})
	require.NoError(p.t, os.WriteFile(filepath.Join(dir, name+".png"), shot.Data, 0o644))
}
