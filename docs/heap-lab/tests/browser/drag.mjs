// What a reader does with a mouse: drags blocks, their ends and requests. And the same with the keyboard.

import assert from "node:assert/strict";

/** The middle of an element, or a place in it as shares of its width and height; it is scrolled into view first. */
async function place(browser, element, x = .5, y = .5) {
  return browser.value(`(() => {
    const one = ${element};
    one.scrollIntoView({ block: "center", behavior: "instant" });
    const box = one.getBoundingClientRect();
    return [box.x + box.width * ${x}, box.y + box.height * ${y}];
  })()`);
}

/** The middle of an element where it is. */
async function middle(browser, element) {
  return browser.value(`(box => [box.x + box.width / 2, box.y + box.height / 2])(${element}.getBoundingClientRect())`);
}

async function mouse(browser, type, [x, y]) {
  await browser.send("Input.dispatchMouseEvent", { type, x, y, button: "left", buttons: type === "mouseReleased" ? 0 : 1, clickCount: 1 });
}

/** Presses at one place, moves to another one and lets go; returns what was said meanwhile. */
async function drag(browser, from, to) {
  await mouse(browser, "mousePressed", from);
  await mouse(browser, "mouseMoved", [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]);
  await mouse(browser, "mouseMoved", to);
  const said = await browser.value(`document.querySelector("heap-lab .ghost")?.textContent`);
  await mouse(browser, "mouseReleased", to);
  assert.equal(await browser.value(`document.querySelectorAll(".ghost, .is-dragging, .is-over").length`), 0, "nothing is left of a drag");
  return said;
}

const live = (browser, id) => browser.value(`document.querySelector("#${id} .live").textContent`);
const press = (browser, id, name) => browser.value(`[...document.querySelectorAll("#${id} button")].find(one => one.textContent === ${JSON.stringify(name)}).click()`);

/** In a figure of heaps. */
export async function heaps(browser, id) {
  await press(browser, id, "Back to the beginning");
  await press(browser, id, "▶|");
  const last = await browser.value(`Number(document.querySelector("#${id} input[type=range]").value)`);
  const used = name => `[...document.querySelectorAll("#${id} .used-block")].find(one => one.getAttribute("aria-label").startsWith("block ${name}:"))`;
  const map = `document.querySelector("#${id} .map svg")`, away = `document.querySelector("#${id} .caption")`;

  const bin = `document.querySelector("#${id} .free-here")`;
  const from = await place(browser, `${used("d1")}.querySelector("rect")`);
  assert.equal(await drag(browser, from, await middle(browser, bin)), "free d1");
  assert.match(await live(browser, id), new RegExp(`^Operation ${last + 1} of ${last + 1}: free d1: its bytes are in a free block`));

  // A block that is let go elsewhere stays, and so does one that a press without a move chooses.
  const stays = await place(browser, `${used("d2")}.querySelector("rect")`);
  await drag(browser, stays, await middle(browser, away));
  assert.match(await live(browser, id), new RegExp(`^Operation ${last + 1} of`));
  await mouse(browser, "mousePressed", stays);
  await mouse(browser, "mouseReleased", stays);
  assert.match(await browser.value(`document.querySelector("#${id} .bytes caption").textContent`), /^block d2: used/);

  const grip = await place(browser, `${used("c1")}.querySelector(".grip")`);
  const scale = await browser.value(`Number(${used("c1")}.querySelector(".grip").dataset.scale)`);
  const said = await drag(browser, grip, [grip[0] - 48 * scale, grip[1]]);
  assert.equal(said, "realloc c1 68");
  assert.match(await live(browser, id), /: realloc c1 68: c1 stays where it is\./);

  const end = await place(browser, `document.querySelector("#${id} .request .grip")`);
  await drag(browser, end, [end[0] + 40, end[1]]);
  assert.equal(await browser.value(`document.querySelector("#${id} input[name=bytes]").value`), "64");
  const request = await place(browser, `document.querySelector("#${id} .request")`, .3);
  const over = await middle(browser, map);
  assert.equal(await drag(browser, request, over), "malloc 64");
  assert.match(await live(browser, id), /: a = malloc 64: payload at/);

  await browser.value(`${used("d2")}.focus()`);
  await browser.key("-");
  assert.match(await live(browser, id), /: realloc d2 108: d2 stays where it is\./);
  assert.match(await browser.value(`document.activeElement.getAttribute("aria-label")`), /^block d2/, "the block keeps the focus");
  await browser.key("+");
  assert.match(await live(browser, id), /: realloc d2 116:/);
  await browser.key("Delete");
  assert.match(await live(browser, id), /: free d2: its bytes are in a free block/);
  await press(browser, id, "malloc 64");
  assert.match(await live(browser, id), /: b = malloc 64: payload at/);
  await press(browser, id, "Back to the beginning");
}

/** In the figure of two threads. */
export async function threads(browser, id) {
  const tell = name => press(browser, id, name);
  await tell("|◀");
  await tell("A malloc");
  await tell("A malloc");
  await tell("B malloc");
  assert.match(await live(browser, id), /^Operation 3 of 3: B malloc: B gets b1/);
  const block = name => `document.querySelector("#${id} [data-block=${name}]")`, side = thread => `document.querySelectorAll("#${id} [data-thread=${thread}] rect")[2]`;
  const from = await place(browser, block("a1"));
  assert.equal(await drag(browser, from, await middle(browser, side("B"))), "B free a1");
  assert.match(await live(browser, id), /^Operation 4 of 4: B free a1: by the address map a1 is A's/);
  await browser.value(`${block("a2")}.focus()`);
  await browser.key("b");
  assert.match(await live(browser, id), /^Operation 5 of 5: B free a2:/);
  const pressed = await place(browser, block("b1"));
  await mouse(browser, "mousePressed", pressed);
  await mouse(browser, "mouseReleased", pressed);
  await tell("A free b1");
  await tell("wait ten milliseconds");
  assert.match(await live(browser, id), /one compare-and-swap puts b1 in front of B's remote free list\. And one compare-and-swap puts a2 a1 in front of A's/);
  await browser.value(`(input => { input.value = "A free b1"; input.form.requestSubmit(); })(document.querySelector("#${id} input[name=operation]"))`);
  assert.match(await live(browser, id), /the program does not have b1, so nothing is done/);
  await browser.value(`(input => { input.value = "C malloc"; input.form.requestSubmit(); })(document.querySelector("#${id} input[name=operation]"))`);
  assert.match(await browser.value(`document.querySelector("#${id} .error").textContent`), /operation 9, `C malloc`: write `A malloc`/);
  const state = await live(browser, id);
  await tell("Link to this state");
  const hash = await browser.value("location.hash");
  await tell("Back to the beginning");
  assert.notEqual(await live(browser, id), state);
  await browser.value(`document.querySelector("#${id}").figure.follow()`);
  assert.equal(await live(browser, id), state, `${hash} leads to the state`);
}
