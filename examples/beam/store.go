package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	"github.com/trialkit/trialkit/study/simulate"
)

// Results are kept in a folder that all workers reach, or, where its name has a scheme
// such as gs://, in a store of objects by way of Beam's file systems: there an object
// appears when its writer is closed, whole.

func remote(out string) bool { return strings.Contains(out, "://") }

// stored gives the result in out/dir/name; where it is not there, run makes it, in a
// folder that it is told. What is there, run checks.
func stored(ctx context.Context, out, dir, name string, run func(dir string) (simulate.Result, error)) (r simulate.Result, there bool, err error) {
	if !remote(out) {
		dir = filepath.Join(out, dir)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return r, false, err
		}
		_, err := os.Stat(filepath.Join(dir, name))
		there = err == nil
		r, err = run(dir)
		return r, there, err
	}
	local, err := os.MkdirTemp("", "trialkit-*")
	if err != nil {
		return r, false, err
	}
	defer os.RemoveAll(local)
	at, object := filepath.Join(local, name), strings.TrimSuffix(out, "/")+"/"+dir+"/"+name
	if err := get(ctx, object, at); !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return r, false, err
		}
		there = true
	}
	if r, err = run(local); err == nil && !there {
		err = put(ctx, at, object)
	}
	return r, there, err
}

// write keeps a result as out/name, whatever was there.
func write(ctx context.Context, out, name string, r simulate.Result) error {
	if !remote(out) {
		return simulate.WriteResult(filepath.Join(out, name), r)
	}
	return withFile(func(at string) error {
		if err := simulate.WriteResult(at, r); err != nil {
			return err
		}
		return put(ctx, at, strings.TrimSuffix(out, "/")+"/"+name)
	})
}

// read reads it again.
func read(ctx context.Context, out, name string) (r simulate.Result, err error) {
	if !remote(out) {
		return simulate.ReadResult(filepath.Join(out, name))
	}
	err = withFile(func(at string) error {
		err := get(ctx, strings.TrimSuffix(out, "/")+"/"+name, at)
		if err == nil {
			r, err = simulate.ReadResult(at)
		}
		return err
	})
	return r, err
}

// withFile lends the path of a file that is removed afterwards.
func withFile(do func(at string) error) error {
	dir, err := os.MkdirTemp("", "trialkit-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return do(filepath.Join(dir, "result.json"))
}

// get copies an object into a file; fs.ErrNotExist where there is none.
func get(ctx context.Context, object, file string) error {
	store, err := filesystem.New(ctx, object)
	if err != nil {
		return err
	}
	defer store.Close()
	list, err := store.List(ctx, object)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return &fs.PathError{Op: "open", Path: object, Err: fs.ErrNotExist}
	}
	from, err := store.OpenRead(ctx, object)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.Create(file)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// put copies a file into an object. One that is not written to its end is given up: the
// context of its writer ends before it is closed.
func put(ctx context.Context, file, object string) error {
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	store, err := filesystem.New(ctx, object)
	if err != nil {
		return err
	}
	defer store.Close()
	from, err := os.Open(file)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := store.OpenWrite(ctx, object)
	if err != nil {
		return err
	}
	if _, err = io.Copy(to, from); err != nil {
		giveUp()
		return errors.Join(err, to.Close())
	}
	return to.Close()
}
