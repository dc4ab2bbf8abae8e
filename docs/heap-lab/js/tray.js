// What can be dragged in a figure of heaps: a request to a map, a block to “free”, the end of a block to another size.
import { drags } from "./drag.js";
import { make } from "./dom.js";

/** Bytes by which a size changes. */
const STEP = 8;

export class Tray {
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
export function stepped(size, by) {
  return Math.max(0, size + Math.round(by / STEP) * STEP);
}
