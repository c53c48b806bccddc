// How messages of the remapping unit leave it.

/** What became of an event. */
export const DID = { SENT: 0, HELD_BACK: 1, WITHDRAWN: 2 } as const;

/** Told of every event as it happens. `control`: REG.FECTL, REG.IECTL or REG.PECTL; 0: an interrupt request of a device. */
export type MessageListener = (
  control: number,
  did: number,
  addressHigh: number,
  addressLow: number,
  data: number,
) => void;
