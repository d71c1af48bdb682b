// Package chromiumtest drives a browser, for the tests of plot and of publish.
package chromiumtest

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

// Program is the browser; tests that need it are left out where it is not
// installed.
const Program = "chromium"

// Browser is a browser driven by its DevTools protocol over a pair of pipes: JSON
// messages, each with a zero byte behind it.
type Browser struct {
	t       testing.TB
	out     *os.File
	in      *bufio.Reader
	next    int
	session string
}

// Start opens a browser with an empty page; environment holds further variables
// ("NAME=value") of its own.
func Start(t testing.TB, environment ...string) *Browser {
	t.Helper()
	fromUs, toBrowser, err := os.Pipe()
	require.NoError(t, err)
	fromBrowser, toUs, err := os.Pipe()
	require.NoError(t, err)
	cmd := exec.Command(Program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	cmd.Env = append(os.Environ(), environment...)
	cmd.ExtraFiles = []*os.File{fromUs, toUs} // its files 3 and 4
	require.NoError(t, cmd.Start())
	fromUs.Close()
	toUs.Close()
	c := &Browser{t: t, out: toBrowser, in: bufio.NewReaderSize(fromBrowser, 1<<20)}
	late := time.AfterFunc(4*time.Minute, func() { cmd.Process.Kill() })
	t.Cleanup(func() {
		c.session = ""
		c.Call("Browser.close", nil, nil)
		cmd.Wait()
		late.Stop()
		toBrowser.Close()
		fromBrowser.Close()
	})
	var target struct{ TargetID string }
	c.Call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	c.Call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	c.Call("Browser.grantPermissions", map[string]any{"permissions": []string{"clipboardReadWrite", "clipboardSanitizedWrite"}}, nil)
	c.session = attached.SessionID
	c.Call("Page.enable", nil, nil)
	c.Call("Page.bringToFront", nil, nil)
	return c
}

// message is what the browser writes: an answer with its number, or an event.
type message struct {
	ID     int
	Method string
	Result json.RawMessage
	Error  *struct{ Message string }
}

func (c *Browser) read() message {
	c.t.Helper()
	raw, err := c.in.ReadBytes(0)
	require.NoError(c.t, err) // fails where the browser has closed
	var m message
	require.NoError(c.t, json.Unmarshal(bytes.TrimSuffix(raw, []byte{0}), &m))
	return m
}

// Call sends a command, waits for its answer and reads it into result.
func (c *Browser) Call(method string, params map[string]any, result any) {
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

// Open loads a file and waits until it is shown.
func (c *Browser) Open(file string) {
	c.t.Helper()
	c.Call("Page.navigate", map[string]any{"url": "file://" + file}, nil)
	for c.read().Method != "Page.loadEventFired" {
	}
	c.Evaluate("document.fonts.ready.then(() => 1)", nil)
}

// Evaluate runs JavaScript as if a user had asked for it, and reads its value.
func (c *Browser) Evaluate(script string, value any) {
	c.t.Helper()
	var out struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	c.Call("Runtime.evaluate", map[string]any{"expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true}, &out)
	require.Empty(c.t, string(out.ExceptionDetails), script[:min(200, len(script))])
	if value != nil {
		require.NoError(c.t, json.Unmarshal(out.Result.Value, value))
	}
}

// Window sets the width and height of the window in CSS pixels, and light or
// dark.
func (c *Browser) Window(width, height int, scheme string) {
	c.t.Helper()
	c.Call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
	c.Call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]any{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// Screenshot is the whole page as PNG.
func (c *Browser) Screenshot() []byte {
	c.t.Helper()
	return c.data("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true})
}

// PDF prints the page; the size of the paper is in inches.
func (c *Browser) PDF(width, height float64) []byte {
	c.t.Helper()
	return c.data("Page.printToPDF", map[string]any{"paperWidth": width, "paperHeight": height, "preferCSSPageSize": true, "printBackground": true})
}

func (c *Browser) data(method string, params map[string]any) []byte {
	c.t.Helper()
	var out struct{ Data string }
	c.Call(method, params, &out)
	b, err := base64.StdEncoding.DecodeString(out.Data)
	require.NoError(c.t, err)
	return b
}
