// Address against time: how full each part of the heap is, over the whole workload.

/** A colour of the page, as the three numbers that a canvas wants. */
function rgb(variable) {
  const probe = html("span", { style: `color:var(${variable})` });
  document.body.append(probe);
  const numbers = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  probe.remove();
  return numbers;
}

function heatmap(layout, label) {
  const { rows, columns } = layout, cells = fromBase64(layout.heat);
  const canvas = html("canvas", { width: columns, height: rows, class: "heat", role: "img", "aria-label": label });
  const context = canvas.getContext("2d"), image = context.createImageData(columns, rows);
  const empty = rgb("--paper"), full = rgb("--ink"), used = rgb("--used");
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const share = (cells[row * columns + column] ?? 0) / 255, at = ((rows - 1 - row) * columns + column) * 4;
      // From paper over the hue of used blocks to ink: lightness alone tells it.
      const [from, to, part] = share < .5 ? [empty, used, share * 2] : [used, full, (share - .5) * 1.2];
      for (let channel = 0; channel < 3; channel++) image.data[at + channel] = from[channel] + (to[channel] - from[channel]) * part;
      image.data[at + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** The heat map in eight by eight cells, as a table. */
function heatTable(layout, nOps) {
  const cells = fromBase64(layout.heat), { rows, columns } = layout, n = 8;
  const mean = (row, column) => {
    let sum = 0, many = 0;
    for (let r = Math.floor(row * rows / n); r < Math.floor((row + 1) * rows / n); r++) {
      for (let c = Math.floor(column * columns / n); c < Math.floor((column + 1) * columns / n); c++) { sum += cells[r * columns + c]; many++; }
    }
    return many ? sum / many / 255 : null;
  };
  const titles = Array.from({ length: n }, (_, column) => [`to op ${thousands((column + 1) * nOps / n)}`, percent]);
  return tableOf("How full each eighth of the heap is, in each eighth of the run", [["addresses from"], ...titles],
    Array.from({ length: n }, (_, row) => [bytes(row * layout.heap / n), ...titles.map((_, column) => mean(row, column))]));
}
