// The compiled stages.

let module;

function inflated(packed) {
  return new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
}

/** Bytes that were compressed. */
export async function inflate(packed) {
  return new Uint8Array(await new Response(inflated(packed)).arrayBuffer());
}

/** Bytes in Base64. A loop: `Uint8Array.from` with a function takes ten times as long in a page that has just begun. */
function decoded(text) {
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = letters.charCodeAt(at);
  return bytes;
}

/** The module in Base64. Its script may come after this one, or not at all. */
async function text() {
  if (!globalThis.HEAP_LAB_MODULE && document.readyState !== "complete") {
    await new Promise(done => ["heap-lab-module", "load"].forEach(event => addEventListener(event, done, { once: true })));
  }
  if (!globalThis.HEAP_LAB_MODULE) throw new Error("its module is missing");
  return globalThis.HEAP_LAB_MODULE;
}

/** Compiles while the rest is still being inflated. */
async function unpack(text) {
  return WebAssembly.compileStreaming(new Response(inflated(decoded(text)), { headers: { "Content-Type": "application/wasm" } }));
}

/** The WebAssembly module, compiled once for all figures of a page. */
export function compiled() {
  module ??= text().then(unpack);
  return module;
}
