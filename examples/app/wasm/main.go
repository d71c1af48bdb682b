//go:build js

// Command wasm is the program in the page of examples/app. It runs in a Worker and
// answers the messages that the page sends: {id, call, request, files}.
package main

import (
	"runtime/debug"
	"syscall/js"

	"github.com/trialkit/trialkit/examples/app/internal/desk"
)

// memory is what the program may use before it collects garbage more often than
// every time its data have doubled, in bytes.
const memory = 48 << 20

func main() {
	debug.SetMemoryLimit(memory)
	worker := js.Global()
	requests := make(chan js.Value, 16)
	worker.Set("onmessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		requests <- args[0].Get("data")
		return nil
	}))
	d := &desk.Desk{}
	worker.Call("postMessage", map[string]any{"ready": true})
	for m := range requests {
		id := m.Get("id")
		d.Tell = func(done, total int) {
			worker.Call("postMessage", map[string]any{"id": id, "done": done, "total": total})
		}
		answer, out, err := d.Call(m.Get("call").String(), []byte(m.Get("request").String()), received(m.Get("files")))
		reply := map[string]any{"id": id}
		if err != nil {
			reply["error"] = err.Error()
		} else {
			reply["answer"] = string(answer)
			list, bytes := sent(out)
			reply["files"] = list
			worker.Call("postMessage", reply, bytes)
			continue
		}
		worker.Call("postMessage", reply)
	}
}

// received are the files beside a request.
func received(list js.Value) []desk.File {
	if list.IsUndefined() {
		return nil
	}
	var out []desk.File
	for i := range list.Length() {
		f := list.Index(i)
		b := make([]byte, f.Get("data").Length())
		js.CopyBytesToGo(b, f.Get("data"))
		out = append(out, desk.File{Name: f.Get("name").String(), Data: b})
	}
	return out
}

// sent are the files beside an answer, and their bytes, which the page takes over.
func sent(list []desk.File) (files, bytes []any) {
	files, bytes = []any{}, []any{}
	for _, f := range list {
		a := js.Global().Get("Uint8Array").New(len(f.Data))
		js.CopyBytesToJS(a, f.Data)
		files = append(files, map[string]any{"name": f.Name, "data": a})
		bytes = append(bytes, a.Get("buffer"))
	}
	return files, bytes
}
