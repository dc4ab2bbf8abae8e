// The controls of every figure: step, scrub, play; the same with the keyboard.
import { button, make, thousands } from "./dom.js";

const BEAT = 800;

/** Buttons and a slider over the moments 0 to `length`; `go` is called with the moment that is asked for. */
export class Controls {
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
