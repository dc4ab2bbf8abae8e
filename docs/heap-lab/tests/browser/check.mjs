// Opens the chapters of the built book and uses every figure as a reader would.
//
// node check.mjs CHROMIUM BOOK [AXE]

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Browser } from "../../../../bench-harness/tests/it/report_browser/browser.mjs";
import { COLOURS, contrast, named, tabOrder, violations } from "./access.mjs";
import { heaps, threads } from "./drag.mjs";
import { answered } from "./exercises.mjs";
import { adversary, badInput, bytesAreDecoded, links, recorded, traces } from "./use.mjs";
import { startUp, weight } from "./weight.mjs";

const [chromium, book, axe] = process.argv.slice(2);
const CHAPTERS = ["phase-0-ground", "phase-1-bump", "phase-2-freelist", "phase-3-fit-strategies", "phase-4-coalescing", "phase-5-mmap-backed", "phase-6-thread-cached"];
const THEMES = ["light", "navy"];
const HERE = import.meta.dirname;
const browser = await Browser.start(chromium);
const errors = [], requests = [], asked = [];
browser.on((method, params) => {
  if (method === "Runtime.exceptionThrown") errors.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
  if (method === "Runtime.consoleAPICalled" && params.type === "error") errors.push(JSON.stringify(params.args));
  if (method === "Log.entryAdded" && params.entry.level === "error") errors.push(params.entry.text);
  if (method === "Network.requestWillBeSent") [requests, asked].forEach(one => one.push(params.request.url));
});

export const url = (chapter, hash = "") => pathToFileURL(join(book, `${chapter}.html`)).href + hash;

/** Opens a chapter and waits until all its figures move. */
async function open(chapter, hash) {
  await browser.send("Page.navigate", { url: "about:blank" });
  await browser.send("Page.navigate", { url: url(chapter, hash) });
  return opened();
}

/** Waits until all figures of the chapter that is open move; returns their names. */
async function opened() {
  await browser.until(`document.readyState === "complete" && document.querySelector("heap-lab")`);
  await browser.value(`document.querySelectorAll("heap-lab").forEach(one => one.open())`);
  await browser.until(`[...document.querySelectorAll("heap-lab")].every(one => one.dataset.state)`);
  return browser.value(`[...document.querySelectorAll("heap-lab")].map(one => one.id)`);
}

/** Chooses a theme in the book's menu. */
async function themed(theme) {
  await browser.value(`document.querySelector("button.theme[id$=${theme}]").click()`);
  await browser.until(`document.documentElement.classList.contains("${theme}")`);
}

/** In each theme all text is to be read, and axe-core finds nothing; rules that no theme can break are tried once. */
async function accessible(chapter) {
  for (const theme of THEMES) {
    await themed(theme);
    await contrast(browser, `${chapter} in ${theme}`);
    if (axe) await violations(browser, readFileSync(axe, "utf8"), `${chapter} in ${theme}`, theme === THEMES[0] ? {} : COLOURS);
  }
}

const live = id => browser.value(`document.querySelector("#${id} .live").textContent`);
const index = id => browser.value(`Number(document.querySelector("#${id} input[type=range]").value)`);

try {
  await browser.size(1280, 900);
  let nFigures = 0, nExercises = 0, slowest = 0;
  for (const chapter of CHAPTERS) {
    requests.length = 0;
    slowest = Math.max(slowest, await startUp(browser, url(chapter)));
    const ids = await opened();
    weight(chapter, requests);
    assert.ok(ids.length > 0, `${chapter} has a figure`);
    for (const id of ids) {
      assert.equal(await browser.value(`document.querySelector("#${id}").dataset.state`), "live", `${id}: ${await browser.value(`document.querySelector("#${id} .why-still")?.textContent`)}`);
      await draws(id);
      await steps(id);
      nFigures += 1;
    }
    await browser.value(`document.querySelectorAll("heap-lab details").forEach(one => { one.open = true; })`);
    await browser.until(`[...document.querySelectorAll("heap-lab details.table")].every(one => one.querySelector("thead"))`);
    await named(browser, chapter);
    nExercises += await answered(browser, chapter, join(HERE, "../../../exercises/tests/check.js"));
    await accessible(chapter);
    await narrow(chapter);
  }
  await open("phase-4-coalescing");
  await tabOrder(browser, "four-merges");
  await bytesAreDecoded(browser);
  await badInput(browser);
  await adversary(browser);
  await heaps(browser, "four-merges");
  await traces(browser);
  await recorded(browser, join(HERE, "../../../../bench-harness/traces/sqlite.trace"));
  await links(browser, open);
  await withoutWasm();
  await open("phase-6-thread-cached");
  await threads(browser, "remote-free");
  await grade();
  assert.deepEqual(errors, [], "no error in the console");
  assert.deepEqual(asked.filter(one => !/^(file|data|about|blob):/.test(one)), [], "nothing is asked of the network");
  console.log(`${nFigures} figures draw, step, scrub and answer the keyboard and the mouse, the first of a page within ${slowest} ms; ${nExercises} exercises judge right and wrong answers${axe ? "; axe-core finds no violation" : ""}`);
} finally {
  await browser.stop();
}

/** There are shapes, every coordinate is a number, and the still picture is out of sight. */
async function draws(id) {
  const n = await browser.value(`document.querySelectorAll("#${id} .map :is(rect, path, text)").length`);
  assert.ok(n > 0, `${id} is drawn`);
  const bad = await browser.value(`[...document.querySelectorAll("#${id} svg *")].filter(shape => [...shape.attributes].some(one => /NaN|undefined|Infinity/.test(one.value))).length`);
  assert.equal(bad, 0, `${id}: every coordinate is a number`);
  assert.equal(await browser.value(`getComputedStyle(document.querySelector("#${id} .still")).display`), "none");
}

/** Buttons, the slider and the keys move the figure, and the same moment looks the same again. */
async function steps(id) {
  const press = name => browser.value(`document.querySelector('#${id} .controls button[aria-label="${name}"], #${id} .controls button[title="${name}"]').click()`);
  const picture = () => browser.value(`[...document.querySelectorAll("#${id} .map")].map(one => one.innerHTML).join("")`);
  const last = await browser.value(`Number(document.querySelector("#${id} input[type=range]").max)`);
  await press("Last");
  assert.equal(await index(id), last);
  const end = [await picture(), await live(id)];
  await press("First");
  assert.equal(await index(id), 0);
  const start = await live(id);
  await press("Step");
  assert.equal(await index(id), 1);
  assert.notEqual(await live(id), start, `${id}: the live line says what a step did`);
  await press("Back");
  assert.deepEqual([await index(id), await live(id)], [0, start]);
  await browser.value(`(() => { const slider = document.querySelector("#${id} input[type=range]"); slider.value = ${last}; slider.dispatchEvent(new Event("input")); })()`);
  assert.deepEqual([await picture(), await live(id)], end, `${id}: scrubbed to the end, it is as it was there`);
  await browser.value(`document.querySelector("#${id} input[type=range]").focus()`);
  await browser.key("Home");
  assert.equal(await index(id), 0, `${id}: Home`);
  await browser.key("ArrowRight");
  assert.equal(await index(id), 1, `${id}: the arrow to the right`);
  await browser.key("ArrowRight", 8);
  assert.equal(await index(id), Math.min(11, last), `${id}: Shift and the arrow`);
  await browser.key("ArrowLeft");
  assert.equal(await index(id), Math.min(11, last) - 1, `${id}: the arrow to the left`);
  await browser.key("End");
  assert.equal(await index(id), last, `${id}: End`);
  await browser.key(" ");
  assert.equal(await browser.value(`document.querySelector("#${id} .controls button[aria-label=Pause]") !== null`), true, `${id}: Space plays`);
  await browser.key(" ");
  assert.equal(await browser.value(`document.querySelector("#${id} .controls button[aria-label=Play]") !== null`), true, `${id}: Space stops`);
  assert.ok((await browser.value("location.href")).endsWith(".html"), "the book did not turn the page");
}

/** On a phone nothing sticks out. */
async function narrow(chapter) {
  await browser.size(390, 800);
  await open(chapter);
  await browser.value(`document.querySelectorAll("heap-lab details").forEach(one => { one.open = true; })`);
  const wide = await browser.value(`[...document.querySelectorAll("heap-lab .lab, heap-lab svg")].filter(one => one.getBoundingClientRect().right > innerWidth + 1).length`);
  assert.equal(wide, 0, `${chapter}: no figure is wider than a phone`);
  await browser.size(1280, 900);
}

/** Without WebAssembly the still picture and its table stay, and a line says why. */
async function withoutWasm() {
  const { identifier } = await browser.send("Page.addScriptToEvaluateOnNewDocument", { source: "delete globalThis.WebAssembly" });
  const [id] = await open("phase-4-coalescing");
  assert.equal(await browser.value(`document.querySelector("#${id}").dataset.state`), "still");
  assert.match(await browser.value(`document.querySelector("#${id} .why-still").textContent`), /WebAssembly is switched off/);
  assert.ok(await browser.value(`document.querySelector("#${id} img").naturalWidth > 0 && document.querySelectorAll("#${id} table tr").length > 5`));
  await browser.send("Page.removeScriptToEvaluateOnNewDocument", { identifier });
}

/** The page on grading has no figure and no exercise, and the same rules. */
async function grade() {
  await browser.send("Page.navigate", { url: url("grade") });
  await browser.until(`document.readyState === "complete" && document.querySelector("main")`);
  await accessible("grade");
}
