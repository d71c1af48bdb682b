// The engine runs the program in a Worker. The program is compiled once; Stop ends the
// Worker, and the next one starts from what was compiled.

let compiled;
let worker;
let calls = new Map();
let next = 0;
let ready;
let first = null; // what every Worker is told before anything else

// Stopped is why a call that Stop has ended fails.
export class Stopped extends Error {}

// unpack reads the bytes that stand in the page as text, seven bits a character; one
// beyond ASCII is a character that a page cannot hold and the next seven bits.
function unpack(text, length) {
  const out = new Uint8Array(length + 2);
  const special = [0, 13, 60];
  let bits = 0;
  let have = 0;
  let n = 0;
  const put = (x) => {
    bits = ((bits << 7) | x) & 0x7fff;
    have += 7;
    if (have >= 8) {
      have -= 8;
      out[n++] = bits >> have;
    }
  };
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x80) {
      put(c);
    } else {
      put(special[(c - 0x80) >> 7]);
      put(c & 0x7f);
    }
  }
  return out.subarray(0, length);
}

// compile takes the program out of the page or, where it stands beside it, from there.
function compile() {
  const inside = document.getElementById("program");
  if (!inside) return WebAssembly.compileStreaming(fetch("trialkit.wasm"));
  const stream = new Blob([unpack(inside.textContent, Number(inside.dataset.bytes))]).stream().pipeThrough(new DecompressionStream("gzip"));
  inside.remove();
  return WebAssembly.compileStreaming(new Response(stream, { headers: { "Content-Type": "application/wasm" } }));
}

// start begins a Worker; it is done when the program answers.
export function start() {
  compiled ??= compile();
  const source = document.getElementById("worker").textContent;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const mine = new Worker(url);
  worker = mine;
  ready = new Promise((resolve, reject) => {
    mine.onerror = (e) => { reject(new Error(e.message)); fail(new Error(e.message)); };
    mine.onmessage = ({ data }) => {
      if (mine !== worker) return;
      if (data.ready) {
        URL.revokeObjectURL(url);
        if (first) send(...first()).catch(() => {});
        resolve();
      } else if (data.ended) {
        fail(new Error(data.error ?? "the program has ended"));
        start();
      } else {
        answer(data);
      }
    };
    compiled.then((module) => mine.postMessage({ module }), reject);
  });
  return ready;
}

function answer(data) {
  const call = calls.get(data.id);
  if (!call) return;
  if ("done" in data) {
    call.tell?.(data.done, data.total);
    return;
  }
  calls.delete(data.id);
  if (data.error !== undefined) call.reject(new Error(data.error));
  else call.resolve({ ...JSON.parse(data.answer), out: data.files });
}

function fail(error) {
  const open = calls;
  calls = new Map();
  for (const c of open.values()) c.reject(error);
}

// ask calls the program; tell hears how far it is.
export async function ask(call, request, files, tell) {
  const mine = ready;
  await mine;
  if (mine !== ready) throw new Stopped();
  return send(call, request, files, tell);
}

function send(call, request, files, tell) {
  next += 1;
  const id = next;
  return new Promise((resolve, reject) => {
    calls.set(id, { resolve, reject, tell });
    worker.postMessage({ id, call, request: JSON.stringify(request), files });
  });
}

// beginWith names the call that a new Worker gets before all others.
export function beginWith(call) {
  first = call;
}

// stop ends what is being done.
export function stop() {
  worker.terminate();
  fail(new Stopped());
  return start();
}
