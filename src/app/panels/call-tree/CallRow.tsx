// One run in the call tree: name, arguments in short, module, marks, result.

import { plainHex } from "../../../base/hex.ts";
import { errnoName } from "../../../linux/kernel/errno.ts";
import type { CallNode } from "../../../scene/calls.ts";
import { countWord } from "../../../scene/words.ts";
import { classes } from "../../ui/classes.ts";
import styles from "./CallTree.module.css";
import { ExportMark, ForkMark, LookupMark } from "./Marks.tsx";

export function CallRow({ node }: { readonly node: CallNode }) {
  const isFunction = node.kind === "function";
  const named = isFunction || node.kind === "system call";
  return (
    <>
      {node.specialCases.length > 0 && <ForkMark />}
      <code className={classes(styles["name"], !isFunction && styles["root"])}>
        {node.name}
        {named && `(${node.arguments})`}
      </code>
      {node.exported && <ExportMark />}
      <span className={styles["module"]}>{node.module}</span>
      <span className={styles["notes"]}>
        {node.specialCases.map((one) => (
          <span key={one.name}>{one.when}</span>
        ))}
        {node.lookups.map((one) => (
          <span key={one.symbol}>
            <LookupMark /> {one.found ? "finds" : "does not find"} {one.symbol} by name
          </span>
        ))}
        {node.waits.map((point) => (
          <span key={point}>waits: {point}</span>
        ))}
        {node.writes > 0 && <span>{countWord(node.writes, "write")}</span>}
        <code className={styles["result"]}>{resultWords(node)}</code>
      </span>
    </>
  );
}

/** "= 0", "= -EEXIST", "still running". */
function resultWords(node: CallNode): string {
  if (node.kind === "interrupt" || node.kind === "timer") return "";
  if (!node.returned) return "has not returned";
  if (node.result === "") return "";
  // Addresses, not counts.
  if (Number(node.result) > 0xffff_ffff) return `= ${plainHex(Number(node.result))}`;
  const error = node.failed ? errnoName(Number(node.result)) : undefined;
  return error ? `= -${error}` : `= ${node.result}`;
}
