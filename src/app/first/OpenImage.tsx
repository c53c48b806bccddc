// Where files are chosen or dropped: says what has come, what is missing, and what is being read.
import { useId, useRef } from "react";
import { giveFiles } from "../open/halves.ts";
import { useApp } from "../store.ts";
import { Button } from "../ui/Button.tsx";
import styles from "./OpenImage.module.css";
import { Progress } from "./Progress.tsx";

export function OpenImage() {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const halves = useApp((state) => state.halves);
  const awaited = useApp((state) => state.awaited);
  const missing =
    halves.tables && !halves.registers
      ? "The register listing is still missing."
      : halves.registers && !halves.tables
        ? "The memory image is still missing."
        : null;
  return (
    <div className={styles["box"]}>
      {awaited && (
        <p className={styles["awaited"]}>
          <strong>The link needs your files.</strong> It was made for <code>{awaited.tables}</code>{" "}
          with <code>{awaited.registers}</code>, digest <code>{awaited.digest}</code>. Open both,
          and the rest comes back.
        </p>
      )}
      <dl className={styles["halves"]}>
        <div>
          <dt>Memory image</dt>
          <dd>
            {halves.tables ? (
              <code>{halves.tables}</code>
            ) : (
              "an ELF core: the tables alone, or all of memory"
            )}
          </dd>
        </div>
        <div>
          <dt>Register listing</dt>
          <dd>
            {halves.registers ? (
              <code>{halves.registers}</code>
            ) : (
              "text, lines of address and words"
            )}
          </dd>
        </div>
      </dl>
      <div className={styles["act"]}>
        <input
          ref={input}
          id={id}
          type="file"
          multiple
          className="visually-hidden"
          tabIndex={-1}
          aria-hidden="true"
          onChange={(event) => {
            const files = [...(event.target.files ?? [])];
            // The same file may be chosen again after an error.
            event.target.value = "";
            void giveFiles(files);
          }}
        />
        <Button look="filled" onClick={() => input.current?.click()}>
          {missing ? "Choose the other file" : "Choose files"}
        </Button>
        <p className={styles["hint"]}>
          {missing ?? "Or drop both anywhere, in any order. Gzip is fine."}
        </p>
      </div>
      <Progress />
      <div className={styles["how"]}>
        <p>Both come from the monitor of QEMU, with the machine stopped:</p>
        <pre>
          <code>{"dump-guest-memory memory.elf\nxp /80wx 0xfed90000\nxp /4wx 0xfed90220"}</code>
        </pre>
      </div>
    </div>
  );
}
