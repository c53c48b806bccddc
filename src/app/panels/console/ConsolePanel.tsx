// Stands in until its model is ready.
export function ConsolePanel() {
  return null;
}
