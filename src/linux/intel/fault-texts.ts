// What the kernel's log says for each fault reason (drivers/iommu/intel/dmar.c, v5.2 and later). Numbers without a text
// print "Unknown".
const LEGACY: Readonly<Record<number, string>> = {
  0: "Software",
  1: "Present bit in root entry is clear",
  2: "Present bit in context entry is clear",
  3: "Invalid context entry",
  4: "Access beyond MGAW",
  5: "PTE Write access is not set",
  6: "PTE Read access is not set",
  7: "Next page table ptr is invalid",
  8: "Root table address invalid",
  9: "Context table ptr is invalid",
  10: "non-zero reserved fields in RTP",
  11: "non-zero reserved fields in CTP",
  12: "non-zero reserved fields in PTE",
  13: "PCE for translation request specifies blocking",
};

const INTERRUPT: Readonly<Record<number, string>> = {
  32: "Detected reserved fields in the decoded interrupt-remapped request",
  33: "Interrupt index exceeded the interrupt-remapping table size",
  34: "Present field in the IRTE entry is clear",
  35: "Error accessing interrupt-remapping table pointed by IRTA_REG",
  36: "Detected reserved fields in the IRTE entry",
  37: "Blocked a compatibility format interrupt request",
  38: "Blocked an interrupt request due to source-id verification failure",
};

const SCALABLE: Readonly<Record<number, string>> = {
  48: "SM: Invalid Root Table Address",
  49: "SM: TTM 0 for request with PASID",
  50: "SM: TTM 0 for page group request",
  56: "SM: Error attempting to access Root Entry",
  57: "SM: Present bit in Root Entry is clear",
  58: "SM: Non-zero reserved field set in Root Entry",
  64: "SM: Error attempting to access Context Entry",
  65: "SM: Present bit in Context Entry is clear",
  66: "SM: Non-zero reserved field set in the Context Entry",
  67: "SM: Invalid Context Entry",
  68: "SM: DTE field in Context Entry is clear",
  69: "SM: PASID Enable field in Context Entry is clear",
  70: "SM: PASID is larger than the max in Context Entry",
  71: "SM: PRE field in Context-Entry is clear",
  72: "SM: RID_PASID field error in Context-Entry",
  80: "SM: Error attempting to access the PASID Directory Entry",
  81: "SM: Present bit in Directory Entry is clear",
  82: "SM: Non-zero reserved field set in PASID Directory Entry",
  88: "SM: Error attempting to access PASID Table Entry",
  89: "SM: Present bit in PASID Table Entry is clear",
  90: "SM: Non-zero reserved field set in PASID Table Entry",
  91: "SM: Invalid Scalable-Mode PASID Table Entry",
  92: "SM: ERE field is clear in PASID Table Entry",
  93: "SM: SRE field is clear in PASID Table Entry",
  112: "SM: Error attempting to access first-level paging entry",
  113: "SM: Present bit in first-level paging entry is clear",
  114: "SM: Non-zero reserved field set in first-level paging entry",
  115: "SM: Error attempting to access FL-PML4 entry",
  116: "SM: First-level entry address beyond MGAW in Nested translation",
  117: "SM: Read permission error in FL-PML4 entry in Nested translation",
  118: "SM: Read permission error in first-level paging entry in Nested translation",
  119: "SM: Write permission error in first-level paging entry in Nested translation",
  120: "SM: Error attempting to access second-level paging entry",
  121: "SM: Read/Write permission error in second-level paging entry",
  122: "SM: Non-zero reserved field set in second-level paging entry",
  123: "SM: Invalid second-level page table pointer",
  124: "SM: A/D bit update needed in second-level entry when set up in no snoop",
  128: "SM: Address in first-level translation is not canonical",
  129: "SM: U/S set 0 for first-level translation with user privilege",
  130: "SM: No execute permission for request with PASID and ER=1",
  131: "SM: Address beyond the DMA hardware max",
  132: "SM: Second-level entry address beyond the max",
  133: "SM: No write permission for Write/AtomicOp request",
  134: "SM: No read permission for Read/AtomicOp request",
  135: "SM: Invalid address-interrupt address",
  144: "SM: A/D bit update needed in first-level entry when set up in no snoop",
};

/** Text of a reason, and whether it is an interrupt's. */
export function faultReason(reason: number): { text: string; interrupt: boolean } {
  const interrupt = INTERRUPT[reason];
  if (interrupt !== undefined) return { text: interrupt, interrupt: true };
  return { text: SCALABLE[reason] ?? LEGACY[reason] ?? "Unknown", interrupt: false };
}
