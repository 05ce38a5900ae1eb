const pointer = { x: NaN, y: NaN, hasMoved: false };

document.addEventListener("pointermove", ({ clientX: x, clientY: y }) => {
  Object.assign(pointer, { x, y, hasMoved: x !== pointer.x || y !== pointer.y });
}, { capture: true });

/**
 * Whether a move of the pointer points at something: a finger that moves may be scrolling, and what comes to a resting
 * mouse is not pointed at, though browsers tell of a move when the page moves under it too.
 */
export function points({ pointerType }) {
  return pointerType === "mouse" && pointer.hasMoved;
}
