// Percentiles that a sample supports, outliers that set no axis, and the answer.

import assert from "node:assert/strict";

const ticks = browser => browser.value(`[...document.querySelectorAll("#latency .plot svg text.soft[text-anchor=middle]")].map(text => text.textContent)`);

async function choose(browser, figure, label, value) {
  await browser.value(`(() => {
    const select = [...document.querySelectorAll("#${figure} label")].find(label => label.textContent.startsWith("${label}")).querySelector("select");
    select.value = "${value}";
    select.dispatchEvent(new Event("change"));
  })()`);
}

/** Of 1,000 calls, 99 % is the last percentile with ten calls beyond it; of 100,000 all are. */
export async function percentilesAreSupported(browser) {
  assert.deepEqual(await ticks(browser), ["median", "90 %", "99 %", "slowest"]);
  assert.match(await browser.value(`document.querySelector("#latency figcaption").textContent`), /at least 10 calls lie beyond it.*99\.99 % needs 100,000/);
  await choose(browser, "latency", "Sizes", 256);
  assert.deepEqual(await ticks(browser), ["median", "90 %", "99 %", "99.9 %", "99.99 %", "slowest"]);
  await choose(browser, "latency", "Sizes", "all");
  await browser.value(`document.querySelector("#latency > details").open = true`);
  await browser.until(`document.querySelector("#latency > details tbody td")`);
  const rows = await browser.value(`[...document.querySelectorAll("#latency > details tbody tr")].map(row => [...row.cells].map(cell => cell.textContent))`);
  for (const [name, , , n, median, , , p999, p9999, slowest] of rows) {
    const isFew = n === "1,000";
    assert.deepEqual([median === "–", p999 === "–", p9999 === "–", slowest === "–"], [false, isFew, isFew, false], `${name}, ${n} calls`);
  }
  await browser.value(`document.querySelector("#latency > details").open = false`);
}

/** An allocator far behind all others is at the border with its figure, and the others keep the axis. */
export async function outliersSetNoAxis(browser, outlier) {
  const bars = await browser.value(`[...document.querySelectorAll("#workloads .plot svg")].map(panel => [...panel.querySelectorAll("g[data-allocator]")].map(row => ({
    name: row.dataset.allocator, marks: [...row.querySelectorAll(".mark")].map(mark => { const box = mark.getBBox(); return box.x + box.width / 2; }),
    arrows: row.querySelectorAll(".arrow").length, text: [...row.querySelectorAll("text")].map(one => one.textContent).join(" ") })))`);
  for (const rows of bars) {
    const far = rows.find(row => row.name === outlier), others = rows.filter(row => row.name !== outlier && row.marks.length === 2);
    assert.deepEqual([far.marks.length, far.arrows], [0, 2], `time and footprint of ${outlier} are arrows`);
    assert.match(far.text, / [\d.,]+ (ns|µs|ms) [\d.]+$/, "with their figures");
    for (const which of [0, 1]) {
      const places = others.map(row => row.marks[which]);
      assert.ok(Math.max(...places) - Math.min(...places) > 120, `the others keep the axis: ${places}`);
    }
  }
  const label = await browser.value(`document.querySelector('#pareto g[data-allocator="${outlier}"] text.label').textContent`);
  assert.match(label, new RegExp(`^${outlier} → [\\d.]+ ↑ [\\d.]+$`), "in the scatter as well");
  await browser.value(`[...document.querySelectorAll("fieldset label")].find(label => label.textContent === "${outlier}").querySelector("input").click()`);
  const { tops, title } = await browser.value(`({
    tops: [...document.querySelectorAll("#memory .plot g[data-allocator]")].filter(line => line.dataset.allocator !== "${outlier}").map(line => line.querySelector("path.line").getBBox().y),
    title: [...document.querySelectorAll("#memory text.label")].map(text => text.textContent).find(text => text.startsWith("${outlier}")) })`);
  assert.ok(tops.length > 1 && Math.min(...tops) < 120, `the highest of the other lines is high in the picture: ${tops}`);
  assert.match(title, /↑ [\d.]+ MiB$/);
  await browser.value(`[...document.querySelectorAll("fieldset label")].find(label => label.textContent === "${outlier}").querySelector("input").click()`);
}

/** The answer stands under the title, a sentence a line, the best one's name emphasised. */
export async function answerIsFirst(browser) {
  const block = await browser.value(`(() => {
    const block = document.querySelector("h1").nextElementSibling;
    return { id: block.id, lines: [...block.children].map(line => [line.textContent, [...line.querySelectorAll("strong")].map(one => one.textContent)]) };
  })()`);
  assert.equal(block.id, "answers");
  assert.deepEqual(block.lines, [["As malloc: neither stage-20 nor old-stage-2 but stage-2, 0.71 of libc's time.", ["stage-2"]], ["In given memory: too close to tell.", []]]);
}

/** A report without an answer has no room for one. */
export async function noAnswerIsNoBlock(browser) {
  assert.equal(await browser.value(`getComputedStyle(document.getElementById("answers")).display`), "none");
}
