package publish

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// chromium drives a browser by its DevTools protocol over a pair of pipes: JSON
// messages, each with a zero byte behind it.
type chromium struct {
	t       testing.TB
	out     *os.File
	in      *bufio.Reader
	next    int
	session string
}

// startChromium opens a browser with an empty page; the test is left out where
// none is installed.
func startChromium(t testing.TB) *chromium {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	fromUs, toBrowser, err := os.Pipe()
	require.NoError(t, err)
	fromBrowser, toUs, err := os.Pipe()
	require.NoError(t, err)
	cmd := exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	cmd.ExtraFiles = []*os.File{fromUs, toUs} // its files 3 and 4
	require.NoError(t, cmd.Start())
	fromUs.Close()
	toUs.Close()
	c := &chromium{t: t, out: toBrowser, in: bufio.NewReaderSize(fromBrowser, 1<<20)}
	late := time.AfterFunc(4*time.Minute, func() { cmd.Process.Kill() })
	t.Cleanup(func() {
		c.session = ""
		c.call("Browser.close", nil, nil)
		cmd.Wait()
		late.Stop()
		toBrowser.Close()
		fromBrowser.Close()
	})
	var target struct{ TargetID string }
	c.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	c.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	c.call("Browser.grantPermissions", map[string]any{"permissions": []string{"clipboardReadWrite", "clipboardSanitizedWrite"}}, nil)
	c.session = attached.SessionID
	c.call("Page.enable", nil, nil)
	c.call("Page.bringToFront", nil, nil)
	return c
}

// message is what the browser writes: an answer with its number, or an event.
type message struct {
	ID     int
	Method string
	Result json.RawMessage
	Error  *struct{ Message string }
}

func (c *chromium) read() message {
	c.t.Helper()
	raw, err := c.in.ReadBytes(0)
	require.NoError(c.t, err, "the browser closed")
	var m message
	require.NoError(c.t, json.Unmarshal(bytes.TrimSuffix(raw, []byte{0}), &m))
	return m
}

// call sends a command, waits for its answer and reads it into result.
func (c *chromium) call(method string, params map[string]any, result any) {
	c.t.Helper()
	c.next++
	id := c.next
	command := map[string]any{"id": id, "method": method}
	if params != nil {
		command["params"] = params
	}
	if c.session != "" {
		command["sessionId"] = c.session
	}
	raw, err := json.Marshal(command)
	require.NoError(c.t, err)
	_, err = c.out.Write(append(raw, 0))
	require.NoError(c.t, err)
	for {
		m := c.read()
		if m.ID != id {
			continue // an event that nobody waits for
		}
		require.Nil(c.t, m.Error, "%s: %+v", method, m.Error)
		if result != nil {
			require.NoError(c.t, json.Unmarshal(m.Result, result))
		}
		return
	}
}

// open loads a file and waits until it is shown.
func (c *chromium) open(file string) {
	c.t.Helper()
	c.call("Page.navigate", map[string]any{"url": "file://" + file}, nil)
	for c.read().Method != "Page.loadEventFired" {
	}
	c.evaluate("document.fonts.ready.then(() => 1)", nil)
}

// evaluate runs JavaScript as if a user had asked for it, and reads its value.
func (c *chromium) evaluate(script string, value any) {
	c.t.Helper()
	var out struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	c.call("Runtime.evaluate", map[string]any{"expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true}, &out)
	require.Empty(c.t, string(out.ExceptionDetails), script[:min(200, len(script))])
	if value != nil {
		require.NoError(c.t, json.Unmarshal(out.Result.Value, value))
	}
}

// window sets the width and height of the window in CSS pixels, and light or
// dark.
func (c *chromium) window(width, height int, scheme string) {
	c.t.Helper()
	c.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
	c.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]any{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// screenshot is the whole page as PNG.
func (c *chromium) screenshot() []byte {
	c.t.Helper()
	return c.data("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true})
}

// pdf prints the page; the size of the paper is in inches.
func (c *chromium) pdf(width, height float64) []byte {
	c.t.Helper()
	return c.data("Page.printToPDF", map[string]any{"paperWidth": width, "paperHeight": height, "preferCSSPageSize": true, "printBackground": true})
}

func (c *chromium) data(method string, params map[string]any) []byte {
	c.t.Helper()
	var out struct{ Data string }
	c.call(method, params, &out)
	b, err := base64.StdEncoding.DecodeString(out.Data)
	require.NoError(c.t, err)
	return b
}
