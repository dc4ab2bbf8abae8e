// Whether the colours of a page can be told apart.

import assert from "node:assert/strict";

/** Text with less than 4.5 to 1 against what is behind it. */
const FAINT = `(() => {
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => numbers(colour).slice(0, 3).map(n => n / 255).map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4).reduce((sum, c, index) => sum + c * [.2126, .7152, .0722][index], 0);
  const isClear = colour => numbers(colour)[3] === 0;
  const behind = one => { for (; one; one = one.parentElement) if (!isClear(getComputedStyle(one).backgroundColor)) return getComputedStyle(one).backgroundColor; return "rgb(255, 255, 255)"; };
  const texts = [...document.body.querySelectorAll("*")].filter(one => !["SCRIPT", "NOSCRIPT", "OPTION", "title"].includes(one.tagName) && [...one.childNodes].some(child => child.nodeType === 3 && child.data.trim()));
  return texts.map(one => {
    const [x, y] = [light(one.namespaceURI.endsWith("svg") ? getComputedStyle(one).fill : getComputedStyle(one).color), light(behind(one))];
    return [one.textContent.slice(0, 40), (Math.max(x, y) + .05) / (Math.min(x, y) + .05)];
  }).filter(([, ratio]) => ratio < 4.5);
})()`;

/** Text of 4.5 to 1 and lines of 3 to 1, on the page and on panels. */
export async function contrast(browser, scheme) {
  const ratios = await browser.value(`(() => {
    const root = document.documentElement, probe = document.createElement("span");
    document.body.append(probe);
    const light = name => {
      probe.style.color = "var(" + name + ")";
      const [r, g, b] = getComputedStyle(probe).color.match(/[\\d.]+/g).map(n => n / 255).map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
      return .2126 * r + .7152 * g + .0722 * b;
    };
    const ratio = (a, b) => { const [x, y] = [light(a), light(b)]; return (Math.max(x, y) + .05) / (Math.min(x, y) + .05); };
    const found = ["--ink", "--soft", "--accent"].map(name => [name, 4.5, Math.min(ratio(name, "--paper"), ratio(name, "--panel"))]);
    for (let hue = 0; hue < 7; hue++) found.push(["--hue" + hue, 3, ratio("--hue" + hue, "--paper")]);
    probe.remove();
    return found;
  })()`);
  assert.deepEqual(await browser.value(FAINT), [], `${scheme}: all text is to be read`);
  for (const [name, least, ratio] of ratios) assert.ok(ratio >= least, `${scheme} ${name}: ${ratio.toFixed(2)}`);
}
