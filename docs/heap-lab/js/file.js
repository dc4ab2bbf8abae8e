// Traces from files.

/** Operations that a page shows unless it is asked for more. */
export const SHOWN = 20_000;
/** Operations that a page shows at most. */
export const MOST = 200_000;
const LARGEST = 32 << 20;

/** The text of a `.rep` file; throws what keeps it from being shown. */
export async function read(file) {
  if (file.size > LARGEST) throw new Error(`${file.name} has ${Math.round(file.size / (1 << 20))} MiB; a page reads at most ${LARGEST >> 20}. “cargo xtask trace cut” makes a shorter trace.`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes.includes(0)) throw new Error(`${file.name} is no text. “cargo xtask trace export” writes a recorded trace as .rep, which a page reads.`);
  return new TextDecoder().decode(bytes);
}
