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

/** Compiles while the rest is still being inflated. */
async function unpack(text) {
  return WebAssembly.compileStreaming(new Response(inflated(decoded(text)), { headers: { "Content-Type": "application/wasm" } }));
}

/** The WebAssembly module, compiled once for all figures of a page. */
export function compiled() {
  module ??= unpack(globalThis.HEAP_LAB_MODULE);
  return module;
}
