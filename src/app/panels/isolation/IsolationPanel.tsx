// Stands in until its model is ready.
export function IsolationPanel() {
  return null;
}
