// Modules: loading, use counts, and exports looked up by name at run time (kernel/module.c, v5.12).
import { ERRNO } from "../kernel/errno.ts";
import { invokeSleeping, type Kernel, registeredSymbols } from "../kernel/kernel.ts";
import type { Sleep } from "../kernel/scheduler.ts";
import { sysfs_create_attribute, sysfs_create_dir, sysfs_remove } from "./sysfs.ts";

/** What is known of a module's file. */
export interface ModuleFile {
  /** As lsmod prints it: "vfio_iommu_type1". */
  readonly name: string;
  /** Symbols of init(k) -> 0 or an error, and exit(k), which may sleep; "" for none. Without exit it cannot be unloaded. */
  readonly init: string;
  readonly exit: string;
  /** Modules whose exports it is linked against; each gets a reference. */
  readonly needs: readonly string[];
  /** Parameters and their defaults; shown in /sys/module/NAME/parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
}

const FILES = new Map<string, ModuleFile>();

/** Makes a module known, at build time. */
export function defineModule(file: ModuleFile): ModuleFile {
  if (FILES.has(file.name)) throw new Error(`Module ${file.name} is defined twice`);
  FILES.set(file.name, file);
  return file;
}

export const knownModules = (): ReadonlyMap<string, ModuleFile> => FILES;

/** What modprobe would load for `name`, in order, the module itself last; empty when there is no such module. */
export function modulesToLoad(k: Kernel, name: string): readonly string[] {
  const file = FILES.get(name);
  if (!file || name in k.state.core.modules) return [];
  return [...new Set([...file.needs.flatMap((need) => modulesToLoad(k, need)), name])];
}

/** Parameter of a loaded module; "" when it has none of that name. */
export const moduleParameter = (k: Kernel, module: string, name: string): string =>
  k.state.core.modules[module]?.parameters[name] ?? "";

/** True unless the module is going away; what is built in always lives. */
export function try_module_get(k: Kernel, module: string): boolean {
  if (module === "vmlinux" || module === "") return true;
  const record = k.state.core.modules[module];
  if (!record || record.state === "going") return false;
  record.references++;
  return true;
}

export function module_put(k: Kernel, module: string): void {
  const record = k.state.core.modules[module];
  if (record) record.references--;
}

/** Module that exports a function or a bus type ("mdev_bus_type"); undefined: nobody does. */
export function exporterOf(k: Kernel, symbol: string): string | undefined {
  const about = registeredSymbols().get(symbol);
  if (about) return about.exported ? about.module : undefined;
  if (!symbol.endsWith("_bus_type")) return undefined;
  return k.state.core.buses[symbol.slice(0, -"_bus_type".length)]?.module;
}

/** Looks an export up by name and takes a reference to its module. False: no live module has it. */
export function symbol_get(k: Kernel, symbol: string): boolean {
  const module = exporterOf(k, symbol);
  const live =
    module !== undefined &&
    (module === "vmlinux" || k.state.core.modules[module]?.state === "live");
  const found = live && try_module_get(k, module);
  k.record({ kind: "symbol lookup", call: k.call, symbol, found });
  return found;
}

export function symbol_put(k: Kernel, symbol: string): void {
  const module = exporterOf(k, symbol);
  if (module !== undefined) module_put(k, module);
}

/** Loads a module. -ENOENT: no such file, or an unknown symbol; -EEXIST: loaded; -EINVAL: parameter; else what init gave. */
export function* load_module(k: Kernel, name: string, parameters: string): Sleep<number> {
  const { modules } = k.state.core;
  const file = FILES.get(name);
  if (!file) return -ERRNO.ENOENT;
  if (name in modules) return -ERRNO.EEXIST;
  const given = parsed(file, parameters);
  if (given === null) return -ERRNO.EINVAL;
  if (file.needs.some((need) => modules[need]?.state !== "live")) {
    k.log(`${name}: Unknown symbol in module`);
    return -ERRNO.ENOENT;
  }
  if (k.allocate() < 0) return -ERRNO.ENOMEM;
  for (const need of file.needs) try_module_get(k, need);
  modules[name] = { name, parameters: given, references: 0, state: "coming" };
  addNodes(k, name, given);
  const result = file.init === "" ? 0 : yield* invokeSleeping(k, file.init);
  if (result < 0) {
    forget(k, file);
    return result;
  }
  const record = k.state.core.modules[name];
  if (record) record.state = "live";
  return 0;
}

/** Unloads a module. -ENOENT: not loaded; -EAGAIN: in use; -EBUSY: it is coming or going, or has no exit. */
export function* unload_module(k: Kernel, name: string): Sleep<number> {
  const record = k.state.core.modules[name];
  const file = FILES.get(name);
  if (!record || !file) return -ERRNO.ENOENT;
  if (users(k, name) > 0) return -ERRNO.EAGAIN;
  if (record.state !== "live") return -ERRNO.EBUSY;
  if (file.init !== "" && file.exit === "") return -ERRNO.EBUSY;
  if (record.references > 0) return -ERRNO.EAGAIN;
  record.state = "going";
  if (file.exit !== "") yield* invokeSleeping<unknown>(k, file.exit);
  forget(k, file);
  return 0;
}

/** Loaded modules that are linked against `name`. */
function users(k: Kernel, name: string): number {
  return Object.keys(k.state.core.modules).filter((other) => FILES.get(other)?.needs.includes(name))
    .length;
}

function forget(k: Kernel, file: ModuleFile): void {
  sysfs_remove(k, `/sys/module/${file.name}`);
  delete k.state.core.modules[file.name];
  for (const need of file.needs) module_put(k, need);
}

/** "a=1 b=2" over the defaults; null for a parameter that the module has not. */
function parsed(file: ModuleFile, text: string): Record<string, string> | null {
  const values: Record<string, string> = { ...file.parameters };
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const [name = "", ...value] = word.split("=");
    if (!Object.hasOwn(values, name)) return null;
    values[name] = value.join("=");
  }
  return values;
}

function addNodes(k: Kernel, name: string, parameters: Readonly<Record<string, string>>): void {
  const path = `/sys/module/${name}`;
  sysfs_create_dir(k, path);
  const file = { mode: "0444", argument: name };
  sysfs_create_attribute(k, `${path}/refcnt`, { ...file, show: "show_refcnt" });
  sysfs_create_attribute(k, `${path}/initstate`, { ...file, show: "show_initstate" });
  for (const parameter of Object.keys(parameters)) {
    sysfs_create_attribute(k, `${path}/parameters/${parameter}`, {
      mode: "0444",
      show: "param_attr_show",
      argument: `${name} ${parameter}`,
    });
  }
}
