// A figure of two threads: the reader says which allocates and which frees.
import { Controls } from "./controls.js";
import { drags } from "./drag.js";
import { button, make } from "./dom.js";
import { mark, read, write } from "./link.js";
import { Machine } from "./machine.js";
import { table } from "./table.js";

const THREADS = ["A", "B"];

export class ThreadsFigure {
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
