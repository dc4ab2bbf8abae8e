// The picture of time against memory: labels, fronts, and what the curves show at first.

import assert from "node:assert/strict";

const NEEDS = ["process allocators", "heaps in given memory", "arenas"];

/** The labels of the picture with their marks and leader lines, in units of the drawing. */
const LABELS = `[...document.querySelectorAll("#pareto .plot g[data-allocator]")].map(group => {
  const { x, y, width, height } = group.querySelector("text.label").getBBox(), ring = group.querySelector(".ring");
  const leader = document.querySelector('#pareto .plot line.leader[data-allocator="' + group.dataset.allocator + '"]');
  const ends = leader && ["x1", "y1", "x2", "y2"].map(name => Number(leader.getAttribute(name)));
  return { name: group.dataset.allocator, text: group.querySelector("text.label").textContent, box: [x, y, x + width, y + height],
    mark: [Number(ring.getAttribute("cx")), Number(ring.getAttribute("cy"))], leader: ends };
})`;

const SIZE = `document.querySelector("#pareto .plot svg").getAttribute("viewBox").split(" ").slice(2).map(Number)`;

function distance([left, top, right, bottom], [x, y]) {
  return Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
}

/** At this width each label is in the figure, covers no other, and is nearest to its own mark or joined to it. */
export async function labelsAreAtTheirMarks(browser, n, where) {
  const labels = await browser.value(LABELS), [width, height] = await browser.value(SIZE);
  assert.equal(labels.length, n, `${where}: every allocator has a label`);
  for (const { name, text, box, mark, leader } of labels) {
    assert.ok(text.startsWith(name), `${where}: ${name} has the label ${text}`);
    assert.ok(box[0] >= 0 && box[1] >= 0 && box[2] <= width && box[3] <= height, `${where}: ${name} is outside: ${box} of ${width} × ${height}`);
    for (const other of labels) {
      const isApart = other.name === name || box[2] <= other.box[0] || other.box[2] <= box[0] || box[3] <= other.box[1] || other.box[3] <= box[1];
      assert.ok(isApart, `${where}: the labels of ${name} and ${other.name} overlap`);
    }
    if (leader) {
      assert.ok(Math.hypot(leader[0] - mark[0], leader[1] - mark[1]) < 1, `${where}: the line of ${name} begins at its mark`);
      assert.ok(distance(box, leader.slice(2)) < 4, `${where}: the line of ${name} ends at its label`);
    } else {
      const nearest = labels.reduce((best, other) => distance(box, other.mark) < distance(box, best.mark) ? other : best);
      assert.equal(nearest.name, name, `${where}: the label of ${name} is nearest to its own mark`);
    }
  }
}

/** The rows of the figure's table: `[name, time, footprint, workloads, kind, is on the front]`. */
async function points(browser) {
  await browser.value(`document.querySelector("#pareto > details").open = true`);
  await browser.until(`document.querySelector("#pareto > details tbody td")`);
  const rows = await browser.value(`[...document.querySelectorAll("#pareto > details tbody tr")].map(row => [...row.cells].map(cell => cell.textContent))`);
  await browser.value(`document.querySelector("#pareto > details").open = false`);
  return rows.map(([name, time, footprint, workloads, kind, isFront]) => ({ name, kind, x: Number(time.replace(",", "")), y: Number(footprint.replace(",", "")),
    isWhole: workloads === "1" || new Set(workloads.split("/")).size === 1, isFront: isFront === "yes" }));
}

/** One front for each kind: nobody of another kind keeps an allocator from it. */
export async function frontsAreOfAKind(browser) {
  const all = await points(browser);
  assert.deepEqual([...new Set(all.map(point => point.kind))].sort(), [...NEEDS].sort());
  for (const point of all.filter(one => one.isWhole)) {
    const rivals = all.filter(other => other.isWhole && other.kind === point.kind);
    const isBeaten = rivals.some(other => other.x <= point.x && other.y <= point.y && (other.x < point.x || other.y < point.y));
    assert.equal(point.isFront, !isBeaten, `${point.name} among ${point.kind}`);
  }
}

/** Arenas are grey where blocks are freed, and only there; grey ones are not bold. */
export async function arenasAreGrey(browser, isGrey) {
  const arenas = (await points(browser)).filter(point => point.kind === "arenas");
  const looks = await browser.value(`[...document.querySelectorAll("#pareto .plot g[data-allocator]")].map(group => [group.dataset.allocator,
    group.querySelector(".mark").getAttribute("style"), group.querySelector("text.label").className.baseVal])`);
  for (const { name } of arenas) {
    const [, style, label] = looks.find(look => look[0] === name);
    assert.equal(style.includes("--strong"), isGrey, `${name}: ${style}`);
    assert.equal(label.includes("soft"), isGrey, `${name}: ${label}`);
    if (isGrey) assert.ok(!label.includes("strong"), `${name} is not bold`);
  }
}

/** The curves show libc and the best of each kind at first. */
export async function bestAreChosen(browser) {
  const all = (await points(browser)).filter(point => point.isWhole);
  const best = NEEDS.map(kind => all.filter(point => point.kind === kind).sort((a, b) => a.x * a.y - b.x * b.y)[0].name);
  const chosen = await browser.value(`[...document.querySelectorAll("fieldset input:checked")].map(box => box.closest("label").textContent)`);
  assert.deepEqual([...chosen].sort(), [...new Set(["libc", ...best])].sort());
}
