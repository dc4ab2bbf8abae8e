// Heaps of several stages on the same operations, at the same moment: the state is a function of the trace and an index.
import { Machine } from "./machine.js";

/** Operations between two snapshots, at least. */
const STRIDE = 256;
/** Bytes of all snapshots of a stage, at most. */
const KEPT = 64 << 20;
/** Bytes of a heap, at most. */
const LARGEST = 64 << 20;

export class Player {
  static async create(stages) {
    const player = new Player();
    player.stages = stages;
    player.machines = await Promise.all(stages.map(() => Machine.create()));
    player.index = 0;
    return player;
  }

  /** Takes operations; `heap` 0 is half more than they have live at most. */
  load(text, { heap, thresholds, limit }) {
    for (const machine of this.machines) this.length = machine.load(text, limit);
    const [{ wasm }] = this.machines;
    const fitting = Math.ceil((1.5 * wasm.peak() + 8192) / 4096) * 4096;
    this.heap = Math.max(16, Math.min(heap || fitting, LARGEST));
    this.nLeftOut = wasm.n_left_out();
    this.stages.forEach((stage, index) => this.machines[index].start(stage, this.heap, thresholds[index]));
    this.snapshots = this.machines.map(machine => [[0, this.length > STRIDE ? machine.snapshot() : undefined]]);
    this.thresholds = thresholds;
    this.index = 0;
    const n = Math.max(2, Math.floor(KEPT / wasm.memory.buffer.byteLength));
    this.stride = Math.max(STRIDE, Math.ceil(this.length / n));
  }

  /** Goes to the moment after `index` operations. */
  go(index) {
    const to = Math.max(0, Math.min(this.length, index));
    this.machines.forEach((machine, number) => this.move(machine, number, to));
    this.index = to;
  }

  move(machine, number, to) {
    const kept = this.snapshots[number];
    let at = this.index;
    const [before, snapshot] = kept.findLast(([moment]) => moment <= to);
    if (to < at || before > at) {
      if (snapshot) machine.restore(snapshot);
      else machine.start(this.stages[number], this.heap, this.thresholds[number]);
      at = before;
    }
    while (at < to) {
      const next = Math.min(to, at - at % this.stride + this.stride);
      at = machine.wasm.run(next - at);
      if (at % this.stride === 0 && at > kept.at(-1)[0]) kept.push([at, machine.snapshot()]);
    }
  }

  op(index) {
    return this.machines[0].say("op_text", index);
  }

  ops(to) {
    return Array.from({ length: to }, (_, index) => this.op(index));
  }

  /** What the last operation did, stage by stage. */
  said() {
    return this.machines.map(machine => machine.say("last"));
  }
}
