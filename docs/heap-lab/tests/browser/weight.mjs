// How heavy a chapter is, and how soon its first figure answers.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Bytes that figures and exercises may add to a page. */
const MOST_BYTES = 300_000;

/** Milliseconds until the first figure answers, at most. A second is the aim, on a machine that does nothing else. */
const MOST_MS = 5000;

/** Goes to the first figure at once, and notes the milliseconds since the navigation when it moves. */
const WATCH = `new MutationObserver(() => {
  if (document.querySelector("heap-lab").dataset.state) globalThis.ready ??= performance.now();
}).observe(document, { subtree: true, attributeFilter: ["data-state"] });
addEventListener("DOMContentLoaded", () => document.querySelector("heap-lab")?.scrollIntoView({ behavior: "instant" }));`;

/** Opens a chapter at its first figure; returns the milliseconds until that answers. */
export async function startUp(browser, url) {
  const { identifier } = await browser.send("Page.addScriptToEvaluateOnNewDocument", { source: WATCH });
  await browser.send("Page.navigate", { url: "about:blank" });
  await browser.send("Page.navigate", { url });
  await browser.until(`globalThis.ready`);
  await browser.send("Page.removeScriptToEvaluateOnNewDocument", { identifier });
  const ms = Math.round(await browser.value("ready"));
  assert.equal(await browser.value(`document.querySelector("heap-lab").dataset.state`), "live", url);
  assert.ok(ms <= MOST_MS, `${url}: its first figure answers after ${ms} ms`);
  return ms;
}

/** Prints what a page weighs by the files that it asked for, and what of that is for figures and exercises. */
export function weight(chapter, requests) {
  const files = [...new Set(requests.filter(one => one.startsWith("file:")).map(one => fileURLToPath(one.split("#")[0].split("?")[0])))];
  const sum = files => files.map(file => statSync(file).size).reduce((sum, size) => sum + size, 0);
  const added = sum(files.filter(file => /\/(heap-lab|exercises|images\/figures)\//.test(file)));
  assert.ok(added > 0 && added <= MOST_BYTES, `${chapter}: figures and exercises add ${added} bytes`);
  console.log(`${chapter}: ${Math.round(sum(files) / 1000)} kB, ${Math.round(added / 1000)} kB of it for figures and exercises`);
}
