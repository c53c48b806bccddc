// Replays the shell lines of a recorded mdev life cycle as system calls, and prints what the modelled kernel shows.
import type { CallResult, SystemCall } from "../linux/calls.ts";
import { list } from "../linux/core/listing.ts";
import { ERRNO } from "../linux/kernel/errno.ts";
import type { Session } from "../session/session.ts";

/** One line of the shell and what it printed, or a title that the recording script wrote. */
export interface Recorded {
  readonly line: string;
  readonly printed: readonly string[];
}

/** Cuts a recording at its lines that begin with "+ ". */
export function readRecording(text: string): readonly Recorded[] {
  const pieces = `\n${text.trimEnd()}`.split("\n+ ").slice(1);
  return pieces.map((piece) => {
    const [line = "", ...printed] = piece.split("\n");
    return { line, printed };
  });
}

const CLASS = "/sys/class/mdev_bus";
const DEVICES = "/sys/bus/mdev/devices";

/** A shell of root on a session: every file is read and written by system calls. */
export class ReplayShell {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  call(call: SystemCall): CallResult {
    const done = this.#session.run({ op: "call", process: "root", call });
    const answer = done.ok ? done.value.answers?.[0] : undefined;
    if (!answer) throw new Error(`${call.call} does not come back`);
    return answer;
  }

  /** `echo TEXT > PATH`: what the shell prints. */
  echo(text: string, path: string): readonly string[] {
    const { result: fd } = this.call({ call: "open", path });
    if (fd < 0) return [`sh: can't create ${path}: ${words(fd)}`];
    const { result } = this.call({ call: "write", fd, text: `${text}\n` });
    this.call({ call: "close", fd });
    return result < 0 ? [`sh: write error: ${words(result)}`] : [];
  }

  cat(path: string): string | null {
    const { result: fd } = this.call({ call: "open", path });
    if (fd < 0) return null;
    const { value } = this.call({ call: "read", fd });
    this.call({ call: "close", fd });
    return typeof value === "string" ? value.trimEnd() : null;
  }

  names(path: string): readonly string[] {
    const { value } = this.call({ call: "getdents", path });
    return Array.isArray(value) ? [...value].sort() : [];
  }

  target(path: string): string {
    const { value } = this.call({ call: "readlink", path });
    return typeof value === "string" ? value : "";
  }

  /** `ls -l`: mode, size, name and target of each entry; owners, times and device numbers are not modelled. */
  long(path: string): readonly string[] {
    const world = this.#session.world;
    const listed = world ? list(world.kernel, path.replace(/\/$/, "")) : 0;
    if (typeof listed === "number") return [words(listed)];
    return listed.map(({ mode, size, name, target }) =>
      [mode, mode.startsWith("c") ? "" : size, name, target].join(" ").trim(),
    );
  }

  /** Everything below a directory, links not followed. */
  find(path: string): readonly string[] {
    const inside = this.names(path).map((name) => `${path}/${name}`);
    const below = inside.flatMap((one) => (this.target(one) === "" ? this.find(one) : [one]));
    return [path, ...below];
  }

  /** What each type says of itself, parents and types in the order of their names. */
  types(): readonly string[] {
    return this.names(CLASS).flatMap((parent) => {
      const types = `${CLASS}/${parent}/mdev_supported_types`;
      return this.names(types).flatMap((type) => [
        `type ${type} parent ${parent}`,
        ...["name", "description", "device_api", "available_instances"].flatMap((file) => {
          const text = this.cat(`${types}/${type}/${file}`);
          return text === null ? [] : [` ${file}: ${text}`];
        }),
      ]);
    });
  }

  /** What is left of each type, and its mdevs. */
  instances(): readonly string[] {
    return this.names(CLASS).flatMap((parent) => {
      const types = `${CLASS}/${parent}/mdev_supported_types`;
      return this.names(types).map((type) => {
        const left = this.cat(`${types}/${type}/available_instances`);
        const devices = this.names(`${types}/${type}/devices`).join(" ");
        return `type ${type} available_instances: ${left} devices: ${devices}`;
      });
    });
  }

  /** Where the three links of an mdev lead. */
  links(uuid: string): string {
    const to = (link: string): string => this.target(`${DEVICES}/${uuid}/${link}`);
    return `driver ${to("driver")} type ${to("mdev_type")} group ${to("iommu_group")}`;
  }

  log(): readonly string[] {
    return this.#session.world?.kernel.log.map(({ text }) => text) ?? [];
  }
}

const WORDS: Readonly<Record<number, string>> = {
  [ERRNO.EEXIST]: "File exists",
  [ERRNO.ENOENT]: "No such file or directory",
  [ERRNO.EINVAL]: "Invalid argument",
  [ERRNO.EACCES]: "Permission denied",
};

const words = (error: number): string => WORDS[-error] ?? `error ${error}`;
