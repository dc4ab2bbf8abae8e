// Tables whose columns sort.

/**
 * `columns` are `[title, format]`; without a format a column is text. `rows` are arrays of values,
 * `null` where there is none; the first column names the row.
 */
function tableOf(caption, columns, rows, isStage = () => false) {
  const body = html("tbody");
  const heads = columns.map(([title, format], index) => {
    const head = html("th", { scope: "col", class: format ? "number" : null },
      html("button", { type: "button", click: () => sort(index) }, title));
    return head;
  });
  const fill = sorted => body.replaceChildren(...sorted.map(row => html("tr", { class: isStage(row[0]) ? "stage" : null },
    row.map((value, index) => cell(value, columns[index][1], index)))));
  function sort(index) {
    const isUp = heads[index].getAttribute("aria-sort") !== "ascending";
    heads.forEach(head => head.removeAttribute("aria-sort"));
    heads[index].setAttribute("aria-sort", isUp ? "ascending" : "descending");
    fill([...rows].sort((a, b) => compare(a[index], b[index], isUp)));
  }
  fill(rows);
  return html("table", {}, html("caption", {}, caption), html("thead", {}, html("tr", {}, heads)), body);
}

const cell = (value, format, index) => index === 0
  ? html("th", { scope: "row" }, String(value ?? "–"))
  : html("td", { class: format ? "number" : null }, value === null || value === undefined ? "–" : format ? format(value) : String(value));

/** Missing values last, whichever way. */
function compare(a, b, isUp) {
  const [isNoA, isNoB] = [a, b].map(value => value === null || value === undefined);
  if (isNoA || isNoB) return isNoA - isNoB;
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
  return isUp ? order : -order;
}
