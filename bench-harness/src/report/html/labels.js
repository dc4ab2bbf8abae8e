// Labels at marks: none covers another or a mark, and each is beside its own mark or joined to it by a line.

const ruler = document.createElement("canvas").getContext("2d");

/** Pixels that a text takes in a drawing. */
function textWidth(text, isStrong = false) {
  ruler.font = `${isStrong ? 600 : 400} 12px system-ui, "DejaVu Sans", sans-serif`;
  return ruler.measureText(text).width;
}

/** Boxes are `[left, top, right, bottom]`; this is that of a text which begins at `x` on the line `y`, with some room beside it. */
const textBox = (x, y, length) => [x - 2, y - 11.5, x + length + 2, y + 3.5];

const overlaps = ([a, b, c, d], [e, f, g, h]) => a < g && e < c && b < h && f < d;
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/** The point of a box nearest to another point. */
const nearestIn = ([a, b, c, d], x, y) => [clamp(x, a, c), clamp(y, b, d)];

function distanceTo(box, { px, py }) {
  const [x, y] = nearestIn(box, px, py);
  return Math.hypot(x - px, y - py);
}

/** On which side of a line a point lies. */
const side = ([a, b, c, d], x, y) => Math.sign((c - a) * (y - b) - (d - b) * (x - a));

/** Whether two lines `[x, y, x, y]` cross. */
const crosses = (one, other) => side(one, other[0], other[1]) !== side(one, other[2], other[3])
  && side(other, one[0], one[1]) !== side(other, one[2], one[3]);

/** Whether a line touches a box. */
function touches(line, [a, b, c, d]) {
  const isIn = (x, y) => a <= x && x <= c && b <= y && y <= d;
  return isIn(line[0], line[1]) || isIn(line[2], line[3]) || crosses(line, [a, b, c, d]) || crosses(line, [a, d, c, b]);
}

/** Where a label can begin beside its mark, the best place first. */
const besides = ({ px, py, length }) => [
  [px + 11, py + 4], [px - 11 - length, py + 4], [px + 11, py - 5], [px + 11, py + 13], [px - 11 - length, py - 5], [px - 11 - length, py + 13],
  [px - length / 2, py - 13], [px - length / 2, py + 21],
];

/** Where a label can stand apart from its mark, the nearest place first: `[dx, dy, distance]`. */
const APART = [];
for (let dx = -1000; dx <= 1000; dx += 12.5) for (let dy = -600; dy <= 600; dy += 8) APART.push([dx, dy, Math.hypot(dx, dy)]);
APART.sort((a, b) => a[2] - b[2]);

/**
 * Places of the labels of `points`, which have `{px, py, label, isStrong}`, in a box: `{...point, lx, ly, leader}`
 * in the same order, where `leader` is a line or null. Null if there is no room for all.
 */
function placeLabels(points, area) {
  const sized = points.map((point, index) => ({ ...point, index, length: textWidth(point.label, point.isStrong) }));
  const crowd = point => sized.filter(other => Math.hypot(other.px - point.px, other.py - point.py) < 60).length;
  const orders = [point => -crowd(point), point => point.px, point => -point.px, point => point.py];
  const attempts = orders.map(key => placeInOrder([...sized].sort((a, b) => key(a) - key(b)), area)).filter(Boolean);
  const best = attempts.sort((a, b) => a.cost - b.cost)[0];
  return best ? best.placed.sort((a, b) => a.index - b.index) : null;
}

function placeInOrder(points, area) {
  const marks = points.map(({ px, py }) => [px - 8, py - 8, px + 8, py + 8]);
  const placed = [];
  let cost = 0;
  for (const point of points) {
    const place = cheapestPlace(point, points, marks, placed, area);
    if (!place) return null;
    cost += place.cost;
    placed.push({ ...point, ...place });
  }
  return { placed, cost };
}

function cheapestPlace(point, points, marks, placed, area) {
  let best = null;
  const leaders = placed.map(one => one.leader).filter(Boolean);
  const consider = (lx, ly, base, isBeside) => {
    if (best && base >= best.cost) return;
    const box = textBox(lx, ly, point.length);
    const isFree = box[0] >= area[0] && box[1] >= area[1] && box[2] <= area[2] && box[3] <= area[3]
      && !marks.some(mark => overlaps(mark, box)) && !placed.some(one => overlaps(one.box, box)) && !leaders.some(line => touches(line, box));
    if (!isFree) return;
    const own = distanceTo(box, point);
    if (isBeside) {
      const isOwn = points.every(other => other === point || distanceTo(box, other) > own + 2);
      if (isOwn) best = { lx, ly, box, cost: base, leader: null };
      return;
    }
    const leader = [point.px, point.py, ...nearestIn(box, point.px, point.py)];
    const isOver = mark => touches(leader, mark.map((edge, at) => edge + (at < 2 ? 2 : -2)));
    const cost = base + 60 * leaders.filter(line => crosses(line, leader)).length + 60 * placed.filter(one => touches(leader, one.box)).length
      + 60 * marks.filter((mark, index) => points[index] !== point && isOver(mark)).length;
    if (!best || cost < best.cost) best = { lx, ly, box, cost, leader };
  };
  besides(point).forEach(([lx, ly], index) => consider(lx, ly, index, true));
  if (best) return best;
  const { px, py, length } = point;
  for (const [dx, dy, distance] of APART) {
    if (best && 20 + distance >= best.cost) break;
    consider(dx > 0 ? px + dx : dx < 0 ? px + dx - length : px - length / 2, py + 4 + dy, 20 + distance, false);
  }
  return best;
}

/** A text cut to fit into so many pixels. */
function fitting(text, length) {
  if (textWidth(text) <= length) return text;
  let n = text.length;
  while (n > 1 && textWidth(`${text.slice(0, n)}…`) > length) n--;
  return `${text.slice(0, n)}…`;
}
