// The compiled stages.

let module;

async function unpack(text) {
  const packed = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return WebAssembly.compile(await new Response(unpacked).arrayBuffer());
}

/** The WebAssembly module, compiled once for all figures of a page. */
export function compiled() {
  module ??= unpack(globalThis.HEAP_LAB_MODULE);
  return module;
}
