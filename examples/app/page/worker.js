// The Worker: Go's own runtime stands before this. The page sends the compiled
// program once; from then on Go answers.
onmessage = async ({ data: { module } }) => {
  const go = new Go();
  const instance = await WebAssembly.instantiate(module, go.importObject);
  go.run(instance).then(() => postMessage({ ended: true }), (e) => postMessage({ ended: true, error: String(e) }));
};
