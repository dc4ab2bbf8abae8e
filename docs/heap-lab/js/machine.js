// One heap: an instance of the module, with text and records instead of places in its memory.
import { compiled } from "./module.js";

const RECORD = 32;
const STATES = ["used", "free", "meta", "lost"];
const NONE = 0xffffffff, WAITING = 0x80000000;

/** A place in a free list, in words: of the only list, of a bin's, or of a quick list's, which is of a size in granules. */
function place(rank, list) {
  if (rank === NONE) return undefined;
  if (list === 0) return String(rank + 1);
  return list >= WAITING ? `${rank + 1} of quick list ${8 * (list - WAITING)}` : `${rank + 1} of bin ${list}`;
}

export class Machine {
  static async create() {
    const machine = new Machine();
    machine.wasm = (await WebAssembly.instantiate(await compiled())).exports;
    return machine;
  }

  /** Passes text to the next call. */
  put(text) {
    const bytes = new TextEncoder().encode(text);
    const place = this.wasm.input(bytes.length);
    new Uint8Array(this.wasm.memory.buffer, place, bytes.length).set(bytes);
  }

  /** The text that the last call left. */
  get text() {
    return new TextDecoder().decode(new Uint8Array(this.wasm.memory.buffer, this.wasm.output(), this.wasm.output_len()));
  }

  /** The words that the last call left. */
  get words() {
    const view = new DataView(this.wasm.memory.buffer, this.wasm.output(), this.wasm.output_len());
    return Array.from({ length: view.byteLength / 4 }, (_, index) => view.getUint32(4 * index, true));
  }

  /** Takes the operations of a script, or the first of a `.rep` trace if there is a limit; throws what is wrong. */
  load(text, limit) {
    this.put(text);
    const n = limit === undefined ? this.wasm.load_script() : this.wasm.load_rep(limit);
    if (n < 0) throw new Error(this.text);
    return n;
  }

  /** Takes the operations of two threads: how many they are, or undefined with the reason as text. */
  threads(text) {
    this.put(text);
    const n = this.wasm.load_threads();
    return n < 0 ? undefined : n;
  }

  /** A new heap, before the first operation. */
  start(stage, heapLen, threshold) {
    this.put(stage);
    if (!this.wasm.start(heapLen, threshold)) throw new Error(`there is no stage “${stage}”`);
  }

  say(what, ...args) {
    this.wasm[what](...args);
    return this.text;
  }

  /** What lies where, in address order. */
  records() {
    const n = this.wasm.walk();
    const view = new DataView(this.wasm.memory.buffer, this.wasm.output(), n * RECORD);
    return Array.from({ length: n }, (_, index) => {
      const word = at => view.getUint32(index * RECORD + 4 * at, true);
      return { offset: word(0), size: word(1), overhead: word(2), state: STATES[word(3)], block: word(4) === NONE ? undefined : word(4), requested: word(5), place: place(word(6), word(7)) };
    });
  }

  metrics() {
    this.wasm.sums();
    const [heap, live, free, largest, metadata, waste, nLive, nFree] = this.words;
    return { heap, live, free, largest, metadata, waste, nLive, nFree };
  }

  /** A picture: its elements and its height. */
  draw(what, ...args) {
    const height = this.wasm[what](...args);
    return { height, body: this.text };
  }

  /** Everything that the instance is: its memory. */
  snapshot() {
    return this.wasm.memory.buffer.slice(0);
  }

  restore(snapshot) {
    const memory = new Uint8Array(this.wasm.memory.buffer);
    memory.set(new Uint8Array(snapshot));
    memory.fill(0, snapshot.byteLength);
  }
}
