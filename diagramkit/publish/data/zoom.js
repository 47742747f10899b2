"use strict";
// Zoom and pan: `panZoom(stage)` moves the first child of `stage` with the mouse, fingers, the wheel and the keyboard.
// `size(child)` returns the natural width and height of the child in CSS pixels.
const panZoom = (stage, size) => {
  const pointers = new Map();
  let moving = false, origin = null;
  let view = { x: 0, y: 0, scale: 1 };
  const apply = () => {
    const picture = stage.firstElementChild;
    if (picture) picture.style.transform = `translate(${view.x}px,${view.y}px) scale(${view.scale})`;
  };
  const fit = () => {
    const picture = stage.firstElementChild;
    if (!picture) return;
    const [width, height] = size(picture);
    const scale = Math.min(stage.clientWidth / (width || 1), stage.clientHeight / (height || 1));
    view = { scale, x: (stage.clientWidth - width * scale) / 2, y: (stage.clientHeight - height * scale) / 2 };
    apply();
  };
  const zoomBy = (factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) => {
    const scale = Math.min(Math.max(view.scale * factor, 0.05), 40);
    view.x = x - (x - view.x) * (scale / view.scale); view.y = y - (y - view.y) * (scale / view.scale); view.scale = scale;
    apply();
  };
  // The middle of the pointers, and their distance from it: one pointer moves the picture, two also zoom.
  const grip = () => {
    const all = [...pointers.values()], box = stage.getBoundingClientRect();
    const x = all.reduce((sum, one) => sum + one.x, 0) / all.length, y = all.reduce((sum, one) => sum + one.y, 0) / all.length;
    return { x: x - box.left, y: y - box.top, spread: Math.hypot(all[0].x - x, all[0].y - y) };
  };
  stage.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    if (!pointers.size) { moving = false; origin = event; }
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  stage.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId)) return;
    // A finger is never still, and a tap must reach links in the picture.
    moving ||= pointers.size > 1 || Math.hypot(event.clientX - origin.clientX, event.clientY - origin.clientY) > 4;
    if (!moving) return;
    const before = grip();
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const after = grip();
    stage.setPointerCapture(event.pointerId);
    view.x += after.x - before.x; view.y += after.y - before.y;
    if (before.spread && after.spread) zoomBy(after.spread / before.spread, after.x, after.y);
    else apply();
  });
  for (const end of ["pointerup", "pointercancel"])
    stage.addEventListener(end, (event) => pointers.delete(event.pointerId));
  // Otherwise, the browser takes the end of a movement for a fling, and the next tap only ends that.
  stage.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });
  stage.addEventListener("dragstart", (event) => event.preventDefault());
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    zoomBy(Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  stage.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    if (event.key === "+" || event.key === "=") zoomBy(1.25);
    else if (event.key === "-") zoomBy(0.8);
    else if (event.key === "0") fit();
    else if (moves[event.key]) { view.x += moves[event.key][0]; view.y += moves[event.key][1]; apply(); }
    else return;
    event.preventDefault(); event.stopPropagation();
  });
  return { fit, in: () => zoomBy(1.25), out: () => zoomBy(0.8), release: () => pointers.clear() };
};
