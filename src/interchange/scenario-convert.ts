// Operations between the form of files (hex texts) and that of the session (branded numbers).
import { formatBdf, parseBdf } from "../base/bdf.ts";
import { hpa, iova, pasid, requesterId } from "../base/brand.ts";
import { plainHex } from "../base/hex.ts";
import type { InjectedFault } from "../session/document.ts";
import type { NamedOperation } from "../session/scenario.ts";
import type { RegisterWrite, WordEdit } from "../session/types.ts";
import type { FileOperation } from "./scenario-operations.ts";

type FileWrite = Omit<Extract<FileOperation, { op: "register write" }>, "id" | "op" | "more">;
type FileEdit = Omit<Extract<FileOperation, { op: "edit" }>, "id" | "op" | "more">;

const readWrite = ({ offset, size, value }: FileWrite): RegisterWrite => ({
  offset: Number(offset),
  size,
  value: BigInt(value),
});
const readEdit = ({ address, value }: FileEdit): WordEdit => ({
  address: hpa(BigInt(address)),
  value: BigInt(value),
});

/** The session's form. `faults`: those that strike in it. */
export function readOperation(
  file: FileOperation,
  faults: readonly InjectedFault[],
): NamedOperation {
  const operation = readPlain(file);
  return faults.length === 0 ? operation : { ...operation, faults };
}

function readPlain(file: FileOperation): NamedOperation {
  switch (file.op) {
    case "dma": {
      const { span, ...rest } = file;
      return {
        ...rest,
        requester: parseBdf(file.requester) ?? requesterId(0),
        pasid: file.pasid === null ? null : pasid(Number(file.pasid)),
        address: iova(BigInt(file.address)),
        ...(span === undefined ? {} : { span: BigInt(span) }),
      };
    }
    case "edit": {
      const { id, op, more } = file;
      return { id, op, ...readEdit(file), ...(more ? { more: more.map(readEdit) } : {}) };
    }
    case "register write": {
      const { id, op, more } = file;
      return { id, op, ...readWrite(file), ...(more ? { more: more.map(readWrite) } : {}) };
    }
    case "invalidate":
      return { ...file, descriptors: file.descriptors.map((words) => words.map(BigInt)) };
    default:
      return file as NamedOperation;
  }
}

const writeWrite = ({ offset, size, value }: RegisterWrite): FileWrite => ({
  offset: plainHex(offset),
  size,
  value: plainHex(value),
});
const writeEdit = ({ address, value }: WordEdit): FileEdit => ({
  address: plainHex(address),
  value: plainHex(value),
});

/** The form of files; faults stand elsewhere in the file. */
export function writeOperation(operation: NamedOperation): FileOperation {
  const { faults: _, ...plain } = operation;
  switch (plain.op) {
    case "dma": {
      const { span, ...rest } = plain;
      return {
        ...rest,
        requester: formatBdf(plain.requester),
        pasid: plain.pasid === null ? null : plainHex(plain.pasid),
        address: plainHex(plain.address),
        ...(span === undefined ? {} : { span: plainHex(span) }),
      };
    }
    case "edit": {
      const { id, op, more } = plain;
      return { id, op, ...writeEdit(plain), ...(more ? { more: more.map(writeEdit) } : {}) };
    }
    case "register write": {
      const { id, op, more } = plain;
      return { id, op, ...writeWrite(plain), ...(more ? { more: more.map(writeWrite) } : {}) };
    }
    case "invalidate": {
      const descriptors = plain.descriptors.map((words) => words.map((word) => plainHex(word)));
      return { ...plain, descriptors };
    }
    default:
      return plain as FileOperation;
  }
}
