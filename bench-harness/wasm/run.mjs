// Runs the loops of several modules in one process, in turns, and prints a line for each result:
//   NAME LOOP NANOSECONDS PAGES SUM
// node run.mjs ROUNDS NAME=MODULE...
//
// A loop gets an instance of its own. The first run has a fixed number of steps; the memory's pages are read after it.
// Later runs take about MS_A_RUN each; the fastest counts.

import { readFileSync } from "node:fs";

const MS_A_RUN = 8;
const N_SEEDS = 8;

const LOOPS = {
  pair: { first: 200_000, run: (x, n) => x.run_pair(n) },
  churn: { first: 300_000, start: (x) => x.fill_churn(), run: (x, n) => x.run_churn(n) },
  random: {
    first: 100_000,
    fixed: true,
    start: (x, n) => {
      for (let seed = 1; seed < N_SEEDS; seed++) x.run_random(n, seed);
    },
    run: (x, n, turn) => x.run_random(n, (turn ?? 0) % N_SEEDS),
  },
  chain: { first: 100, run: (x, n) => x.run_chain(n) },
};

// CPU time, so that other programs on the machine take none of it.
const ms = (run) => {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
};

const prepare = (name, module, loop) => {
  const { first, fixed, start, run } = LOOPS[loop];
  const { exports } = new WebAssembly.Instance(module);
  start?.(exports, first);
  const sum = run(exports, first) >>> 0;
  const pages = exports.memory.buffer.byteLength / 65536;
  let n = first;
  if (!fixed) {
    const took = ms(() => run(exports, n));
    n = Math.max(1, Math.round((n * MS_A_RUN) / Math.max(took, 0.01)));
  }
  return { name, loop, exports, n, pages, sum, times: [] };
};

const [rounds, ...modules] = process.argv.slice(2);
const all = [];
for (const argument of modules) {
  const [name, path] = argument.split("=");
  const module = new WebAssembly.Module(readFileSync(path));
  for (const loop of Object.keys(LOOPS)) all.push(prepare(name, module, loop));
}
for (let turn = 0; turn < Number(rounds); turn++) {
  for (const one of all) {
    const took = ms(() => LOOPS[one.loop].run(one.exports, one.n, turn));
    one.times.push((took * 1e6) / one.n);
  }
}
for (const { name, loop, pages, sum, times } of all) {
  console.log([name, loop, Math.min(...times).toFixed(2), pages, sum].join(" "));
}
