// A heap of many blocks: colours and hatching on a canvas, without names.

const HEIGHT = 240, ROW = 12;

/** A colour of the page's theme. */
function themed(element, name) {
  element.style.color = `var(--lab-${name})`;
  return getComputedStyle(element).color;
}

/** The fill of a state: its colour, hatched if it is free. */
function fill(context, element, state) {
  const colour = themed(element, state);
  if (state !== "free") return colour;
  const tile = new OffscreenCanvas(6, 6), ink = tile.getContext("2d");
  ink.fillStyle = colour;
  ink.fillRect(0, 0, 6, 6);
  ink.strokeStyle = themed(element, "line");
  ink.beginPath();
  ink.moveTo(0, 6);
  ink.lineTo(6, 0);
  ink.stroke();
  return context.createPattern(tile, "repeat");
}

/** Draws the records in rows of equal length; the table below the figure has their names. */
export function paint(canvas, records, width) {
  canvas.width = width;
  canvas.height = HEIGHT;
  const context = canvas.getContext("2d");
  const fills = Object.fromEntries(["used", "free", "meta", "lost"].map(state => [state, fill(context, canvas, state)]));
  const total = records.reduce((sum, one) => sum + one.size, 0), nRows = HEIGHT / ROW, perRow = total / nRows;
  let at = 0;
  for (const { size, state } of records) {
    context.fillStyle = fills[state];
    const end = at + size;
    while (at < end) {
      const row = Math.min(nRows - 1, Math.floor(at / perRow + 1e-9));
      const to = row === nRows - 1 ? end : Math.min(end, (row + 1) * perRow);
      context.fillRect((at - row * perRow) / perRow * width, row * ROW, Math.max(.5, (to - at) / perRow * width - .3), ROW - 2);
      at = to > at ? to : end;
    }
  }
}
