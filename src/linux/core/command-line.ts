// The words of the kernel command line (kernel/params.c, v5.12).
import type { Kernel } from "../kernel/kernel.ts";

/** Values of a parameter, parts between commas: ["on", "sm_on"] of "intel_iommu=on,sm_on"; [] when it was not given. */
export const bootParameter = (k: Kernel, name: string): readonly string[] =>
  k.state.core.commandLine
    .split(/\s+/)
    .filter((word) => word.startsWith(`${name}=`))
    .flatMap((word) => word.slice(name.length + 1).split(","));

/** "module.parameter=value" words for one module, as insmod takes them: "parameter=value". */
export const moduleBootParameters = (k: Kernel, module: string): string =>
  k.state.core.commandLine
    .split(/\s+/)
    .filter((word) => word.startsWith(`${module}.`) && word.includes("="))
    .map((word) => word.slice(module.length + 1))
    .join(" ");
