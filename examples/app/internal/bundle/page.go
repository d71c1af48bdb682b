package bundle

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// scripts are the page's modules in an order in which each stands behind those that
// it uses. They become one script: modules inside a page cannot name each other, and
// one script has one hash.
var scripts = []string{"dom.js", "words.js", "engine.js", "state.js", "table.js", "form.js", "report.js", "open.js", "claim.js", "ask.js", "read.js", "take.js", "main.js"}

var (
	importLine = regexp.MustCompile(`(?m)^import [^;]*;\n`)
	exportWord = regexp.MustCompile(`(?m)^export `)
	topName    = regexp.MustCompile(`(?m)^(?:export )?(?:async )?(?:function|const|let|class) (\w+)`)
)

// script joins the modules, whose names must differ.
func script(page fs.FS) (string, error) {
	var b strings.Builder
	b.WriteString("\"use strict\";\n(() => {\n")
	in := map[string]string{}
	for _, name := range scripts {
		src, err := fs.ReadFile(page, name)
		if err != nil {
			return "", err
		}
		for _, m := range topName.FindAllSubmatch(src, -1) {
			if other, twice := in[string(m[1])]; twice {
				return "", fmt.Errorf("%s: %s is a name in %s, too", name, m[1], other)
			}
			in[string(m[1])] = name
		}
		b.WriteString(exportWord.ReplaceAllString(importLine.ReplaceAllString(string(src), ""), ""))
	}
	b.WriteString("})();\n")
	return b.String(), nil
}

// words are the messages of the page in every language that has its own.
func words() (string, error) {
	out := map[string]map[string]string{}
	for _, lang := range text.Languages() {
		if strings.Contains(lang, "-") { // a variety says what its language says
			continue
		}
		c, err := text.In(lang)
		if err != nil {
			return "", err
		}
		of := map[string]string{}
		for _, code := range c.Codes() {
			if strings.HasPrefix(code, "app-") {
				of[code] = c.Message(code)
			}
		}
		out[lang] = of
	}
	b, err := json.Marshal(out) // escapes <, so that no word ends the element
	return string(b), err
}

// hash is a source of a content security policy.
func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Page makes the page. With inside it holds the program and may ask for nothing;
// else it loads trialkit.wasm from beside it.
func Page(page fs.FS, p Program, inside bool) ([]byte, error) {
	read := func(name string) (string, error) {
		b, err := fs.ReadFile(page, name)
		return string(b), err
	}
	template, err := read("index.html")
	if err != nil {
		return nil, err
	}
	style, err := read("app.css")
	if err != nil {
		return nil, err
	}
	worker, err := read("worker.js")
	if err != nil {
		return nil, err
	}
	code, err := script(page)
	if err != nil {
		return nil, err
	}
	said, err := words()
	if err != nil {
		return nil, err
	}
	program, connect := "", "'self'"
	if inside {
		connect = "'none'"
		var z bytes.Buffer
		w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(p.WASM); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		program = fmt.Sprintf(`<script type="text/plain" id="program" data-bytes="%d">%s</script>`, z.Len(), pack(z.Bytes()))
	}
	policy := "default-src 'none'; script-src " + hash(code) + " 'wasm-unsafe-eval'; worker-src blob:; style-src " + hash(style) +
		"; img-src data: blob:; font-src data:; connect-src " + connect + "; base-uri 'none'; form-action 'none'"
	parts := map[string]string{"policy": policy, "style": style, "script": code, "words": said, "licenses": p.Licenses,
		"worker": string(p.Runtime) + "\n" + worker, "program": program}
	for name, s := range parts {
		if name != "program" && strings.Contains(strings.ToLower(s), "</script") || name == "style" && strings.Contains(s, "</") {
			return nil, fmt.Errorf("%s would end its element", name)
		}
	}
	var b bytes.Buffer
	for rest := template; ; {
		before, after, found := strings.Cut(rest, "{{")
		b.WriteString(before)
		if !found {
			return b.Bytes(), nil
		}
		name, left, closed := strings.Cut(after, "}}")
		s, known := parts[name]
		if !closed || !known {
			return nil, fmt.Errorf("index.html: no part %q", name)
		}
		b.WriteString(s)
		rest = left
	}
}
