// Command app makes the page in which a clinic reads its trial: no installation, no
// account, and no data that leave the machine.
//
//	go run ./examples/app
//	go run ./examples/app -open
//	go run ./examples/app -build DIR
//
// It builds the WebAssembly program with the installed Go and serves the page on this
// machine alone, on a free port that it prints; -open opens it in the browser. With
// -build it writes the page to DIR instead: trialkit.html, one file with everything
// inside, to be mailed or opened from a disk, and the folder trialkit for a web
// server, in which the program stands beside the page, also compressed with brotli.
//
// The page turns a file of data into a protocol that asks what no file tells, and the
// protocol into the report, its Word file, its results and its figures. It loads
// nothing once it is there, stores nothing, and sends nothing anywhere.
package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"time"

	"github.com/trialkit/trialkit/examples/app/internal/bundle"
	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/study/text"
)

//go:embed page
var pageFiles embed.FS

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := output.NewFlags("app", args, stderr)
	build := flags.String("build", "", flags.Say("flag-build"))
	plain := flags.Bool("plain", false, flags.Say("flag-plain"))
	open := flags.Bool("open", false, flags.Say("flag-open"))
	if status, done := flags.Parse(args); done {
		return status
	}
	if flags.NArg() > 0 || *build != "" && *open {
		return flags.Refuse("usage-app", nil)
	}
	program, err := bundle.Build(ctx, stderr)
	if err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	files, err := bundle.Files(pageFiles, program, *build != "", !*plain)
	if err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	if *build != "" {
		for _, f := range files {
			name := filepath.Join(*build, filepath.FromSlash(f.Name))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				return output.Fail(stderr, flags.Lang, err)
			}
			if err := os.WriteFile(name, f.Data, 0o644); err != nil {
				return output.Fail(stderr, flags.Lang, err)
			}
			fmt.Fprintf(stdout, "%9d  %s\n", len(f.Data), name)
		}
		return 0
	}
	if err := serve(ctx, files, func(url string) {
		fmt.Fprintln(stdout, flags.Words.Say("app-serving", text.Args{"url": url}))
		if *open {
			browse(url)
		}
	}); err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	return 0
}

// serve serves the folder on this machine until the context ends.
func serve(ctx context.Context, files []bundle.File, started func(url string)) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	for _, f := range files {
		mux.HandleFunc("GET /"+f.Served(), func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", f.Type())
			w.Header().Set("Cache-Control", "no-store")
			_, _ = w.Write(f.Data) // the browser has gone
		})
	}
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = s.Close() })
	started("http://" + l.Addr().String() + "/")
	if err := s.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// browse opens the page; where it cannot, its address has been printed.
func browse(url string) {
	program := map[string][]string{"darwin": {"open"}, "windows": {"rundll32", "url.dll,FileProtocolHandler"}}[runtime.GOOS]
	if program == nil {
		program = []string{"xdg-open"}
	}
	_ = exec.Command(program[0], append(program[1:], url)...).Start()
}
