// What each fault reason means, in words. A code without a text does not compile.
import type { FaultCode } from "../vtd/fault-codes.ts";
import type { FaultText } from "./fault-text-kinds.ts";
import { LEGACY_TEXTS } from "./fault-text-legacy.ts";
import { SCALABLE_TEXTS } from "./fault-text-scalable.ts";

const TEXTS: Readonly<Record<FaultCode, FaultText>> = { ...LEGACY_TEXTS, ...SCALABLE_TEXTS };

export const faultText = (code: FaultCode): FaultText => TEXTS[code];
