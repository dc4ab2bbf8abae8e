// Recorded traces: the compact format of docs/src/traces.md, version 2, as the lines of a .rep file.
import { inflate } from "./module.js";

const MAGIC = [0x89, 0x41, 0x4c, 0x4c, 0x4f, 0x43, 0x0d, 0x0a], VERSION = 2;
const HEADER = 20, RECORD = 36;
const PLAIN_ALIGN = 8;

/** Whether bytes begin as such a trace does. */
export const isRecorded = bytes => MAGIC.every((byte, index) => bytes[index] === byte);

/** The calls of a frame: numbers of seven bits a byte, the lowest first. */
function* calls(bytes, nCalls, firstBlock) {
  let at = 0, nBlocks = firstBlock;
  const number = () => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("a frame is cut short");
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  for (let call = 0; call < nCalls; call++) {
    const first = number(), rest = Math.floor(first / 4);
    const kind = first % 4;
    if (kind === 1) yield `f ${nBlocks - rest}`;
    else if (kind === 2) yield `r ${nBlocks - rest} ${number()}`;
    else {
      const align = kind === 3 ? 2 ** (number() >> 1) : PLAIN_ALIGN;
      yield `a ${nBlocks++} ${rest}${align > PLAIN_ALIGN ? ` ${align}` : ""}`;
    }
  }
}

/** The first `most` calls as lines, and how many more there are; throws what is wrong with the bytes. */
export async function lines(bytes, most) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER) throw new Error("the file ends in its header");
  if (view.getUint16(8, true) !== VERSION) throw new Error(`it is of version ${view.getUint16(8, true)} of the format, and a page reads version ${VERSION}`);
  const text = [];
  let at = HEADER + view.getUint32(12, true), nCalls = 0;
  while (at + RECORD <= bytes.length) {
    const tag = String.fromCharCode(...bytes.subarray(at, at + 4)), [nItems, packed] = [4, 8].map(offset => view.getUint32(at + offset, true));
    const content = bytes.subarray(at + RECORD, at + RECORD + packed);
    if (!["CALL", "LIVE", "INDX"].includes(tag) || content.length < packed) throw new Error(`it is damaged or cut short after ${nCalls} calls`);
    if (tag === "CALL" && text.length < most) {
      const frame = calls(await inflate(content), nItems, Number(view.getBigUint64(at + 24, true)));
      while (text.length < most) {
        const { value, done } = frame.next();
        if (done) break;
        text.push(value);
      }
    }
    if (tag === "CALL") nCalls += nItems;
    at += RECORD + packed;
  }
  return { text: text.join("\n"), nMore: nCalls - text.length };
}
