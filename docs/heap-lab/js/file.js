// Traces from files.
import { isRecorded, lines } from "./recorded.js";

/** Operations that a page shows unless it is asked for more. */
export const SHOWN = 20_000;
/** Operations that a page shows at most. */
export const MOST = 200_000;
const LARGEST = 32 << 20;

/** The calls in a file as lines, and how many more it has; throws what keeps it from being shown. */
export async function read(file) {
  if (file.size > LARGEST) throw new Error(`${file.name} has ${Math.round(file.size / (1 << 20))} MiB; a page reads at most ${LARGEST >> 20}. “cargo xtask trace cut” makes a shorter trace.`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (isRecorded(bytes)) {
    try {
      return await lines(bytes, MOST);
    } catch (error) {
      throw new Error(`${file.name} cannot be read: ${error.message}. “cargo xtask trace info” says more.`);
    }
  }
  if (bytes.includes(0)) throw new Error(`${file.name} is neither a recorded trace nor text. “cargo xtask trace import” reads other formats.`);
  return { text: new TextDecoder().decode(bytes), nMore: 0 };
}
