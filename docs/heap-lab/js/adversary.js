// A player against the stage: fills the heap with equal blocks, frees every second one, and asks for twice as much.

const SIZE = 40;
const MOST = 400;

/** The adversary's operations against the heap of `player`, which it plays at once. */
export function play(player, options) {
  const fills = Array.from({ length: MOST }, (_, index) => `v${index} = malloc ${SIZE}`);
  player.load(fills.join("; "), options);
  player.go(MOST);
  const n = Math.max(2, player.machines[0].records().filter(one => one.block !== undefined).length);
  const script = fills.slice(0, n);
  for (let index = 0; index < n; index += 2) script.push(`free v${index}`);
  script.push(`big = malloc ${2 * SIZE}`);
  return script.join("; ");
}

/** What came of it, for the first heap. */
export function result(player) {
  const { free, largest, nFree, nLive } = player.machines[0].metrics();
  const isServed = player.machines[0].records().some(one => one.block !== undefined && player.machines[0].say("name", one.block) === "big");
  return `The adversary leaves ${nLive} live blocks and ${nFree} free ${nFree === 1 ? "one" : "ones"}, and asks for ${2 * SIZE} bytes: ${isServed ? "it is served" : `it is refused, with ${free} bytes free`}. The largest free block has ${largest} bytes.`;
}
