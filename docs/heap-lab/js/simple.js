// Figures without operations: rounding up in bits, the size classes.
import { Controls } from "./controls.js";
import { make } from "./dom.js";
import { mark, read } from "./link.js";
import { Machine } from "./machine.js";
import { table } from "./table.js";

const VIEWS = {
  bits: { draw: "draw_bits", say: "say_bits", table: "table_bits", length: 4200, start: "value" },
  classes: { draw: "draw_classes", say: "say_classes", table: "table_classes", length: 1024, start: "request" },
};

export const isSimple = view => view in VIEWS;

export class SimpleFigure {
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
