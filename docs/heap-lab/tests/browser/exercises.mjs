// The exercises of a chapter, answered in its page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/** Answers all exercises, rightly and wrongly, as the exercises' own test does; returns how many there are. */
export async function answered(browser, chapter, script) {
  const verdict = await browser.value(`(() => { ${readFileSync(script, "utf8")}
    return document.body.lastChild.data; })()`);
  assert.match(verdict, /^all \d+ exercises were answered$/, chapter);
  const n = await browser.value(`document.querySelectorAll("heap-exercise").length`);
  assert.equal(verdict, `all ${n} exercises were answered`, chapter);
  await browser.value(`document.body.lastChild.remove()`);
  return n;
}
