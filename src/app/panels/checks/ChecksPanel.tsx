// Stands in until its model is ready.
export function ChecksPanel() {
  return null;
}
