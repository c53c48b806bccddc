// Interrupt vectors and their handlers (request_irq() and the vector domain of x86, v5.12).
import { invoke, type Kernel } from "../kernel/kernel.ts";

/** First vector that devices get; those below belong to the processor. */
const FIRST_VECTOR = 0x21;

/** Takes the lowest free vector for `symbol`(k, argument), which must not sleep. */
export function request_irq(k: Kernel, symbol: string, argument: number): number {
  const { interrupts } = k.state.core;
  let vector = FIRST_VECTOR;
  while (vector in interrupts) vector++;
  interrupts[vector] = { symbol, argument };
  return vector;
}

export function free_irq(k: Kernel, vector: number): void {
  delete k.state.core.interrupts[vector];
}

/** What the processor does with a vector: `onInterrupt` of the kernel. A vector without a handler is dropped. */
export function handleInterrupt(k: Kernel, vector: number): void {
  const handler = k.state.core.interrupts[vector];
  if (handler) invoke<void>(k, handler.symbol, handler.argument);
  else k.log(`do_IRQ: 0.${vector} No irq handler for vector`);
}
