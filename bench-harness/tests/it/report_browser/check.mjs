// Opens the pages of a folder and checks what a reader needs of them.
//
// node check.mjs CHROMIUM FOLDER WORDS, where WORDS are what the heap of small.html says at its end.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Browser } from "./browser.mjs";
import { contrast } from "./contrast.mjs";
import { answerIsFirst, noAnswerIsNoBlock, outliersSetNoAxis, percentilesAreSupported } from "./curves.mjs";
import { arenasAreGrey, bestAreChosen, frontsAreOfAKind, labelsAreAtTheirMarks } from "./scatter.mjs";

const [chromium, folder, endWords] = process.argv.slice(2);
const WIDTHS = [390, 700, 1000, 1400];
const FIGURES = ["pareto", "workloads", "latency", "memory", "waste", "drain", "heap", "flat"];
const browser = await Browser.start(chromium);
const errors = [], requests = [];
browser.on((method, params) => {
  if (method === "Runtime.exceptionThrown") errors.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
  if (method === "Runtime.consoleAPICalled" && params.type === "error") errors.push(JSON.stringify(params.args));
  if (method === "Log.entryAdded" && params.entry.level === "error") errors.push(params.entry.text);
  if (method === "Network.requestWillBeSent") requests.push(params.request.url);
});

const live = id => browser.value(`document.querySelector("#${id} .live").textContent`);

try {
  await browser.size(1280, 900);
  for (const name of ["small", "large"]) {
    await open(name);
    await drawn();
    await named();
    await tables();
    await keyboard();
    if (name === "small") { await heapIsRebuilt(); await rangesAreTold(); await stagesRun(); }
    await noAnswerIsNoBlock(browser);
    await frontsAreOfAKind(browser);
    await arenasAreGrey(browser, true);
    await bestAreChosen(browser);
    assert.equal(await browser.value(`document.querySelectorAll("#changes tbody tr").length > 0`), name === "small", "changes are shown if there is a baseline");
    for (const scheme of ["light", "dark"]) {
      await browser.media(scheme);
      await contrast(browser, scheme);
      if (name === "small") await picture(scheme);
    }
    await atEachWidth(name, name === "small" ? 12 : 20);
    console.log(`${name}: drawn in ${await browser.value("document.documentElement.dataset.drawnIn")} ms`);
  }
  await variants();
  assert.deepEqual(errors, [], "no error in the console");
  assert.deepEqual(requests.filter(url => !/^(file|data|about|blob):/.test(url)), [], "nothing is asked of the network");
  console.log("all checks passed");
} finally {
  await browser.stop();
}

async function open(name) {
  await browser.size(1280, 900);
  await browser.media("light");
  await browser.send("Page.navigate", { url: pathToFileURL(join(folder, `${name}.html`)).href });
  await browser.until("document.documentElement?.dataset.drawnIn && document.getElementById('heap')?.dataset.loaded !== undefined || document.documentElement?.dataset.drawnIn && !document.getElementById('heap')");
}

/** Every figure has lines or marks in it, and no canvas is blank. */
async function drawn() {
  for (const id of FIGURES) {
    const n = await browser.value(`document.querySelectorAll("#${id} .plot :is(path, circle, polygon, rect, canvas)").length`);
    assert.ok(n > 3, `${id} is drawn: ${n} shapes`);
  }
  const bad = await browser.value(`[...document.querySelectorAll("svg *")].filter(shape => [...shape.attributes].some(one => /NaN|undefined|Infinity/.test(one.value))).length`);
  assert.equal(bad, 0, "every coordinate is a number");
  const blank = await browser.value(`[...document.querySelectorAll("canvas")].filter(canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size < 3;
  }).length`);
  assert.equal(blank, 0, "no canvas is blank");
}

/** Everything that can be reached or that draws has a role and a name; ids are unique. */
async function named() {
  const nameless = await browser.value(`[...document.querySelectorAll(".plot svg:not([aria-hidden]), canvas, [role=img], [role=region], input, select")].filter(one =>
    !one.getAttribute("aria-label") && !one.closest("label")?.textContent.trim()).map(one => one.outerHTML.slice(0, 120))`);
  assert.deepEqual(nameless, [], "everything has a name");
  const headings = await browser.value(`[...document.querySelectorAll("h1, h2, h3")].map(one => Number(one.tagName[1]))`);
  headings.forEach((level, index) => assert.ok(index === 0 ? level === 1 : level <= headings[index - 1] + 1, "no heading is skipped"));
  assert.equal(await browser.value(`document.querySelectorAll("[aria-live=polite]").length >= ${FIGURES.length}`), true);
  const twice = await browser.value(`[...document.querySelectorAll("[id]")].map(one => one.id).filter((id, index, all) => all.indexOf(id) !== index)`);
  assert.deepEqual(twice, [], "no id is there twice");
  const lost = await browser.value(`[...document.querySelectorAll("[aria-labelledby]")].filter(one => !document.getElementById(one.getAttribute("aria-labelledby"))).length`);
  assert.equal(lost, 0, "labels are where they are said to be");
}

/** Every figure has its table, with numbers in it. */
async function tables() {
  await browser.value(`document.querySelectorAll("details").forEach(one => { one.open = true; })`);
  for (const id of FIGURES) {
    await browser.until(`document.querySelector("#${id} > details tbody td")`);
    const n = await browser.value(`document.querySelectorAll("#${id} > details tbody tr").length`);
    assert.ok(n > 1, `${id} has a table: ${n} rows`);
  }
  for (const [id, words] of [["records", "pair threads=1 – – 2.00 9.00 3.00"], ["commands", "sort words 1,000 900"]]) {
    const lines = await browser.value(`[...document.querySelectorAll("#${id} tbody tr")].map(line => [...line.cells].map(cell => cell.textContent).join(" ").trim())`);
    assert.ok(lines.includes(words), `${id}: ${lines.join(" | ")}`);
  }
  const order = await browser.value(`(() => {
    const table = document.querySelector("#pareto > details table");
    table.querySelectorAll("th button")[1].click();
    return [...table.querySelectorAll("tbody tr td:nth-child(2)")].map(cell => parseFloat(cell.textContent));
  })()`);
  assert.deepEqual(order, [...order].sort((a, b) => a - b), "a click sorts the table");
  await browser.value(`document.querySelectorAll("section > details").forEach(one => { one.open = false; })`);
}

/** Arrows go from mark to mark and move each cursor; what is there is said. */
async function keyboard() {
  await browser.value(`document.querySelector("#pareto g[tabindex='0']").focus()`);
  const first = await live("pareto");
  await browser.key("ArrowRight");
  const second = await live("pareto");
  assert.ok(first.includes("footprint") && second.includes("footprint") && first !== second, `${first} | ${second}`);
  for (const id of ["latency", "memory", "waste", "drain"]) {
    await browser.value(`document.querySelector("#${id} input[type=range]").focus()`);
    await browser.key("Home");
    const home = await live(id);
    await browser.key("ArrowRight");
    assert.ok(home && await live(id) !== home, `${id}: ${home}`);
  }
}

async function heapIsRebuilt() {
  await browser.value(`document.querySelector("#heap input[type=range]").focus()`);
  await browser.key("Home");
  assert.match(await live("heap"), /^Operation 0 of 3,000: nothing is allocated yet\. 0 blocks used/);
  await browser.key("ArrowRight");
  assert.match(await live("heap"), /^Operation 1 of 3,000: allocates .* at offset 0\. 1 blocks used/);
  await browser.key("ArrowRight", 8);
  assert.match(await live("heap"), /^Operation 11 of /);
  await browser.key("End");
  const end = await live("heap");
  assert.ok(end.startsWith("Operation 3,000 of 3,000") && end.includes(endWords), `${end} (${endWords})`);
  await browser.value(`document.querySelector("#heap > details").open = true`);
  await browser.until(`document.querySelector("#heap > details caption")?.textContent.startsWith("Blocks after operation 3,000")`);
}

/** The book's figure does the operations of the log on two stages. */
async function stagesRun() {
  await browser.until(`document.querySelector("heap-lab")`);
  await browser.value(`document.querySelector("heap-lab").open()`);
  await browser.until(`document.querySelector("heap-lab").dataset.state`);
  assert.equal(await browser.value(`document.querySelector("heap-lab").dataset.state`), "live");
  assert.match(await live("lab"), /^Operation 0 of 3,000: nothing is allocated yet\./);
  await browser.value(`document.querySelector("#lab input[type=range]").focus()`);
  await browser.key("End");
  assert.match(await live("lab"), /^Operation 3,000 of 3,000: /);
  assert.ok(await browser.value(`[...document.querySelectorAll("#lab .metrics")].every(one => / B live in [1-9]/.test(one.textContent))`), "both heaps have blocks");
}

/** The second allocator's heap is in two pieces: a line between them in both pictures, and words. */
async function rangesAreTold() {
  const say = () => browser.value(`document.querySelector("#heap .ranges").textContent`);
  assert.equal(await say(), "");
  await browser.value(`(() => {
    const select = [...document.querySelectorAll("#heap label")].find(label => label.textContent.startsWith("Allocator")).querySelector("select");
    select.value = "stage-1";
    select.dispatchEvent(new Event("change"));
  })()`);
  assert.match(await say(), /^2 ranges of addresses/);
  assert.equal(await browser.value(`document.querySelectorAll("#heap .frame .range").length`), 1);
  await browser.until(`document.getElementById("heap").dataset.loaded.endsWith("/stage-1")`);
}

/** Nothing sticks out of a window, and the labels of `n` allocators are at their marks. */
async function atEachWidth(name, n) {
  for (const width of WIDTHS) {
    await browser.size(width, 800);
    await browser.until(`innerWidth === ${width}`);
    await new Promise(resolve => setTimeout(resolve, 400));
    const over = await browser.value("document.documentElement.scrollWidth - innerWidth");
    assert.ok(over <= 0, `${name} at ${width}: ${over} pixels stick out`);
    await labelsAreAtTheirMarks(browser, n, `${name} at ${width}`);
  }
}

/** What a page must cope with, each on a page of its own. */
async function variants() {
  await open("outlier");
  await percentilesAreSupported(browser);
  await outliersSetNoAxis(browser, "peer-9");
  await arenasAreGrey(browser, false);
  await atEachWidth("outlier", 12);
  await open("crowd");
  await atEachWidth("crowd", 40);
  await open("answered");
  await answerIsFirst(browser);
  for (const scheme of ["light", "dark"]) {
    await browser.media(scheme);
    await contrast(browser, scheme);
  }
}

async function picture(scheme) {
  await browser.value("document.activeElement.blur(), scrollTo(0, 0)");
  const height = await browser.value("document.documentElement.scrollHeight");
  writeFileSync(join(folder, `${scheme}.png`), await browser.screenshot({ x: 0, y: 0, width: 1280, height, scale: 1 }));
}
