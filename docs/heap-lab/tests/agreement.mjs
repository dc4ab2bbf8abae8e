// What the module in page/module.js says to the scripts of agreement.rs: hashes of heaps, and sentences of two threads.
//
// node agreement.mjs MODULE "STAGES" "THREADS' SCRIPT" "SEED SCRIPT"…

import { readFileSync } from "node:fs";
import { Machine } from "../js/machine.js";

const [file, stages, threads, ...scripts] = process.argv.slice(2);
globalThis.HEAP_LAB_MODULE = /"([^"]+)"/.exec(readFileSync(file, "utf8"))[1];

for (const stage of stages.split(" ")) {
  const machine = await Machine.create();
  for (const line of scripts) {
    const [seed, ...script] = line.split(" ");
    const n = machine.load(script.join(" "));
    machine.start(stage, 8192, 0);
    const words = [stage, seed];
    for (let done = 0; done < n;) {
      done = machine.wasm.run(50 - done % 50);
      if (done % 50 === 0) words.push(BigInt.asUintN(64, machine.wasm.walk_hash()).toString(16));
    }
    console.log(words.join(" "), machine.say("last"));
  }
}

const machine = await Machine.create();
const n = machine.threads(threads);
for (let index = 0; index <= n; index++) console.log(machine.say("say_remote", index));
