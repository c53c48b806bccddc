// Usable IOVA ranges of a container: apertures of its domains without reserved ranges (vfio_iommu_type1.c, v5.12). Pure.
import type { ReservedRegion } from "../../iommu/types.ts";

/** First and last address. */
export interface IovaSpan {
  readonly start: number;
  readonly end: number;
}

/** vfio_iommu_aper_conflict(): disjoint from what there is, or a mapping would fall outside. `mapped`: is anything in [start, end]? */
export function apertureConflict(
  list: readonly IovaSpan[],
  aperture: IovaSpan,
  mapped: (start: number, end: number) => boolean,
): boolean {
  const first = list[0];
  const last = list.at(-1);
  if (!first || !last) return false;
  if (aperture.start > last.end || aperture.end < first.start) return true;
  if (aperture.start > first.start && mapped(first.start, aperture.start - 1)) return true;
  return aperture.end < last.end && mapped(aperture.end + 1, last.end);
}

/** vfio_iommu_aper_resize(): what of the list lies in the aperture; the aperture itself when the list is empty. */
export function resized(list: readonly IovaSpan[], aperture: IovaSpan): IovaSpan[] {
  if (list.length === 0) return [aperture];
  return list
    .map(({ start, end }) => ({
      start: Math.max(start, aperture.start),
      end: Math.min(end, aperture.end),
    }))
    .filter(({ start, end }) => start <= end);
}

/** vfio_iommu_resv_exclude(): the list without the reserved ranges; relaxable ones do not count. Empty: an error. */
export function without(list: readonly IovaSpan[], regions: readonly ReservedRegion[]): IovaSpan[] {
  let left = [...list];
  for (const region of regions) {
    if (region.type === "direct-relaxable") continue;
    const end = region.start + region.length - 1;
    left = left.flatMap((span) => {
      if (region.start > span.end || end < span.start) return [span];
      const parts: IovaSpan[] = [];
      if (region.start > span.start) parts.push({ start: span.start, end: region.start - 1 });
      if (end < span.end) parts.push({ start: end + 1, end: span.end });
      return parts;
    });
  }
  return left;
}

/** vfio_iommu_iova_dma_valid(): inside one range; an empty list allows everything. */
export const usable = (list: readonly IovaSpan[], start: number, end: number): boolean =>
  list.length === 0 || list.some((span) => start >= span.start && end <= span.end);
