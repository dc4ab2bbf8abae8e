// What a reader does with a figure beyond stepping through it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const ID = "four-merges";
const text = (browser, selector) => browser.value(`document.querySelector("#${ID} ${selector}").textContent`);
const error = browser => text(browser, ".error");
const press = (browser, name) => browser.value(`[...document.querySelectorAll("#${ID} button")].find(one => one.textContent === ${JSON.stringify(name)}).click()`);

/** Types an operation and does it. */
async function type(browser, op) {
  await browser.value(`(() => {
    const input = document.querySelector("#${ID} input[name=operation]");
    input.value = ${JSON.stringify(op)};
    input.form.requestSubmit();
  })()`);
}

/** A block that is pressed shows its fields, and pressed again it is freed. */
export async function bytesAreDecoded(browser) {
  await press(browser, "▶|");
  const block = `document.querySelector("#${ID} .used-block")`;
  await browser.value(`${block}.dispatchEvent(new MouseEvent("click", { bubbles: true }))`);
  const fields = await browser.value(`[...document.querySelectorAll("#${ID} .bytes tbody tr")].map(row => row.cells[2].textContent)`);
  assert.deepEqual(fields, ["header", "payload"]);
  assert.match(await text(browser, ".bytes tbody"), /size 15 · previous used \d · used 1/);
  const name = (await text(browser, ".bytes caption")).split(/[ :]/)[1];
  await browser.value(`${block}.dispatchEvent(new MouseEvent("click", { bubbles: true }))`);
  assert.match(await text(browser, ".live"), new RegExp(`^Operation 25 of 25: free ${name}: its bytes are in a free block`));
  await browser.value(`document.querySelector("#${ID} .used-block").focus()`);
  await browser.key("Enter");
  assert.ok(await browser.value(`document.querySelectorAll("#${ID} .bytes tr").length > 1`), "Enter shows the bytes");
  await press(browser, "Back to the beginning");
}

/** What is wrong is said, and the figure stays as it was. */
export async function badInput(browser) {
  await type(browser, "malloc 40");
  assert.match(await text(browser, ".live"), /Operation 21 of 21: a = malloc 40: payload at/);
  const before = await text(browser, ".map");
  await type(browser, "fre a");
  assert.match(await error(browser), /operation 22, `fre a`: write `a = malloc 24`/);
  assert.equal(await text(browser, ".map"), before);
  await type(browser, "free a");
  await type(browser, "free a");
  assert.match(await text(browser, ".live"), /free a: the program does not have a.*a block was freed twice/);
  await type(browser, "malloc 100000");
  assert.match(await text(browser, ".live"), /no free block is large enough/);
  await browser.value(`(() => { const heap = document.querySelector("#${ID} input[name=heap]"); heap.value = 64; heap.form.requestSubmit(); })()`);
  await browser.value(`document.querySelector("#${ID} .controls button[title=Step]").click()`);
  assert.match(await text(browser, ".live"), /Operation 1 of .*the request fails/, "a heap that is too small says so");
  await press(browser, "Back to the beginning");
}

export async function adversary(browser) {
  await press(browser, "Let an adversary play");
  assert.match(await text(browser, ".live"), /The adversary leaves \d+ live blocks and \d+ free ones, and asks .* it is refused, with \d+ bytes free\. The largest free block has \d+ bytes\./);
  await press(browser, "Back to the beginning");
}

/** Passes a file to the figure as if it was dropped. */
async function drop(browser, name, content) {
  await browser.value(`(async () => {
    const figure = document.querySelector("#${ID}").figure;
    await figure.open(new File([${JSON.stringify(content)}], ${JSON.stringify(name)}));
  })()`);
}

/** A recorded trace of a real program is read as it is; one that is damaged says so. */
export async function recorded(browser, trace) {
  const bytes = readFileSync(trace).toString("base64");
  const drop = (name, cut) => browser.value(`document.querySelector("#${ID}").figure.open(new File([Uint8Array.from(atob("${bytes}"), letter => letter.charCodeAt(0)).subarray(0, ${cut})], "${name}"))`);
  await drop("sqlite.trace", bytes.length);
  assert.match(await text(browser, ".live"), /^Operation 0 of 20,000/);
  assert.match(await text(browser, ".more"), /^sqlite\.trace has [\d,]+ operations, and the figure shows the first 20,000/);
  assert.ok(await browser.value(`document.querySelector("#${ID} .tray").hidden`), "nothing can be added to a trace");
  await press(browser, "▶|");
  assert.match(await text(browser, ".live"), /^Operation 20,000 of 20,000: /);
  assert.match(await text(browser, ".metrics"), / B live in [1-9]/);
  await browser.value(`document.querySelector("#${ID}").figure.controls.move(15_000)`);
  const height = await browser.value(`document.querySelector("#${ID} .map").getBoundingClientRect().height`);
  assert.ok(height < 1500, `the map of a trace has ${height} pixels, whatever row the page wants for its own script`);
  await drop("cut.trace", 9000);
  assert.match(await text(browser, ".error"), /cut\.trace cannot be read: it is damaged or cut short after \d+ calls\. “cargo xtask trace info” says more/);
  await press(browser, "Back to the beginning");
}

/** A real trace is shown, a broken one is refused with its line, and one that is too long is cut. */
export async function traces(browser) {
  await browser.value(`(() => {
    const files = new DataTransfer();
    files.items.add(new File(["20000\\n2\\n4\\n1\\na 0 512\\na 1 128\\nf 0\\nf 1\\n"], "small.rep"));
    document.querySelector("#${ID} .map").dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
  })()`);
  await browser.until(`document.querySelector("#${ID} .live").textContent.startsWith("Operation 0 of 4:")`);
  await drop(browser, "broken.rep", "20000\n2\n4\n1\na 0 512\nb 1 128\n");
  assert.match(await error(browser), /line 6, `b 1 128`: a call is/);
  await drop(browser, "binary.trace", "a\0b");
  assert.match(await error(browser), /neither a recorded trace nor text/);
  await browser.value(`document.querySelector("#${ID}").figure.open(new File([new Uint8Array(33 << 20)], "huge.rep"))`);
  assert.match(await error(browser), /huge\.rep has 33 MiB; a page reads at most 32\. “cargo xtask trace cut” makes a shorter trace\./);
  const ops = Array.from({ length: 30_000 }, (_, n) => n % 3 === 2 ? `f ${n - 2}` : `a ${n} ${8 + n * 7 % 300}`);
  await drop(browser, "long.rep", `0\n0\n${ops.length}\n1\n${ops.join("\n")}\n`);
  assert.match(await text(browser, ".more"), /long\.rep has 30,000 operations, and the figure shows the first 20,000/);
  await press(browser, "Show the first 30,000");
  await browser.until(`document.querySelector("#${ID} .live").textContent.startsWith("Operation 0 of 30,000:")`);
  await drop(browser, "long.rep", `0\n0\n${ops.length}\n1\n${ops.join("\n")}\n`);
  await browser.value(`document.querySelector("#${ID} .controls button[title=Last]").click()`);
  assert.equal(await browser.value(`document.querySelectorAll("#${ID} canvas").length`), 1, "many blocks are on a canvas");
  const colours = await browser.value(`(canvas => new Set(new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size)(document.querySelector("#${ID} canvas"))`);
  assert.ok(colours > 2, "the canvas is not blank");
  const end = await text(browser, ".metrics");
  // Back past many snapshots, and forward again.
  for (const moment of [3, 19_999, 7_001, 20_000]) await browser.value(`document.querySelector("#${ID}").figure.controls.move(${moment})`);
  assert.equal(await text(browser, ".metrics"), end, "the state depends on the moment alone");
  await browser.value(`document.querySelector("#${ID} details.table").open = true`);
  await browser.until(`document.querySelectorAll("#${ID} details.table tbody tr").length === 1000`);
  assert.match(await text(browser, "details.table caption"), /the first 1,000 of/);
  await press(browser, "Back to the beginning");
}

/** A link leads to a state, those in the text and those that the figure makes. */
export async function links(browser, open) {
  await open("phase-4-coalescing");
  assert.equal(await browser.value(`document.querySelector('a[href="#${ID}@20"]').getAttribute("aria-current")`), "step", "the text shows where the figure begins");
  await browser.value(`document.querySelector('a[href="#${ID}@22"]').click()`);
  await browser.until(`document.querySelector("#${ID} input[type=range]").value === "22"`);
  assert.equal(await browser.value(`document.querySelector('a[href="#${ID}@22"]').getAttribute("aria-current")`), "step", "the text shows where the figure is");
  await browser.value(`document.querySelector("#${ID} .controls button[title=Step]").click()`);
  assert.equal(await browser.value(`document.querySelector('a[href="#${ID}@23"]').getAttribute("aria-current")`), "step");
  await type(browser, "malloc 72");
  await press(browser, "Link to this state");
  const hash = await browser.value("location.hash"), state = await text(browser, ".live");
  await open("phase-4-coalescing", hash);
  assert.equal(await text(browser, ".live"), state, `${hash} leads to the state`);
  assert.ok(await browser.value(`(({ top, bottom }) => top < innerHeight && bottom > 0)(document.querySelector("#${ID}").getBoundingClientRect())`), `${hash} shows the figure`);
}
