// Titles of the shipped scenarios.
import { SHIPPED } from "../../walkthroughs/shipped.ts";

/** All but `without`, by id. */
export function listShipped(
  without: string,
): readonly { readonly id: string; readonly title: string }[] {
  return [...SHIPPED].flatMap(([id, { title }]) => (id === without ? [] : [{ id, title }]));
}
