// Code and tables that are wider than their column scroll, so the keyboard must reach them.

"use strict";

function reach() {
  document.querySelectorAll("pre > code, .table-wrapper").forEach(one => {
    if (one.scrollWidth > one.clientWidth) one.tabIndex = 0;
    else one.removeAttribute("tabindex");
  });
}

addEventListener("load", reach);
addEventListener("resize", reach);
