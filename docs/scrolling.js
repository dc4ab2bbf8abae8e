// Code and tables that are wider than their column scroll: the keyboard must reach them, and pairs of numbers stay whole.

"use strict";

function reach() {
  document.querySelectorAll("pre > code, .table-wrapper").forEach(one => {
    if (one.scrollWidth > one.clientWidth) one.tabIndex = 0;
    else one.removeAttribute("tabindex");
  });
}

/** A cell of two numbers, `7.12 · 1.031`, stays on one line. Its table scrolls where there is no room. */
function keepTogether() {
  document.querySelectorAll(".table-wrapper td").forEach(cell => {
    if (/^[\d,.]+ · (≤ )?[\d,.]+$/.test(cell.textContent)) cell.style.whiteSpace = "nowrap";
  });
}

addEventListener("load", keepTogether);
addEventListener("load", reach);
addEventListener("resize", reach);
