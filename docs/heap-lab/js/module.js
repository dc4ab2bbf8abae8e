// The compiled stages.

let module;

/** Bytes that were compressed. */
export async function inflate(packed) {
  const full = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(full).arrayBuffer());
}

async function unpack(text) {
  return WebAssembly.compile(await inflate(Uint8Array.from(atob(text), letter => letter.charCodeAt(0))));
}

/** The WebAssembly module, compiled once for all figures of a page. */
export function compiled() {
  module ??= unpack(globalThis.HEAP_LAB_MODULE);
  return module;
}
