// A heap that is rebuilt from its log, at any operation.

/** The bytes of base64 text. */
const fromBase64 = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));

/** The bytes that were deflated (RFC 1951, without a header). */
async function inflate(compressed) {
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Operations between two copies of the heap, from which every other is a short replay away. */
const BETWEEN = 256;

/** Reads a log: one `{slot, offset, size}` for each operation; a free has no size. */
function decodeLog(raw) {
  const steps = [];
  let at = 0;
  const number = () => {
    let value = 0, factor = 1, byte;
    do { byte = raw[at++]; value += (byte & 127) * factor; factor *= 128; } while (byte & 128);
    return value;
  };
  while (at < raw.length) {
    const word = number(), slot = Math.floor(word / 2);
    steps.push(word % 2 ? { slot, isFree: true } : { slot, offset: number(), size: number() });
  }
  return steps;
}

class Heap {
  /** The heap ends where the last block of any of the operations does; `edges` are where its ranges of addresses begin. */
  constructor(steps, edges) {
    this.steps = steps;
    this.edges = edges;
    this.length = steps.reduce((end, step) => step.isFree ? end : Math.max(end, step.offset + step.size), 1);
    this.copies = [new Map()];
    const live = new Map();
    steps.forEach((step, index) => {
      apply(live, step);
      if ((index + 1) % BETWEEN === 0) this.copies.push(new Map(live));
    });
  }

  /** Blocks live after `op` operations: from slot to block. */
  at(op) {
    const from = Math.floor(op / BETWEEN), live = new Map(this.copies[from]);
    for (let index = from * BETWEEN; index < op; index++) apply(live, this.steps[index]);
    return live;
  }

  /** Used and free stretches after `op` operations, in the order of addresses. */
  stretches(op) {
    const blocks = [...this.at(op).values()].sort((a, b) => a.offset - b.offset), found = [];
    let end = 0;
    for (const block of blocks) {
      found.push(...this.free(end, block.offset));
      found.push({ ...block, isFree: false });
      end = Math.max(end, block.offset + block.size);
    }
    found.push(...this.free(end, this.length));
    return found;
  }

  /** The free stretches from one offset to another: none reaches from one range into the next. */
  free(from, to) {
    const ends = [...this.edges.filter(edge => edge > from && edge < to), to];
    return ends.map((end, index) => ({ offset: index ? ends[index - 1] : from, size: end - (index ? ends[index - 1] : from), isFree: true })).filter(one => one.size > 0);
  }

  /** What the last of `op` operations did, and how the heap is then. */
  words(op) {
    const stretches = this.stretches(op), used = stretches.filter(one => !one.isFree), holes = stretches.filter(one => one.isFree && one.offset + one.size < this.length);
    const sum = used.reduce((total, one) => total + one.size, 0), largest = holes.reduce((most, one) => Math.max(most, one.size), 0);
    return `Operation ${thousands(op)} of ${thousands(this.steps.length)}: ${this.deed(op)} ${used.length} blocks used, ${bytes(sum)}; `
      + `${holes.length} holes between them${holes.length ? `, the largest ${bytes(largest)}` : ""}.`;
  }

  deed(op) {
    const step = this.steps[op - 1];
    if (!step) return "nothing is allocated yet.";
    const before = this.at(op - 1).get(step.slot);
    if (step.isFree) return before ? `frees ${bytes(before.size)} at offset ${thousands(before.offset)}.` : "frees nothing.";
    if (!before) return `allocates ${bytes(step.size)} at offset ${thousands(step.offset)}.`;
    return `resizes ${bytes(before.size)} to ${bytes(step.size)}, ${before.offset === step.offset ? "in place" : `moved to offset ${thousands(step.offset)}`}.`;
  }
}

function apply(live, step) {
  if (step.isFree) live.delete(step.slot);
  else live.set(step.slot, step);
}
