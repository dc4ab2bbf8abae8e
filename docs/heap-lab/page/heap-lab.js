// Made by `cargo xtask figures` from docs/heap-lab/js.
(() => {
"use strict";
const modules = {};
modules.dom = (() => {
// Elements.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; `on…` attributes are listeners, and `undefined` ones are left out. */
function make(tag, attributes = {}, ...children) {
  const element = ["svg", "path", "rect"].includes(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** A button with a name; `label` is what it shows, where that is no name. */
function button(name, onclick, label = name) {
  return make("button", { type: "button", onclick, "aria-label": label === name ? undefined : name, title: label === name ? undefined : name }, label);
}

/** Does something as soon as all of the page is there. */
function whenParsed(run) {
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", run, { once: true });
  else run();
}

const thousands = number => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
return { make, button, whenParsed, thousands };
})();
modules.module = (() => {
// The compiled stages.

let module;

function inflated(packed) {
  return new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
}

/** Bytes that were compressed. */
async function inflate(packed) {
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
function compiled() {
  module ??= text().then(unpack);
  return module;
}
return { inflate, compiled };
})();
modules.machine = (() => {
// One heap: an instance of the module, with text and records instead of places in its memory.
const { compiled } = modules.module;

const RECORD = 32;
const STATES = ["used", "free", "meta", "lost"];
const NONE = 0xffffffff, WAITING = 0x80000000;

/** A place in a free list, in words: of the only list, of a bin's, or of a quick list's, which is of a size in granules. */
function place(rank, list) {
  if (rank === NONE) return undefined;
  if (list === 0) return String(rank + 1);
  return list >= WAITING ? `${rank + 1} of quick list ${8 * (list - WAITING)}` : `${rank + 1} of bin ${list}`;
}

class Machine {
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
return { Machine };
})();
modules.player = (() => {
// Heaps of several stages on the same operations, at the same moment: the state is a function of the trace and an index.
const { Machine } = modules.machine;

/** Operations between two snapshots, at least. */
const STRIDE = 256;
/** Bytes of all snapshots of a stage, at most. */
const KEPT = 64 << 20;
/** Bytes of a heap, at most. */
const LARGEST = 64 << 20;

class Player {
  static async create(stages) {
    const player = new Player();
    player.stages = stages;
    player.machines = await Promise.all(stages.map(() => Machine.create()));
    player.index = 0;
    return player;
  }

  /** Takes operations; `heap` 0 is half more than they have live at most. */
  load(text, { heap, thresholds, limit }) {
    for (const machine of this.machines) this.length = machine.load(text, limit);
    const [{ wasm }] = this.machines;
    const fitting = Math.ceil((1.5 * wasm.peak() + 8192) / 4096) * 4096;
    this.heap = Math.max(16, Math.min(heap || fitting, LARGEST));
    this.nLeftOut = wasm.n_left_out();
    this.stages.forEach((stage, index) => this.machines[index].start(stage, this.heap, thresholds[index]));
    this.snapshots = this.machines.map(machine => [[0, this.length > STRIDE ? machine.snapshot() : undefined]]);
    this.thresholds = thresholds;
    this.index = 0;
    const n = Math.max(2, Math.floor(KEPT / wasm.memory.buffer.byteLength));
    this.stride = Math.max(STRIDE, Math.ceil(this.length / n));
  }

  /** Goes to the moment after `index` operations. */
  go(index) {
    const to = Math.max(0, Math.min(this.length, index));
    this.machines.forEach((machine, number) => this.move(machine, number, to));
    this.index = to;
  }

  move(machine, number, to) {
    const kept = this.snapshots[number];
    let at = this.index;
    const [before, snapshot] = kept.findLast(([moment]) => moment <= to);
    if (to < at || before > at) {
      if (snapshot) machine.restore(snapshot);
      else machine.start(this.stages[number], this.heap, this.thresholds[number]);
      at = before;
    }
    while (at < to) {
      const next = Math.min(to, at - at % this.stride + this.stride);
      at = machine.wasm.run(next - at);
      if (at % this.stride === 0 && at > kept.at(-1)[0]) kept.push([at, machine.snapshot()]);
    }
  }

  op(index) {
    return this.machines[0].say("op_text", index);
  }

  ops(to) {
    return Array.from({ length: to }, (_, index) => this.op(index));
  }

  /** What the last operation did, stage by stage. */
  said() {
    return this.machines.map(machine => machine.say("last"));
  }
}
return { Player };
})();
modules.canvas = (() => {
// A heap of many blocks: colours and hatching on a canvas, without names.

const HEIGHT = 240, ROW = 12;

/** A colour of the page's theme. */
function themed(element, name) {
  element.style.color = `var(--lab-${name})`;
  return getComputedStyle(element).color;
}

/** The fill of a state: its colour, hatched if it is free. */
function fill(context, element, state) {
  const colour = themed(element, state);
  if (state !== "free") return colour;
  const tile = new OffscreenCanvas(6, 6), ink = tile.getContext("2d");
  ink.fillStyle = colour;
  ink.fillRect(0, 0, 6, 6);
  ink.strokeStyle = themed(element, "line");
  ink.beginPath();
  ink.moveTo(0, 6);
  ink.lineTo(6, 0);
  ink.stroke();
  return context.createPattern(tile, "repeat");
}

/** Draws the records in rows of equal length; the table below the figure has their names. */
function paint(canvas, records, width) {
  canvas.width = width;
  canvas.height = HEIGHT;
  const context = canvas.getContext("2d");
  const fills = Object.fromEntries(["used", "free", "meta", "lost"].map(state => [state, fill(context, canvas, state)]));
  const total = records.reduce((sum, one) => sum + one.size, 0), nRows = HEIGHT / ROW, perRow = total / nRows;
  let at = 0;
  for (const { size, state } of records) {
    context.fillStyle = fills[state];
    const end = at + size;
    while (at < end) {
      const row = Math.min(nRows - 1, Math.floor(at / perRow + 1e-9));
      const to = row === nRows - 1 ? end : Math.min(end, (row + 1) * perRow);
      context.fillRect((at - row * perRow) / perRow * width, row * ROW, Math.max(.5, (to - at) / perRow * width - .3), ROW - 2);
      at = to > at ? to : end;
    }
  }
}
return { paint };
})();
modules.table = (() => {
// Tables: all blocks, and the bytes of one.
const { make, thousands } = modules.dom;

const MOST = 1000;

/** A table that scrolls in a region of its own, named after its figure. */
function table([figure, caption], names, rows) {
  const head = make("tr", {}, ...names.map(name => make("th", { scope: "col" }, name)));
  const body = rows.map(row => make("tr", {}, ...row.map(cell => make("td", {}, cell))));
  return make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `${figure}: ${caption}` },
    make("table", {}, make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...body)));
}

/** Every block of a heap; `choose` is called with the offset of one. */
function blocks(machine, records, [figure, caption], choose) {
  const rows = records.slice(0, MOST).map(one => [
    make("button", { type: "button", class: "plain", "aria-label": `bytes of the block at ${one.offset}`, onclick: () => choose(one.offset) }, String(one.offset)),
    thousands(one.size), one.state === "meta" ? "metadata" : one.state,
    one.block === undefined ? "" : machine.say("name", one.block),
    one.state === "used" ? thousands(one.requested) : "",
    one.place ?? "",
  ]);
  const left = records.length - MOST;
  const part = left > 0 ? `: the first ${thousands(MOST)} of ${thousands(records.length)}` : "";
  return table([figure, caption + part],
    ["at", "bytes", "state", "block", "asked for", "in the list"], rows);
}

/** The fields of the block at an offset: what it is, and its bytes. */
function fields(machine, offset, figure) {
  const [what, ...lines] = machine.say("decode", offset).split("\n");
  if (!what) return undefined;
  const rows = lines.map(line => line.split("\t")).map(([at, hex, name, meaning]) => [at, make("code", {}, hex), name, meaning]);
  return table([figure, what], ["at", "bytes", "field", "says"], rows);
}
return { table, blocks, fields };
})();
modules.adversary = (() => {
// A player against the stage: fills the heap with equal blocks, frees every second one, and asks for twice as much.

const SIZE = 40;
const MOST = 400;

/** The adversary's operations against the heap of `player`, which it plays at once. */
function play(player, options) {
  const fills = Array.from({ length: MOST }, (_, index) => `v${index} = malloc ${SIZE}`);
  player.load(fills.join("; "), options);
  player.go(MOST);
  const n = Math.max(2, player.machines[0].records().filter(one => one.block !== undefined).length);
  const script = fills.slice(0, n);
  for (let index = 0; index < n; index += 2) script.push(`free v${index}`);
  script.push(`big = malloc ${2 * SIZE}`);
  return script.join("; ");
}

/** What came of it, for the first heap. */
function result(player) {
  const { free, largest, nFree, nLive } = player.machines[0].metrics();
  const isServed = player.machines[0].records().some(one => one.block !== undefined && player.machines[0].say("name", one.block) === "big");
  return `The adversary leaves ${nLive} live blocks and ${nFree} free ${nFree === 1 ? "one" : "ones"}, and asks for ${2 * SIZE} bytes: ${isServed ? "it is served" : `it is refused, with ${free} bytes free`}. The largest free block has ${largest} bytes.`;
}
return { play, result };
})();
modules.link = (() => {
// Links to a state: #figure@5, or with its own operations #figure@5!1024!a%20%3D%20malloc%2024
const { whenParsed } = modules.dom;

/** The state that the page's address names for the figure `id`. */
function read(id, hash = location.hash) {
  const [name, rest] = decodeURIComponent(hash.slice(1).split("!")[0]).split("@");
  if (name !== id || rest === undefined || !/^\d+$/.test(rest)) return undefined;
  const [, heap, script] = hash.split("!");
  return { index: Number(rest), heap: /^\d+$/.test(heap) ? Number(heap) : undefined, script: script && decodeURIComponent(script) };
}

function write(id, { index, heap, script }) {
  return `#${id}@${index}${script === undefined ? "" : `!${heap}!${encodeURIComponent(script)}`}`;
}

/** Marks the links of the text that name the figure's present state. */
function mark(id, index) {
  whenParsed(() => markNow(id, index));
}

function markNow(id, index) {
  for (const link of document.querySelectorAll(`a[href^="#${id}@"]`)) {
    if (link.getAttribute("href") === `#${id}@${index}`) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
  }
}
return { read, write, mark };
})();
modules.recorded = (() => {
// Recorded traces: the compact format of docs/src/traces.md, version 2, as the lines of a .rep file.
const { inflate } = modules.module;

const MAGIC = [0x89, 0x41, 0x4c, 0x4c, 0x4f, 0x43, 0x0d, 0x0a], VERSION = 2;
const HEADER = 20, RECORD = 36;
const PLAIN_ALIGN = 8;

/** Whether bytes begin as such a trace does. */
const isRecorded = bytes => MAGIC.every((byte, index) => bytes[index] === byte);

/** The calls of a frame: numbers of seven bits a byte, the lowest first. */
function* calls(bytes, nCalls, firstBlock) {
  let at = 0, nBlocks = firstBlock;
  const number = () => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("a frame is cut short");
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  for (let call = 0; call < nCalls; call++) {
    const first = number(), rest = Math.floor(first / 4);
    const kind = first % 4;
    if (kind === 1) yield `f ${nBlocks - rest}`;
    else if (kind === 2) yield `r ${nBlocks - rest} ${number()}`;
    else {
      const align = kind === 3 ? 2 ** (number() >> 1) : PLAIN_ALIGN;
      yield `a ${nBlocks++} ${rest}${align > PLAIN_ALIGN ? ` ${align}` : ""}`;
    }
  }
}

/** The first `most` calls as lines, and how many more there are; throws what is wrong with the bytes. */
async function lines(bytes, most) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER) throw new Error("the file ends in its header");
  if (view.getUint16(8, true) !== VERSION) throw new Error(`it is of version ${view.getUint16(8, true)} of the format, and a page reads version ${VERSION}`);
  const text = [];
  let at = HEADER + view.getUint32(12, true), nCalls = 0;
  while (at + RECORD <= bytes.length) {
    const tag = String.fromCharCode(...bytes.subarray(at, at + 4)), [nItems, packed] = [4, 8].map(offset => view.getUint32(at + offset, true));
    const content = bytes.subarray(at + RECORD, at + RECORD + packed);
    if (!["CALL", "LIVE", "INDX"].includes(tag) || content.length < packed) throw new Error(`it is damaged or cut short after ${nCalls} calls`);
    if (tag === "CALL" && text.length < most) {
      const frame = calls(await inflate(content), nItems, Number(view.getBigUint64(at + 24, true)));
      while (text.length < most) {
        const { value, done } = frame.next();
        if (done) break;
        text.push(value);
      }
    }
    if (tag === "CALL") nCalls += nItems;
    at += RECORD + packed;
  }
  return { text: text.join("\n"), nMore: nCalls - text.length };
}
return { isRecorded, lines };
})();
modules.file = (() => {
// Traces from files.
const { isRecorded, lines } = modules.recorded;

/** Operations that a page shows unless it is asked for more. */
const SHOWN = 20_000;
/** Operations that a page shows at most. */
const MOST = 200_000;
const LARGEST = 32 << 20;

/** The calls in a file as lines, and how many more it has; throws what keeps it from being shown. */
async function read(file) {
  if (file.size > LARGEST) throw new Error(`${file.name} has ${Math.round(file.size / (1 << 20))} MiB; a page reads at most ${LARGEST >> 20}. “cargo xtask trace cut” makes a shorter trace.`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (isRecorded(bytes)) {
    try {
      return await lines(bytes, MOST);
    } catch (error) {
      throw new Error(`${file.name} cannot be read: ${error.message}. “cargo xtask trace info” says more.`);
    }
  }
  if (bytes.includes(0)) throw new Error(`${file.name} is neither a recorded trace nor text. “cargo xtask trace import” reads other formats.`);
  return { text: new TextDecoder().decode(bytes), nMore: 0 };
}
return { SHOWN, MOST, read };
})();
modules.controls = (() => {
// The controls of every figure: step, scrub, play; the same with the keyboard.
const { button, make, thousands } = modules.dom;

const BEAT = 800;

/** Buttons and a slider over the moments 0 to `length`; `go` is called with the moment that is asked for. */
class Controls {
  constructor(name, go) {
    this.go = go;
    this.index = this.length = 0;
    this.slider = make("input", { type: "range", min: 0, step: 1, "aria-label": `${name}: moment`, oninput: () => this.move(Number(this.slider.value)) });
    this.count = make("span", { class: "count" });
    this.player = button("Play", () => this.toggle(), "▶ play");
    this.element = make("div", { class: "controls" },
      button("First", () => this.move(0), "|◀"), button("Back", () => this.move(this.index - 1), "◀ back"),
      button("Step", () => this.move(this.index + 1), "step ▶"), button("Last", () => this.move(this.length), "▶|"),
      this.player, this.slider, this.count);
  }

  move(index) {
    this.stop();
    this.go(Math.max(0, Math.min(this.length, index)));
  }

  /** Shows a moment. */
  set(index, length) {
    Object.assign(this, { index, length });
    this.slider.max = length;
    this.slider.value = index;
    this.slider.setAttribute("aria-valuetext", `${index} of ${length}`);
    this.count.textContent = `${thousands(index)} of ${thousands(length)}`;
  }

  toggle() {
    if (this.beat) return this.stop();
    if (this.index === this.length) this.go(0);
    this.name("Pause", "❚❚ pause");
    this.beat = setInterval(() => {
      this.go(this.index + 1);
      if (this.index === this.length) this.stop();
    }, BEAT);
  }

  stop() {
    clearInterval(this.beat);
    this.beat = undefined;
    this.name("Play", "▶ play");
  }

  name(name, label) {
    this.player.textContent = label;
    this.player.setAttribute("aria-label", name);
    this.player.title = name;
  }

  /** Answers a key; returns whether it was one of ours. */
  key(event) {
    const isTyped = event.target.matches("input:not([type=range])"), isPressed = event.target.matches("button, summary, a");
    if (isTyped || event.ctrlKey || event.altKey || event.metaKey) return false;
    const far = event.shiftKey ? 10 : 1;
    const to = { ArrowLeft: this.index - far, ArrowDown: this.index - far, ArrowRight: this.index + far, ArrowUp: this.index + far, Home: 0, End: this.length }[event.key];
    if (to !== undefined) this.move(to);
    else if (event.key === " " && !isPressed) this.toggle();
    else return false;
    event.preventDefault();
    return true;
  }
}
return { Controls };
})();
modules.drag = (() => {
// Dragging with a mouse, a pen or a finger.
const { make } = modules.dom;

/** Pixels up to which a press is a press. */
const NEAR = 4;

/**
 * Lets what lies in `element` be dragged. `begin` is called with a press; it returns undefined for what cannot be dragged,
 * or { label, zone, drop }: a function that says what is being done, the selector of where it can be let go (none if
 * anywhere), and a function that does it. Both functions get the event and the pixels to the right of the press.
 */
function drags(element, begin) {
  const ghost = make("div", { class: "ghost", "aria-hidden": "true" });
  let drag;

  const zone = event => drag.zone && document.elementFromPoint(event.clientX, event.clientY)?.closest(drag.zone);
  const mark = over => {
    element.querySelectorAll(".is-over").forEach(one => one.classList.remove("is-over"));
    over?.classList.add("is-over");
  };
  const end = () => {
    if (!drag) return;
    mark(undefined);
    ghost.remove();
    element.classList.remove("is-dragging");
    drag = undefined;
  };

  element.addEventListener("pointerdown", event => {
    if (event.button !== 0 || !event.isPrimary) return;
    const found = begin(event);
    drag = found && { ...found, id: event.pointerId, x: event.clientX, y: event.clientY };
  });
  element.addEventListener("pointermove", event => {
    if (event.pointerId !== drag?.id) return;
    const right = event.clientX - drag.x;
    if (!drag.isMoving) {
      if (Math.hypot(right, event.clientY - drag.y) < NEAR) return;
      drag.isMoving = true;
      element.setPointerCapture(drag.id);
      element.classList.add("is-dragging");
      element.append(ghost);
    }
    ghost.textContent = drag.label(event, right);
    ghost.style.left = `${event.clientX + 12}px`;
    ghost.style.top = `${event.clientY + 12}px`;
    const over = zone(event);
    mark(element.contains(over ?? null) ? over : undefined);
  });
  element.addEventListener("pointerup", event => {
    if (event.pointerId !== drag?.id) return;
    const { isMoving, drop } = drag, over = isMoving && zone(event), isThere = !drag.zone || element.contains(over || null), right = event.clientX - drag.x;
    end();
    if (isMoving && isThere) drop(event, right, over);
  });
  element.addEventListener("pointercancel", end);
  element.addEventListener("keydown", event => { if (event.key === "Escape") end(); });
}
return { drags };
})();
modules.tray = (() => {
// What can be dragged in a figure of heaps: a request to a map, a block to “free”, the end of a block to another size.
const { drags } = modules.drag;
const { make } = modules.dom;

/** Bytes by which a size changes. */
const STEP = 8;

class Tray {
  constructor(figure) {
    this.figure = figure;
    this.bytes = make("input", { type: "number", name: "bytes", min: 0, max: 1 << 24, step: STEP, value: 24, oninput: () => this.name() });
    this.word = make("span");
    this.request = make("button", { type: "button", class: "request", title: "drag it to a map, or its end to another size", onclick: () => this.allocate() }, this.word, make("span", { class: "grip", "aria-hidden": "true" }));
    this.element = make("div", { class: "tray", role: "group", "aria-label": `${figure.name}: operations to drag` },
      make("label", {}, "Bytes ", this.bytes), this.request, make("div", { class: "free-here" }, "free: drop a block here, or press Delete on it"));
    this.name();
    drags(figure.element, event => figure.isTrace ? undefined : this.begin(event));
  }

  get size() {
    return Math.max(0, Math.floor(Number(this.bytes.value)) || 0);
  }

  name() {
    this.word.textContent = `malloc ${this.size}`;
  }

  allocate() {
    this.figure.attempt(() => this.figure.append(`${this.figure.unused()} = malloc ${this.size}`));
  }

  /** What a press can become. */
  begin({ target }) {
    const block = target.closest(".used-block");
    if (block) return target.closest(".grip") ? this.resizing(block, target) : this.freeing(block);
    if (target.closest(".request .grip")) return this.sizing();
    if (target.closest(".request")) return { zone: ".map", label: () => `malloc ${this.size}`, drop: () => this.allocate() };
    return undefined;
  }

  freeing(block) {
    const { name } = this.figure.blockOf(block);
    return name && { zone: ".free-here", label: () => `free ${name}`, drop: () => this.figure.attempt(() => this.figure.append(`free ${name}`)) };
  }

  resizing(block, grip) {
    const { name, requested } = this.figure.blockOf(block), scale = Number(grip.dataset.scale);
    const op = right => `realloc ${name} ${stepped(requested, right / scale)}`;
    return name && { label: (_, right) => op(right), drop: (_, right) => this.figure.attempt(() => this.figure.append(op(right))) };
  }

  sizing() {
    const { size } = this;
    const set = (_, right) => {
      this.bytes.value = stepped(size, right);
      this.name();
      return this.word.textContent;
    };
    return { label: set, drop: set };
  }
}

/** A size that is changed by some bytes, in whole steps. */
function stepped(size, by) {
  return Math.max(0, size + Math.round(by / STEP) * STEP);
}
return { Tray, stepped };
})();
modules.heap = (() => {
// A figure of heaps: one script on one stage or several, in lockstep.
const { play, result } = modules.adversary;
const { paint } = modules.canvas;
const { Controls } = modules.controls;
const { button, make, thousands } = modules.dom;
const { MOST, SHOWN, read: readFile } = modules.file;
const { mark, read, write } = modules.link;
const { Player } = modules.player;
const { blocks, fields } = modules.table;
const { Tray, stepped } = modules.tray;

/** Blocks up to which a map is SVG. */
const DRAWN = 500;
/** Blocks up to which Tab goes from one to the next. */
const STOPS = 100;
/** Rows of a map, at most, where the page says how long one is. */
const MOST_ROWS = 16;

class HeapFigure {
  static async create(host, number) {
    const figure = new HeapFigure();
    Object.assign(figure, { host, number, id: host.id, name: host.getAttribute("caption") });
    figure.player = await Player.create(host.getAttribute("stages").split(" "));
    figure.build();
    figure.reset();
    figure.follow();
    return figure;
  }

  attribute(name, or) {
    return this.host.hasAttribute(name) ? Number(this.host.getAttribute(name)) : or;
  }

  build() {
    this.controls = new Controls(this.name, index => this.show(index));
    this.live = make("p", { class: "live", role: "status", "aria-live": "polite" });
    this.error = make("p", { class: "error", role: "alert" });
    const cuts = (this.host.getAttribute("threshold") ?? "0").split(" ").map(Number);
    this.thresholds = this.player.stages.map((_, number) => cuts[number] ?? cuts.at(-1));
    this.rows = this.player.stages.map((stage, number) => this.row(this.thresholds[number] ? `${stage} cut from ${this.thresholds[number]} B on` : stage));
    this.bytes = make("div", { class: "bytes" });
    this.table = make("details", { class: "table", ontoggle: () => this.tabulate() }, make("summary", {}, "All blocks as a table"), make("div"));
    this.element = make("div", { class: "lab", role: "group", "aria-label": this.name, onkeydown: event => this.key(event),
      ondragover: event => event.preventDefault(), ondrop: event => this.drop(event) },
    make("p", { class: "caption" }, this.name), this.controls.element, this.live, this.error,
    ...this.rows.map(row => row.element));
    this.tray = new Tray(this);
    this.element.append(this.tray.element, this.bytes, this.entry(), this.table);
  }

  row(name) {
    const row = { name, map: make("div", { class: "map" }), metrics: make("p", { class: "metrics" }), said: make("p", { class: "said" }) };
    const isAlone = this.player.stages.length === 1;
    row.map.addEventListener("click", event => this.click(row, event));
    row.map.addEventListener("dblclick", event => event.preventDefault());
    row.element = make("div", { role: "group", "aria-label": name }, make("p", { class: "stage" }, name), ...isAlone ? [] : [row.said], row.map, row.metrics);
    return row;
  }

  /** What a reader does to the heap: operations, an adversary, a trace, another size. */
  entry() {
    this.input = make("input", { type: "text", name: "operation", size: 24, autocomplete: "off", spellcheck: "false", placeholder: "malloc 24" });
    this.heap = make("input", { type: "number", name: "heap", min: 0, max: 64 << 20, step: 64 });
    const file = make("input", { type: "file", accept: ".trace,.rep,.txt", onchange: () => this.open(file.files[0]) });
    const form = make("form", { onsubmit: event => { event.preventDefault(); this.type(); } }, make("label", {}, "Operation ", this.input), make("button", {}, "Do it"));
    const resize = make("form", { onsubmit: event => { event.preventDefault(); this.attempt(() => this.load({ ...this.source, heap: Number(this.heap.value) }, 0)); } },
      make("label", {}, "Heap in bytes ", this.heap), make("button", {}, "Start again with it"));
    return make("details", { class: "entry" }, make("summary", {}, "Do it yourself"),
      make("p", {}, "Write an operation (malloc 24, malloc 24 align 64, free a, realloc a 80, reset, trim 0), or press a block twice, or once with Delete, to free it; + and − resize it. A mouse drags blocks to “free”, their ends to another size, and a request to a map. Each is done at the present moment; what came after it is dropped."),
      form, resize,
      make("p", { class: "buttons" }, button("Let an adversary play", () => this.attempt(() => this.challenge())), button("Back to the beginning", () => this.attempt(() => this.reset())), button("Link to this state", () => this.link())),
      make("label", {}, "A trace, recorded (.trace) or of the malloc lab (.rep), here or dropped on the figure ", file), this.more = make("p", { class: "more" }));
  }

  /** Runs what may fail for the reader's reasons, and says why. */
  async attempt(run) {
    this.error.textContent = "";
    try {
      await run();
    } catch (error) {
      this.error.textContent = error.message;
    }
  }

  options({ heap, limit }) {
    return { heap, thresholds: this.thresholds, limit };
  }

  /** Takes a script, or a trace with a limit, and goes to a moment of it. What is wrong leaves the figure as it was. */
  load(source, index) {
    this.player.load(source.text, this.options(source));
    this.source = source;
    this.more.textContent = "";
    this.heap.value = this.player.heap;
    this.tray.element.hidden = this.isTrace;
    this.chosen = undefined;
    this.show(index ?? this.player.length);
  }

  /** What the figure begins with: its script, or a trace that the page gave it. */
  get first() {
    const { rep } = this.host;
    return rep ? { text: rep, heap: 0, limit: SHOWN } : { text: this.host.getAttribute("script"), heap: this.attribute("heap", 1024) };
  }

  reset() {
    this.load(this.first, this.attribute("at", undefined));
  }

  /** Goes to the state that the page's address names, if it names one of this figure. */
  follow() {
    const state = read(this.id);
    if (!state) return;
    this.attempt(() => {
      if (state.script !== undefined) this.load({ text: state.script, heap: state.heap ?? this.player.heap }, state.index);
      else if (this.isOwn) this.show(state.index);
      else this.load(this.first, state.index);
    });
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** Whether the operations come from a file, to which none can be added. */
  get isTrace() {
    return this.source.limit !== undefined;
  }

  get isOwn() {
    return this.source.text === this.first.text;
  }

  show(index) {
    this.player.go(index);
    this.controls.set(this.player.index, this.player.length);
    const said = this.player.said(), isAlone = said.length === 1, moment = `Operation ${thousands(this.player.index)} of ${thousands(this.player.length)}`;
    this.live.textContent = `${moment}: ${isAlone ? said[0] : this.player.index ? `${this.player.op(this.player.index - 1)}.` : "nothing is allocated yet."}`;
    this.rows.forEach((row, number) => { row.said.textContent = isAlone ? "" : said[number].split(": ").slice(1).join(": "); });
    this.draw();
    this.tabulate();
    mark(this.id, this.player.index);
  }

  get width() {
    return Math.max(240, Math.floor(this.rows[0].map.clientWidth || 720) - 2);
  }

  /** Draws the present state, as soon as the figure stands in the page and has a width. */
  draw() {
    if (!this.element.isConnected) return;
    const focused = document.activeElement?.closest?.("[data-offset]"), at = focused && this.element.contains(focused) ? [this.rows.findIndex(row => row.map.contains(focused)), Number(focused.dataset.offset)] : undefined;
    this.rows.forEach((row, number) => this.drawRow(row, number));
    if (at) this.focus(...at);
    this.choose(this.chosen?.row, this.chosen?.offset);
  }

  drawRow(row, number) {
    const machine = this.player.machines[number], records = machine.records(), { width } = this;
    const name = `Map of the heap of ${row.name}`;
    if (records.length > DRAWN) {
      const canvas = make("canvas", { role: "img", "aria-label": `${name}: ${thousands(records.length)} blocks; the table below has them` });
      row.map.replaceChildren(canvas);
      paint(canvas, records, width);
    } else {
      const id = this.number * 10 + number, picture = machine.draw("draw_map", width, id, this.rowOf(machine), this.host.hasAttribute("bits"));
      const svg = make("svg", { width, height: picture.height, viewBox: `0 0 ${width} ${picture.height}`, role: "group", "aria-label": name });
      svg.innerHTML = machine.say("patterns", id) + picture.body;
      // So many stops of the Tab key would be a wall; the table has a button for each block.
      if (records.length > STOPS) svg.querySelectorAll(".block").forEach(block => block.setAttribute("tabindex", -1));
      row.map.replaceChildren(svg);
    }
    row.metrics.textContent = this.measures(machine.metrics());
  }

  /** The bytes of a row of the map, as the page wants them; 0, for as many as suit the heap, if they made a tower of it. */
  rowOf(machine) {
    const bytes = this.attribute("row", 0);
    return machine.metrics().heap > MOST_ROWS * bytes ? 0 : bytes;
  }

  measures({ heap, live, free, largest, metadata, waste, nLive, nFree }) {
    const share = heap ? Math.round(live / heap * 100) : 0;
    return `${thousands(live)} B live in ${nLive} · ${thousands(free)} B free in ${nFree}, largest ${thousands(largest)} · ${thousands(metadata)} B metadata · ${thousands(waste)} B padding or lost · ${share} % of ${thousands(heap)} B used`;
  }

  /** The block that lies at an offset, or the next one, gets the focus that its predecessor had. */
  focus(number, offset) {
    const all = [...this.rows[number].map.querySelectorAll(".block")];
    (all.find(block => Number(block.dataset.offset) >= offset) ?? all.at(-1))?.focus();
  }

  /** Shows the bytes of a block. */
  choose(row, offset) {
    this.chosen = row && { row, offset };
    this.element.querySelectorAll(".chosen").forEach(one => one.classList.remove("chosen"));
    const machine = row && this.player.machines[this.rows.indexOf(row)], decoded = row && fields(machine, offset, this.name);
    if (!decoded) return this.bytes.replaceChildren();
    row.map.querySelectorAll(`[data-offset="${offset}"]`).forEach(one => one.classList.add("chosen"));
    const record = machine.records().find(one => one.offset === offset), name = record.block !== undefined && machine.say("name", record.block);
    this.bytes.replaceChildren(decoded, ...name && !this.isTrace ? [button(`free ${name}`, () => this.attempt(() => this.append(`free ${name}`)))] : []);
  }

  click(row, event) {
    const block = event.target.closest("[data-offset]");
    if (block) this.press(row, Number(block.dataset.offset));
  }

  /** A first press chooses a block, a second one frees it. */
  press(row, offset) {
    const isSecond = this.chosen?.row === row && this.chosen.offset === offset;
    if (!isSecond) return this.choose(row, offset);
    const machine = this.player.machines[this.rows.indexOf(row)], record = machine.records().find(one => one.offset === offset);
    if (record?.block === undefined || this.isTrace) return undefined;
    return this.attempt(() => this.append(`free ${machine.say("name", record.block)}`));
  }

  /** The row that an element of a map lies in, and the program's block there: its name, and the bytes asked for. */
  blockOf(element) {
    const number = this.rows.findIndex(row => row.map.contains(element)), machine = this.player.machines[number], offset = Number(element.dataset.offset);
    const { block, requested } = machine.records().find(one => one.offset === offset) ?? {};
    return { row: this.rows[number], offset, requested, name: block === undefined ? undefined : machine.say("name", block) };
  }

  key(event) {
    const block = event.target.closest(".block");
    if (block && ["Enter", "Delete", "+", "-"].includes(event.key)) {
      const { row, offset, requested, name } = this.blockOf(block);
      if (event.key === "Delete") this.choose(row, offset);
      if (["Enter", "Delete"].includes(event.key)) this.press(row, offset);
      else if (name && !this.isTrace) this.attempt(() => this.append(`realloc ${name} ${stepped(requested, event.key === "+" ? 8 : -8)}`));
      event.preventDefault();
    } else this.controls.key(event);
    // The book turns its pages with the arrow keys.
    event.stopPropagation();
  }

  /** Does one more operation after those up to the present moment. */
  append(op) {
    const { index } = this.player;
    this.load({ ...this.source, text: [...this.player.ops(index), op].join("; ") }, index + 1);
  }

  /** A name that no block has. */
  unused() {
    const used = this.player.ops(this.player.length).join(" ");
    const names = Array.from({ length: 702 }, (_, n) => (n < 26 ? "" : String.fromCharCode(96 + Math.floor(n / 26))) + String.fromCharCode(97 + n % 26));
    return names.find(name => !new RegExp(`\\b${name}\\b`).test(used));
  }

  type() {
    this.attempt(() => {
      if (this.isTrace) throw new Error("Operations can be added to a script, not to a trace: go back to the beginning, or start with an adversary.");
      const text = this.input.value.trim() || this.input.placeholder;
      this.append(/^malloc\b/.test(text) ? `${this.unused()} = ${text}` : text);
      this.input.value = "";
    });
  }

  challenge() {
    const heap = Number(this.heap.value) || this.player.heap;
    const text = play(this.player, this.options({ heap }));
    this.load({ text, heap });
    this.live.textContent += ` ${result(this.player)}`;
  }

  drop(event) {
    event.preventDefault();
    if (event.dataTransfer.files.length) this.open(event.dataTransfer.files[0]);
  }

  open(file, limit = SHOWN) {
    return this.attempt(async () => {
      const { text, nMore } = await readFile(file);
      this.load({ text, heap: 0, limit }, 0);
      const { length } = this.player, n = length + this.player.nLeftOut + nMore;
      if (n > length) this.more.replaceChildren(`${file.name} has ${thousands(n)} operations, and the figure shows the first ${thousands(length)}. “cargo xtask trace cut” makes a trace of another part. `,
        ...limit < MOST ? [button(`Show the first ${thousands(Math.min(MOST, n))}`, () => this.open(file, MOST))] : []);
    });
  }

  link() {
    const script = this.isOwn ? undefined : this.player.ops(this.player.length).join("; ");
    if (this.isTrace) { this.error.textContent = "A link cannot hold a trace."; return; }
    history.replaceState(undefined, "", write(this.id, { index: this.player.index, heap: this.player.heap, script }));
    this.more.textContent = "The page's address now leads to this state.";
  }

  tabulate() {
    if (!this.table.open) return;
    const tables = this.player.machines.map((machine, number) => blocks(machine, machine.records(), [this.name, `${this.rows[number].name} after operation ${thousands(this.player.index)}`], offset => this.choose(this.rows[number], offset)));
    this.table.lastElementChild.replaceChildren(...tables);
  }
}
return { HeapFigure };
})();
modules.simple = (() => {
// Figures without operations: rounding up in bits, the size classes.
const { Controls } = modules.controls;
const { make } = modules.dom;
const { mark, read } = modules.link;
const { Machine } = modules.machine;
const { table } = modules.table;

const VIEWS = {
  bits: { draw: "draw_bits", say: "say_bits", table: "table_bits", length: 4200, start: "value" },
  classes: { draw: "draw_classes", say: "say_classes", table: "table_classes", length: 1024, start: "request" },
};

const isSimple = view => view in VIEWS;

class SimpleFigure {
  static async create(host, number) {
    const figure = new SimpleFigure();
    Object.assign(figure, { host, number, view: VIEWS[host.getAttribute("view")], name: host.getAttribute("caption") });
    figure.machine = await Machine.create();
    figure.build();
    figure.show(Number(host.getAttribute(figure.view.start)));
    figure.follow();
    return figure;
  }

  build() {
    this.controls = new Controls(this.name, index => this.show(index));
    this.live = make("p", { class: "live", role: "status", "aria-live": "polite" });
    this.map = make("div", { class: "map" });
    const aligns = [8, 16, 32, 64].map(n => make("option", { value: n }, String(n)));
    this.align = make("select", { onchange: () => this.show(this.controls.index) }, ...aligns);
    this.align.value = this.host.getAttribute("align") ?? "8";
    const choice = this.host.getAttribute("view") === "bits" ? [make("label", { class: "choice" }, "to a multiple of ", this.align)] : [];
    this.table = make("details", { class: "table", ontoggle: () => this.tabulate() }, make("summary", {}, "The same as a table"), make("div"));
    this.element = make("div", { class: "lab", role: "group", "aria-label": this.name, onkeydown: event => { this.controls.key(event); event.stopPropagation(); } },
      make("p", { class: "caption" }, this.name), this.controls.element, ...choice, this.live, this.map, this.table);
  }

  follow() {
    const state = read(this.host.id);
    if (!state) return;
    this.show(Math.min(state.index, this.view.length));
    this.element.scrollIntoView({ block: "nearest" });
  }

  show(index) {
    this.controls.set(index, this.view.length);
    this.live.textContent = this.machine.say(this.view.say, ...this.args);
    this.draw();
    this.tabulate();
    mark(this.host.id, index);
  }

  get args() {
    return this.host.getAttribute("view") === "bits" ? [this.controls.index, Number(this.align.value)] : [this.controls.index];
  }

  tabulate() {
    if (!this.table.open) return;
    const [head, ...rows] = this.machine.say(this.view.table, ...this.args).split("\n").map(line => line.split("\t"));
    this.table.lastElementChild.replaceChildren(table([this.name, "The same as a table"], head, rows));
  }

  /** Draws the present state, as soon as the figure stands in the page and has a width. */
  draw() {
    if (!this.element.isConnected) return;
    const width = Math.max(240, Math.floor(this.map.clientWidth || 720) - 2), id = this.number * 10;
    const picture = this.machine.draw(this.view.draw, ...this.args, width, id);
    const svg = make("svg", { width, height: picture.height, viewBox: `0 0 ${width} ${picture.height}`, role: "img", "aria-label": this.live.textContent });
    svg.innerHTML = this.machine.say("patterns", id) + picture.body;
    this.map.replaceChildren(svg);
  }
}
return { isSimple, SimpleFigure };
})();
modules.threads = (() => {
// A figure of two threads: the reader says which allocates and which frees.
const { Controls } = modules.controls;
const { drags } = modules.drag;
const { button, make } = modules.dom;
const { mark, read, write } = modules.link;
const { Machine } = modules.machine;
const { table } = modules.table;

const THREADS = ["A", "B"];

class ThreadsFigure {
  static async create(host, number) {
    const figure = new ThreadsFigure();
    Object.assign(figure, { host, number, name: host.getAttribute("caption") });
    figure.machine = await Machine.create();
    figure.build();
    figure.reset();
    figure.follow();
    return figure;
  }

  build() {
    this.controls = new Controls(this.name, index => this.show(index));
    this.live = make("p", { class: "live", role: "status", "aria-live": "polite" });
    this.error = make("p", { class: "error", role: "alert" });
    this.map = make("div", { class: "map", onclick: event => this.choose(event.target.closest("[data-block]")?.dataset.block) });
    this.table = make("details", { class: "table", ontoggle: () => this.tabulate() }, make("summary", {}, "The same as a table"), make("div"));
    this.element = make("div", { class: "lab", role: "group", "aria-label": this.name, onkeydown: event => this.key(event) },
      make("p", { class: "caption" }, this.name), this.controls.element, this.live, this.error, this.map, this.entry(), this.table);
    drags(this.element, event => {
      const name = event.target.closest("[data-block]")?.dataset.block, over = event => document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-thread]")?.dataset.thread;
      return name && { zone: "[data-thread]", label: event => `${over(event) ?? "…"} free ${name}`, drop: (event, right, zone) => this.append(`${zone.dataset.thread} free ${name}`) };
    });
  }

  /** What the two threads can be told. */
  entry() {
    this.frees = make("span");
    this.input = make("input", { type: "text", name: "operation", size: 16, autocomplete: "off", spellcheck: "false", placeholder: "A malloc" });
    const form = make("form", { onsubmit: event => { event.preventDefault(); this.type(); } }, make("label", {}, "Operation ", this.input), make("button", {}, "Do it"));
    const buttons = [...THREADS.map(thread => button(`${thread} malloc`, () => this.append(`${thread} malloc`))), button("wait ten milliseconds", () => this.append("wait"))];
    this.more = make("p", { class: "more" });
    return make("div", { class: "entry" }, make("p", { class: "buttons" }, ...buttons, this.frees),
      make("p", {}, "Press a block of the program to have a thread free it, or drag it to that thread's side; A and B on the keyboard do it too. It is done at the present moment; what came after it is dropped."),
      form, make("p", { class: "buttons" }, button("Back to the beginning", () => this.reset()), button("Link to this state", () => this.link())), this.more);
  }

  get ops() {
    return Array.from({ length: this.length }, (_, index) => this.machine.say("threads_op", index));
  }

  /** Takes a script and goes to a moment of it; what is wrong is said, and leaves the figure as it was. */
  load(text, index) {
    this.error.textContent = this.more.textContent = "";
    const n = this.machine.threads(text);
    if (n === undefined) {
      this.error.textContent = this.machine.text;
      return;
    }
    Object.assign(this, { source: text, length: n, chosen: undefined });
    this.show(index ?? n);
  }

  get first() {
    return this.host.getAttribute("script");
  }

  reset() {
    this.load(this.first, Number(this.host.getAttribute("at")));
  }

  follow() {
    const state = read(this.host.id);
    if (!state) return;
    this.load(state.script ?? this.first, state.index);
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** Does one more operation after those up to the present moment. */
  append(op) {
    const { index } = this.controls;
    this.load([...this.ops.slice(0, index), op].join("; "), index + 1);
  }

  type() {
    this.append(this.input.value.trim() || this.input.placeholder);
    if (!this.error.textContent) this.input.value = "";
  }

  link() {
    const script = this.source === this.first ? undefined : this.ops.join("; ");
    history.replaceState(undefined, "", write(this.host.id, { index: this.controls.index, heap: 0, script }));
    this.more.textContent = "The page's address now leads to this state.";
  }

  show(index) {
    const at = Math.min(index, this.length);
    this.controls.set(at, this.length);
    this.live.textContent = `Operation ${at} of ${this.length}: ${this.machine.say("say_remote", at)}`;
    this.draw();
    this.choose(undefined);
    this.tabulate();
    mark(this.host.id, at);
  }

  /** Offers what can be done with a block of the program. */
  choose(name) {
    this.map.querySelectorAll("[data-block]").forEach(one => one.classList.toggle("chosen", one.dataset.block === name));
    this.frees.replaceChildren(...name ? THREADS.map(thread => button(`${thread} free ${name}`, () => this.append(`${thread} free ${name}`))) : []);
  }

  key(event) {
    const name = event.target.closest("[data-block]")?.dataset.block, thread = event.key.toUpperCase();
    if (name && THREADS.includes(thread)) {
      this.append(`${thread} free ${name}`);
      this.map.querySelector("[data-block]")?.focus();
    } else if (name && event.key === "Enter") this.choose(name);
    else this.controls.key(event);
    event.stopPropagation();
  }

  tabulate() {
    if (!this.table.open) return;
    const [head, ...rows] = this.machine.say("table_remote").split("\n").map(line => line.split("\t"));
    this.table.lastElementChild.replaceChildren(table([this.name, "The same as a table"], head, rows));
  }

  /** Draws the present state, as soon as the figure stands in the page and has a width. */
  draw() {
    if (!this.element.isConnected) return;
    const width = Math.max(240, Math.floor(this.map.clientWidth || 720) - 2), id = this.number * 10;
    const picture = this.machine.draw("draw_remote", this.controls.index, width, id);
    const svg = make("svg", { width, height: picture.height, viewBox: `0 0 ${width} ${picture.height}`, role: "group", "aria-label": `The lists of both heaps, and the program's blocks` });
    svg.innerHTML = this.machine.say("patterns", id) + picture.body;
    this.map.replaceChildren(svg);
  }
}
return { ThreadsFigure };
})();
modules.element = (() => {
// <heap-lab>: a figure that moves. What stands in it, a still picture and a table, stays where nothing can move.
const { HeapFigure } = modules.heap;
const { SimpleFigure, isSimple } = modules.simple;
const { ThreadsFigure } = modules.threads;
const { make, whenParsed } = modules.dom;

let nFigures = 0;

class HeapLab extends HTMLElement {
  connectedCallback() {
    if (this.number !== undefined) return;
    this.number = nFigures++;
    // A figure far down the page costs nothing until it is near, unless the page's address names it.
    this.watcher = new IntersectionObserver(entries => { if (entries.some(entry => entry.isIntersecting)) this.open(); }, { rootMargin: "600px" });
    this.watcher.observe(this);
    addEventListener("hashchange", () => this.figure ? this.figure.follow() : this.isNamed && this.open());
    // The first figure of a page does not wait for the reader.
    if (this.isNamed || (this.number === 0 && document.readyState === "loading")) this.open();
  }

  get isNamed() {
    return decodeURIComponent(location.hash).startsWith(`#${this.id}@`);
  }

  /** Replaces the still figure by one that moves; where that fails, a line says why and the still one stays. */
  async open() {
    this.watcher.disconnect();
    if (this.isOpening) return;
    this.isOpening = true;
    try {
      if (typeof WebAssembly === "undefined") throw new Error("WebAssembly is switched off");
      const view = this.getAttribute("view"), kind = view === "remote" ? ThreadsFigure : isSimple(view) ? SimpleFigure : HeapFigure;
      this.figure = await kind.create(this, this.number);
      await this.isParsed();
      const still = make("div", { class: "still" });
      still.append(...this.childNodes);
      this.append(this.figure.element, still);
      this.classList.add("is-live");
      this.resize();
      if (this.isNamed) whenParsed(() => this.scrollIntoView({ block: "nearest" }));
      new ResizeObserver(() => this.resize()).observe(this);
    } catch (error) {
      this.append(make("p", { class: "why-still" }, `This figure does not move here: ${error.message}.`));
    }
    this.dataset.state = this.figure ? "live" : "still";
  }

  /** Waits until the page is read beyond this element: before that, the still figure in it is not complete. */
  async isParsed() {
    while (document.readyState === "loading" && !this.nextSibling) await new Promise(done => setTimeout(done));
  }

  resize() {
    if (this.clientWidth === this.drawn || !this.clientWidth) return;
    this.drawn = this.clientWidth;
    this.figure.draw();
  }
}

customElements.define("heap-lab", HeapLab);
return {  };
})();
})();
