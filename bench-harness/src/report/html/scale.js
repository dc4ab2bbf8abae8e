// Scales, their ticks, and numbers for people.

const isNumber = value => typeof value === "number" && Number.isFinite(value);

const thousands = number => Math.round(number).toLocaleString("en-US");
const three = n => n < 10 ? n.toFixed(2) : n < 100 ? n.toFixed(1) : thousands(n);
const nanos = n => isNumber(n) ? n < 1e3 ? `${three(n)} ns` : n < 1e7 ? `${three(n / 1e3)} µs` : `${three(n / 1e6)} ms` : "–";
const ratio = n => isNumber(n) ? n < 10 ? n.toFixed(3) : three(n) : "–";
const percent = n => isNumber(n) ? `${(n * 100).toFixed(1)} %` : "–";
const count = n => isNumber(n) ? n < 100 && !Number.isInteger(n) ? n.toFixed(2) : thousands(n) : "–";
function bytes(n) {
  if (!isNumber(n)) return "–";
  if (n < 1024) return `${Math.round(n)} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (n /= 1024; n >= 1000 && unit < 3; unit++) n /= 1024;
  return `${three(n)} ${units[unit]}`;
}

/** `3.00 µs` as `3 µs`, for axes. */
const short = format => value => format(value).replace(/(\.\d*?)0+(?= )/, "$1").replace(/\.(?= )/, "");

/** From values to pixels; `isLog` for ratios and times, whose zero is nowhere. */
function scale(values, [from, to], isLog, pad = 0) {
  const known = values.filter(value => isNumber(value) && (!isLog || value > 0));
  let low = Math.min(...known), high = Math.max(...known);
  if (!known.length) [low, high] = [1, 10];
  if (isLog) {
    if (high / low < 1.2) [low, high] = [low / 1.1, high * 1.1];
    const spread = (high / low) ** pad;
    [low, high] = [low / spread, high * spread];
  } else {
    low = Math.min(0, low);
    if (high <= low) high = low + 1;
    high += (high - low) * pad;
  }
  const f = isLog ? Math.log : x => x;
  const at = value => from + (f(value) - f(low)) / (f(high) - f(low)) * (to - from);
  return { at, low, high, isLog, ticks: isLog ? logTicks(low, high) : linearTicks(low, high) };
}

/** What is farther above the middle one than so many times is an outlier: it is drawn at the border and sets no axis. */
const FAR = { time: 10, memory: 4 };

/** The middle one, the upper of two, as everywhere. */
const middle = values => values.length ? [...values].sort((a, b) => a - b)[values.length >> 1] : null;

/** The highest value that is no outlier. */
function highest(values, far) {
  const known = values.filter(isNumber);
  return Math.max(...known.filter(value => value <= far * middle(known)));
}

/** An arrow at a point, to the right or turned by `degrees`: what it stands at lies beyond the border. */
const arrowAt = (x, y, degrees) => svg("path", { class: "arrow", d: "M0 0h8m-4 -4l4 4l-4 4", transform: `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${degrees})` });

/** Round values, five to nine of them where the range allows. */
function logTicks(low, high) {
  const decades = Math.log10(high / low);
  const steps = decades > 4 ? [1] : decades > 1.6 ? [1, 3] : decades > .6 ? [1, 1.5, 2, 3, 5, 7] : [1, 1.1, 1.2, 1.35, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const step of steps) ticks.push(Number((step * 10 ** power).toPrecision(4)));
  }
  return ticks.filter(tick => tick >= low && tick <= high);
}

function linearTicks(low, high) {
  const raw = (high - low) / 5, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find(multiple => multiple * power >= raw) * power;
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step) ticks.push(tick);
  return ticks;
}

/** Ticks of a size in bytes: multiples of powers of two. */
function byteTicks(high) {
  const step = 2 ** Math.ceil(Math.log2(Math.max(high, 8) / 6));
  const ticks = [];
  for (let tick = 0; tick <= high; tick += step) ticks.push(tick);
  return ticks;
}

const plain = n => n >= 1000 ? thousands(n) : String(Number(n.toPrecision(3)));

/** Grid lines and labels below a drawing. */
function bottomAxis(x, ticks, { top, bottom, format = plain, label }) {
  const items = [];
  let end = -Infinity;
  for (const tick of ticks) {
    const at = x(tick);
    items.push(svg("line", { class: "grid", x1: at, x2: at, y1: top, y2: bottom }));
    const text = format(tick), half = textWidth(text) / 2;
    if (at - half < end + 6) continue;
    end = at + half;
    items.push(svg("text", { class: "soft", x: at, y: bottom + 15, "text-anchor": "middle" }, text));
  }
  const middle = (x(ticks[0] ?? 0) + x(ticks[ticks.length - 1] ?? 0)) / 2;
  if (label) items.push(svg("text", { x: middle, y: bottom + 33, "text-anchor": "middle" }, label));
  return items;
}

/** Grid lines and labels at the left of a drawing. */
function leftAxis(y, ticks, { left, right, format = plain, label }) {
  const items = [];
  let last = Infinity;
  for (const tick of ticks) {
    const at = y(tick);
    items.push(svg("line", { class: "grid", x1: left, x2: right, y1: at, y2: at }));
    if (last - at < 15) continue;
    last = at;
    items.push(svg("text", { class: "soft", x: left - 7, y: at + 4, "text-anchor": "end" }, format(tick)));
  }
  if (label) items.push(svg("text", { x: 0, y: 13 }, label));
  return items;
}
