// Dragging with a mouse, a pen or a finger.
import { make } from "./dom.js";

/** Pixels up to which a press is a press. */
const NEAR = 4;

/**
 * Lets what lies in `element` be dragged. `begin` is called with a press; it returns undefined for what cannot be dragged,
 * or { label, zone, drop }: a function that says what is being done, the selector of where it can be let go (none if
 * anywhere), and a function that does it. Both functions get the event and the pixels to the right of the press.
 */
export function drags(element, begin) {
  const ghost = make("div", { class: "ghost", "aria-hidden": "true" });
  let drag;

  const zone = event => drag.zone && document.elementFromPoint(event.clientX, event.clientY)?.closest(drag.zone);
  const mark = over => {
    element.querySelectorAll(".is-over").forEach(one => one.classList.remove("is-over"));
    over?.classList.add("is-over");
  };
  const end = () => {
    if (!drag) return;
    mark(undefined);
    ghost.remove();
    element.classList.remove("is-dragging");
    drag = undefined;
  };

  element.addEventListener("pointerdown", event => {
    if (event.button !== 0 || !event.isPrimary) return;
    const found = begin(event);
    drag = found && { ...found, id: event.pointerId, x: event.clientX, y: event.clientY };
  });
  element.addEventListener("pointermove", event => {
    if (event.pointerId !== drag?.id) return;
    const right = event.clientX - drag.x;
    if (!drag.isMoving) {
      if (Math.hypot(right, event.clientY - drag.y) < NEAR) return;
      drag.isMoving = true;
      element.setPointerCapture(drag.id);
      element.classList.add("is-dragging");
      element.append(ghost);
    }
    ghost.textContent = drag.label(event, right);
    ghost.style.left = `${event.clientX + 12}px`;
    ghost.style.top = `${event.clientY + 12}px`;
    const over = zone(event);
    mark(element.contains(over ?? null) ? over : undefined);
  });
  element.addEventListener("pointerup", event => {
    if (event.pointerId !== drag?.id) return;
    const { isMoving, drop } = drag, over = isMoving && zone(event), isThere = !drag.zone || element.contains(over || null), right = event.clientX - drag.x;
    end();
    if (isMoving && isThere) drop(event, right, over);
  });
  element.addEventListener("pointercancel", end);
  element.addEventListener("keydown", event => { if (event.key === "Escape") end(); });
}
