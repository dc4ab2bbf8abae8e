// A figure of heaps: one script on one stage or several, in lockstep.
import { play, result } from "./adversary.js";
import { paint } from "./canvas.js";
import { Controls } from "./controls.js";
import { button, make, thousands } from "./dom.js";
import { MOST, SHOWN, read as readFile } from "./file.js";
import { mark, read, write } from "./link.js";
import { Player } from "./player.js";
import { blocks, fields } from "./table.js";
import { Tray, stepped } from "./tray.js";

/** Blocks up to which a map is SVG. */
const DRAWN = 500;
/** Blocks up to which Tab goes from one to the next. */
const STOPS = 100;
/** Rows of a map, at most, where the page says how long one is. */
const MOST_ROWS = 16;

export class HeapFigure {
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
