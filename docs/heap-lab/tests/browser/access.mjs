// What a reader needs who does not see the figures, or uses no mouse.

import assert from "node:assert/strict";

/** Everything that can be reached has a role and a name; ids are unique; the live lines are live. */
export async function named(browser, where) {
  const nameless = await browser.value(`[...document.querySelectorAll("heap-lab .lab :is(svg, canvas, [role=img], [role=group], [role=region], [role=button], button, input, select, section)")].filter(one =>
    !one.getAttribute("aria-label") && !one.closest("label")?.textContent.trim() && !one.textContent.trim()).map(one => one.outerHTML.slice(0, 120))`);
  assert.deepEqual(nameless, [], `${where}: everything has a name`);
  const twice = await browser.value(`[...document.querySelectorAll("[id]")].map(one => one.id).filter((id, index, all) => all.indexOf(id) !== index)`);
  assert.deepEqual(twice, [], `${where}: no id is there twice`);
  assert.ok(await browser.value(`[...document.querySelectorAll("heap-lab")].every(one => one.querySelector("[aria-live=polite]").textContent.trim())`), `${where}: every figure says its state`);
}

/** Text of the figures with less than 4.5 to 1 against what is behind it. */
const FAINT = `(() => {
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => numbers(colour).slice(0, 3).map(n => n / 255).map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4).reduce((sum, c, index) => sum + c * [.2126, .7152, .0722][index], 0);
  const isClear = colour => colour === "none" || numbers(colour)[3] === 0;
  const behind = one => { for (; one; one = one.parentElement) if (!isClear(getComputedStyle(one).backgroundColor)) return getComputedStyle(one).backgroundColor; return "rgb(255, 255, 255)"; };
  const under = text => {
    const shapes = [...text.parentElement.children].filter(one => one.tagName === "rect" && !one.classList.contains("over")), box = text.getBBox(), x = box.x + box.width / 2, y = box.y + box.height / 2;
    const hit = shapes.findLast(one => { const own = one.getBBox(); return own.x <= x && x <= own.x + own.width && own.y <= y && y <= own.y + own.height; });
    return hit ? getComputedStyle(hit).fill : behind(text);
  };
  const texts = [...document.querySelectorAll("heap-lab .lab *")].filter(one => one.tagName !== "OPTION" && [...one.childNodes].some(child => child.nodeType === 3 && child.data.trim()));
  return texts.map(one => {
    const isDrawn = one.namespaceURI.endsWith("svg");
    const [x, y] = [light(isDrawn ? getComputedStyle(one).fill : getComputedStyle(one).color), light(isDrawn ? under(one) : behind(one))];
    return [one.textContent.slice(0, 40), one.className.baseVal ?? one.className, ((Math.max(x, y) + .05) / (Math.min(x, y) + .05)).toFixed(2)];
  }).filter(([, , ratio]) => ratio < 4.5);
})()`;

export async function contrast(browser, where) {
  assert.deepEqual(await browser.value(FAINT), [], `${where}: all text is to be read`);
}

/** Tab goes through the controls and then the blocks in address order. */
export async function tabOrder(browser, id) {
  await browser.value(`document.querySelector("#${id} .controls button").focus()`);
  const at = () => browser.value(`(one => one.closest("#${id}") ? one.dataset.offset ?? one.tagName.toLowerCase() : "outside")(document.activeElement)`);
  const seen = [await at()];
  for (let n = 0; n < 12; n++) {
    await browser.key("Tab");
    seen.push(await at());
  }
  assert.deepEqual(seen.slice(0, 6), ["button", "button", "button", "button", "button", "input"], `${id}: the controls come first: ${seen}`);
  const offsets = seen.slice(6).map(Number);
  assert.ok(offsets.every((offset, index) => index === 0 || offset > offsets[index - 1]), `${id}: then the blocks in address order: ${seen}`);
}

/** The rule of axe-core that a theme has a say in. */
export const COLOURS = { runOnly: ["color-contrast"] };

/** axe-core's rules, on a chapter with its figures and exercises; or those alone that another theme may break. */
export async function violations(browser, axe, where, rules = {}) {
  if (!await browser.value(`typeof axe !== "undefined"`)) await browser.value(`${axe}; undefined`);
  const options = { resultTypes: ["violations"], selectors: false, preload: false, ...rules };
  const found = await browser.value(`axe.run("main", ${JSON.stringify(options)}).then(({ violations }) => violations.map(one => one.id + ": " + one.nodes[0].html.slice(0, 160) + " " + one.nodes[0].failureSummary))`);
  assert.deepEqual(found, [], `${where}: axe-core`);
}
