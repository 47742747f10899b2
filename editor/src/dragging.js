// Dragging nodes and groups, and moving them with the arrow keys. What is dropped gets a pin.
export class Dragging {
  constructor(preview, viewport, selection, onPin) {
    Object.assign(this, { preview, viewport, selection, onPin, grid: { direction: "TB", places: {} } });
  }

  update(grid) {
    this.grid = grid;
  }
}
