// Tables: all blocks, and the bytes of one.
import { make, thousands } from "./dom.js";

const MOST = 1000;

/** A table that scrolls in a region of its own, named after its figure. */
export function table([figure, caption], names, rows) {
  const head = make("tr", {}, ...names.map(name => make("th", { scope: "col" }, name)));
  const body = rows.map(row => make("tr", {}, ...row.map(cell => make("td", {}, cell))));
  return make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `${figure}: ${caption}` },
    make("table", {}, make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...body)));
}

/** Every block of a heap; `choose` is called with the offset of one. */
export function blocks(machine, records, [figure, caption], choose) {
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
export function fields(machine, offset, figure) {
  const [what, ...lines] = machine.say("decode", offset).split("\n");
  if (!what) return undefined;
  const rows = lines.map(line => line.split("\t")).map(([at, hex, name, meaning]) => [at, make("code", {}, hex), name, meaning]);
  return table([figure, what], ["at", "bytes", "field", "says"], rows);
}
