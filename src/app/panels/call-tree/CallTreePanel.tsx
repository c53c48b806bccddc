// Stands in until its model is ready.
export function CallTreePanel() {
  return null;
}
