// The blocks of a heap at one operation, in lines of addresses.

const LINE = 15, GAP = 4, FEW = 400;

/** Stretches cut where a line of addresses ends. */
function cut(stretches, perLine) {
  return stretches.flatMap(one => {
    const parts = [];
    for (let from = one.offset; from < one.offset + one.size;) {
      const to = Math.min(one.offset + one.size, (Math.floor(from / perLine) + 1) * perLine);
      parts.push({ ...one, from, to, line: Math.floor(from / perLine), isStart: from === one.offset });
      from = to;
    }
    return parts;
  });
}

/** SVG for few blocks, a canvas for many; the table beside it is the same either way. */
function blockmap(heap, op, width) {
  const nLines = Math.max(4, Math.min(24, Math.ceil(heap.length / 2048)));
  const perLine = Math.max(1, Math.ceil(heap.length / nLines)), touched = heap.steps[op - 1]?.isFree ? -1 : heap.steps[op - 1]?.offset;
  const parts = cut(heap.stretches(op), perLine), height = nLines * (LINE + GAP);
  const place = part => ({ x: part.from % perLine / perLine * width, y: part.line * (LINE + GAP), w: Math.max(.6, (part.to - part.from) / perLine * width), h: LINE });
  const edges = heap.edges.filter(edge => edge > 0 && edge < heap.length).map(edge => place({ from: edge, to: edge, line: Math.floor(edge / perLine) }));
  return parts.length <= FEW ? blocksAsSvg(parts, edges, place, width, height, touched) : blocksOnCanvas(parts, edges, place, width, height, touched);
}

function blocksAsSvg(parts, edges, place, width, height, touched) {
  const drawn = parts.map(part => {
    const { x, y, w, h } = place(part), isTouched = !part.isFree && part.offset === touched;
    const fill = part.isFree ? "url(#hatch)" : isTouched ? "var(--touched)" : "var(--used)";
    return svg("rect", { x, y, width: Math.max(.6, w - (part.isFree ? 0 : 1)), height: h, style: `fill:${fill}` },
      svg("title", {}, `${part.isFree ? "free" : "used"}: ${bytes(part.size)} at offset ${thousands(part.offset)}`));
  });
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Blocks by address; the live line and the table say the same" },
    drawn, edges.map(({ x, y }) => svg("line", { class: "edge", x1: x, x2: x, y1: y - GAP / 2, y2: y + LINE + GAP / 2 })));
}

function blocksOnCanvas(parts, edges, place, width, height, touched) {
  const ratioOfPixels = Math.min(2, devicePixelRatio || 1);
  const canvas = html("canvas", { width: width * ratioOfPixels, height: height * ratioOfPixels, role: "img", "aria-label": "Blocks by address; the live line and the table say the same" });
  const context = canvas.getContext("2d"), colour = name => `rgb(${rgb(name).join(" ")})`;
  const [used, hit, free, strong] = ["--used", "--touched", "--free", "--strong"].map(colour);
  context.scale(ratioOfPixels, ratioOfPixels);
  for (const part of parts) {
    const { x, y, w, h } = place(part);
    context.fillStyle = part.isFree ? free : part.offset === touched ? hit : used;
    context.fillRect(x, y, part.isFree || w < 2 ? w : w - 1, h);
    if (part.isFree && w > 3) hatch(context, x, y, w, h, strong);
  }
  context.fillStyle = colour("--ink");
  for (const { x, y } of edges) context.fillRect(x - 1, y - GAP / 2, 2, LINE + GAP);
  return canvas;
}

function hatch(context, x, y, w, h, colour) {
  context.save();
  context.beginPath();
  context.rect(x, y, w, h);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = .7;
  context.beginPath();
  for (let at = x - h; at < x + w; at += 6) { context.moveTo(at, y + h); context.lineTo(at + h, y); }
  context.stroke();
  context.restore();
}

/** The heap of one allocator on one workload: heat map, blocks, and the operation that both show. */
function heapFigure(report) {
  const names = withDetail(report, detail => detail.layout);
  if (!names.length) return;
  let workload = names[0], allocator = null, op = null, heap = null, loading = 0, timer = null;
  const able = () => workloadOf(report, workload).rows.filter(row => row.detail?.layout);
  const current = () => able().find(row => row.allocator === allocator) ?? able().find(row => row.detail.layout.log) ?? able()[0];
  const place = { blocks: html("div", { class: "blocks" }), head: html("div", { class: "playhead" }), frame: null, slider: null, say: () => {}, width: 900 };

  const show = value => {
    op = Math.max(0, Math.min(heap.steps.length, value));
    place.blocks.replaceChildren(blockmap(heap, op, place.width));
    place.head.style.left = `${Math.min(100, op / workloadOf(report, workload).n_ops * 100)}%`;
    const words = heap.words(op);
    place.slider.value = op;
    place.slider.setAttribute("aria-valuetext", words);
    place.say(words);
    section.querySelector("details").open && section.querySelector("details").dispatchEvent(new Event("toggle"));
  };
  async function load() {
    const { layout } = current().detail, turn = ++loading;
    stop();
    if (!layout.log) { heap = null; place.slider.disabled = true; place.blocks.replaceChildren(missing("the log of single operations for this allocator")); return; }
    const raw = await inflate(fromBase64(layout.log));
    if (turn !== loading) return;
    heap = new Heap(decodeLog(raw), edgesOf(layout));
    place.slider.disabled = false;
    place.slider.max = heap.steps.length;
    show(op ?? Math.floor(heap.steps.length / 2));
    section.dataset.loaded = `${workload}/${current().allocator}`;
  }
  const stop = () => { clearInterval(timer); timer = null; play.textContent = "Play"; };
  const play = html("button", { type: "button", click: () => {
    if (timer) return stop();
    play.textContent = "Pause";
    timer = setInterval(() => op >= heap.steps.length ? stop() : show(op + Math.max(1, Math.round(heap.steps.length / 400))), 60);
  } }, "Play");
  const step = (text, label, by) => html("button", { type: "button", "aria-label": label, click: () => { stop(); if (heap) show(op + by); } }, text);

  const draw = (width, say) => {
    Object.assign(place, { say, width });
    const row = current(), { layout } = row.detail;
    place.slider = html("input", { type: "range", min: 0, max: 1, step: 1, "aria-label": "Operation", input: () => { stop(); show(Number(place.slider.value)); },
      keydown: event => {
        const by = { ArrowLeft: -10, ArrowDown: -10, ArrowRight: 10, ArrowUp: 10 }[event.key];
        if (by && event.shiftKey && heap) { event.preventDefault(); show(op + by); }
      } });
    load();
    const nOps = workloadOf(report, workload).n_ops;
    return html("div", {},
      html("h3", {}, `Heap of ${row.allocator} over the whole of ${workload}`),
      html("div", { class: "axes" }, html("span", {}, `high addresses: ${bytes(layout.heap)}`)),
      html("div", { class: "frame" }, heatmap(layout, `Address against time for ${row.allocator} on ${workload}; darker or stronger is fuller`), rangeLines(layout), place.head),
      html("div", { class: "axes" }, html("span", {}, "address 0, operation 0"), html("span", { class: "key" }, "empty", html("span", { class: "ramp", role: "img", "aria-label": "from light to strong" }), "full"), html("span", {}, `operation ${thousands(nOps)}`)),
      html("p", { class: "ranges" }, edgesOf(layout).length ? `${edgesOf(layout).length + 1} ranges of addresses, side by side: between them, where the lines are, lies what never was in a block.` : ""),
      html("h3", {}, "Its blocks at one operation, lines of addresses from the lowest"), place.blocks, place.slider,
      html("div", { class: "key" }, keyOf("var(--used)", "used"), keyOf("url(#hatch)", "free (hatched)"), keyOf("var(--touched)", "touched by this operation")));
  };
  const redraw = figure({ id: "heap", title: "The heap itself", question: "Where do blocks go, what stays empty, and what was there at any operation?",
    controls: [choice("Workload", names.map(name => [name, name]), workload, value => { workload = value; op = null; redraw(); }),
      choice("Allocator", [...new Set(report.workloads.flatMap(one => one.rows.filter(row => row.detail?.layout).map(row => row.allocator)))].map(name => [name, name]), current().allocator, value => { allocator = value; redraw(); }),
      step("−1", "One operation back", -1), step("+1", "One operation on", 1), matchMedia("(prefers-reduced-motion: reduce)").matches ? null : play],
    draw, caption: "Above: addresses upward, operations to the right, the fuller the stronger; the upright line is the operation below. Arrow keys step by one, with Shift by ten; Home and End go to the ends.",
    table: () => html("div", {}, heap ? blockTable(heap, op) : null, heatTable(current().detail.layout, workloadOf(report, workload).n_ops)) });
  const section = document.getElementById("heap");
}

/** The offsets at which another range of addresses begins. */
const edgesOf = layout => (layout.ranges ?? []).filter(offset => offset > 0);

const rangeLines = layout => edgesOf(layout).map(offset => html("div", { class: "range", style: `bottom:${offset / layout.heap * 100}%` }));

const keyOf = (fill, label) => html("span", {}, svg("svg", { class: "swatch", viewBox: "0 0 34 14", "aria-hidden": "true" }, svg("rect", { width: 34, height: 14, style: `fill:${fill}` })), label);

function blockTable(heap, op) {
  const stretches = heap.stretches(op), shown = stretches.slice(0, 300);
  const more = stretches.length > shown.length ? `; the first ${shown.length} of ${thousands(stretches.length)}` : "";
  return tableOf(`Blocks after operation ${thousands(op)}, by address${more}`, [["offset"], ["bytes", thousands], ["state"]], shown.map(one => [one.offset, one.size, one.isFree ? "free" : "used"]));
}
