// <heap-lab>: a figure that moves. What stands in it, a still picture and a table, stays where nothing can move.
import { HeapFigure } from "./heap.js";
import { SimpleFigure, isSimple } from "./simple.js";
import { ThreadsFigure } from "./threads.js";
import { make } from "./dom.js";

let nFigures = 0;

class HeapLab extends HTMLElement {
  connectedCallback() {
    if (this.number !== undefined) return;
    this.number = nFigures++;
    // A figure far down the page costs nothing until it is near, unless the page's address names it.
    this.watcher = new IntersectionObserver(entries => { if (entries.some(entry => entry.isIntersecting)) this.open(); }, { rootMargin: "600px" });
    this.watcher.observe(this);
    addEventListener("hashchange", () => this.figure ? this.figure.follow() : this.isNamed && this.open());
    if (this.isNamed) this.open();
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
      const still = make("div", { class: "still" });
      still.append(...this.childNodes);
      this.append(this.figure.element, still);
      this.classList.add("is-live");
      this.resize();
      if (this.isNamed) this.scrollIntoView({ block: "nearest" });
      new ResizeObserver(() => this.resize()).observe(this);
    } catch (error) {
      this.append(make("p", { class: "why-still" }, `This figure does not move here: ${error.message}.`));
    }
    this.dataset.state = this.figure ? "live" : "still";
  }

  resize() {
    if (this.clientWidth === this.drawn || !this.clientWidth) return;
    this.drawn = this.clientWidth;
    this.figure.draw();
  }
}

customElements.define("heap-lab", HeapLab);
// The first figure does not wait until the reader is near.
document.querySelector("heap-lab")?.open();
