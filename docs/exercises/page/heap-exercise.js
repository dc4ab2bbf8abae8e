// <heap-exercise name="…">: a form for the question inside, which checks the answers and says what is wrong.
//
// The element holds the question and the folded answer as text. Without this script, on a code host or in print,
// that is all there is. `data.js` has the verdicts, which the stages computed.

"use strict";

/** Numbers of the elements on the page, for the ids of labels. */
let count = 0;

/** An element with attributes and children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...children);
  return element;
}

/** Text with `code` between backticks, as nodes. */
function rich(text) {
  return text.split("`").map((piece, index) => index % 2 ? make("code", {}, piece) : piece);
}

/** A typed number as its decimal digits: separators and spaces are left out, and 0x begins a hexadecimal one. */
function number(text) {
  const plain = text.replace(/[\s,_’']/g, "").toLowerCase();
  if (/^(0x[0-9a-f]+|\d+)$/.test(plain)) return BigInt(plain).toString();
  return "";
}

/** Typed bytes as pairs of digits. */
function bytes(text) {
  const digits = text.toLowerCase().replace(/[^0-9a-f]/g, "");
  return (digits.match(/../g) ?? []).join(" ");
}

/** Each kind of part: its controls, and the answer that they hold; "" if there is none yet. */
const KINDS = {
  number: part => field(part, number),
  bytes: part => field(part, bytes),
  choice: part => {
    const name = `heap-exercise-${count++}`;
    const inputs = part.options.map(option => make("input", { type: "radio", name, value: option }));
    const element = group(part.label, inputs, part.options);
    return { element, controls: inputs, answer: () => inputs.find(input => input.checked)?.value ?? "" };
  },
  checks: part => {
    const inputs = part.options.map(option => make("input", { type: "checkbox", value: option }));
    const element = group(part.label, inputs, part.options);
    return { element, controls: inputs, answer: () => inputs.filter(input => input.checked).map(input => input.value) };
  },
  sequence: part => {
    const selects = Array.from({ length: part.length }, (_, index) => {
      const options = part.options.map(option => make("option", {}, option));
      return make("select", { "aria-label": `${part.label}: ${index + 1}` }, make("option", { value: "" }, "–"), ...options);
    });
    const element = make("fieldset", {}, make("legend", {}, ...rich(part.label)), ...selects);
    const answer = () => selects.every(select => select.value) ? selects.map(select => select.value).join(", ") : "";
    return { element, controls: selects, answer };
  },
};

function field(part, read) {
  const id = `heap-exercise-${count++}`;
  const input = make("input", { id, type: "text", autocomplete: "off", spellcheck: "false" });
  const element = make("p", {}, make("label", { for: id }, ...rich(part.label)), input);
  return { element, controls: [input], answer: () => read(input.value) };
}

function group(label, inputs, options) {
  const labels = inputs.map((input, index) => make("label", {}, input, ` ${options[index]}`));
  return make("fieldset", {}, make("legend", {}, ...rich(label)), ...labels);
}

/** The verdict on one part: whether the answer is right, and why. */
function judge(part, answer) {
  if (part.kind === "checks") return judgeChecks(part, answer);
  if (!answer) return { right: false, why: part.kind === "number" ? "Enter a number, decimal or after 0x." : "Not answered yet." };
  return part.answers[answer] ?? { right: false, why: part.otherwise };
}

/** The first option that is chosen and should not be, or the other way round, decides. */
function judgeChecks(part, chosen) {
  if (!chosen.length) return { right: false, why: part.otherwise };
  const wrong = part.options.find(option => part.answers[option].right !== chosen.includes(option));
  if (!wrong) return { right: true, why: part.options.filter(option => chosen.includes(option)).map(option => `${option}: ${part.answers[option].why}`).join(" ") };
  const verb = chosen.includes(wrong) ? "does not belong here" : "is missing";
  return { right: false, why: `${wrong} ${verb}: ${part.answers[wrong].why}` };
}

class HeapExercise extends HTMLElement {
  connectedCallback() {
    const parts = window.heapExercises?.[this.getAttribute("name")];
    if (!parts || this.querySelector("form")) return;
    this.parts = parts.map(part => ({ part, ...KINDS[part.kind](part) }));
    this.verdict = make("div", { role: "status", "aria-live": "polite" });
    const form = make("form", { novalidate: "" }, ...this.parts.map(({ element }) => element), make("button", { type: "submit" }, "Check"), this.verdict);
    form.addEventListener("submit", event => {
      event.preventDefault();
      this.check();
    });
    // The page's own keys, as the arrows that turn it over, are not for what is typed here.
    form.addEventListener("keydown", event => event.stopPropagation());
    this.insertBefore(form, this.querySelector("details"));
  }

  /** Shows the verdict on each part; whether all are right. */
  check() {
    const lines = this.parts.map(({ part, controls, answer }) => {
      const { right, why } = judge(part, answer());
      controls.forEach(control => control.setAttribute("aria-invalid", String(!right)));
      return { right, line: make("p", { class: right ? "is-right" : "is-wrong" }, make("strong", {}, right ? "✓ Right. " : "✗ Not yet. "), ...rich(this.parts.length > 1 ? `${part.label}: ${why}` : why)) };
    });
    this.verdict.replaceChildren(...lines.map(({ line }) => line));
    const isRight = lines.every(({ right }) => right);
    this.toggleAttribute("solved", isRight);
    return isRight;
  }
}

customElements.define("heap-exercise", HeapExercise);
