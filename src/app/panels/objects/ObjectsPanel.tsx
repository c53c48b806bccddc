// Stands in until its model is ready.
export function ObjectsPanel() {
  return null;
}
