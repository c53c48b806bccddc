// Stands in until its model is ready.
export function TimelinePanel() {
  return null;
}
