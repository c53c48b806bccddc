// Objects of VFIO: what a process has open, and a container with its groups, domains and mappings.
import { plainHex } from "../base/hex.ts";
import type { File, Process } from "../linux/core/tables.ts";
import type { KernelState } from "../linux/kernel/state.ts";
import type { Container, VfioDma, VfioDomain } from "../linux/vfio/tables.ts";
import { domainLink, groupLink, type KernelObject } from "./objects-parts.ts";
import { bytesWord, countWord } from "./words.ts";

/** One object for each descriptor, with what it leads to. */
export function openFiles(kernel: KernelState, process: Process): readonly KernelObject[] {
  return Object.entries(process.files).flatMap(([fd, id]) => {
    const file = kernel.core.files[id];
    return file ? [fileObject(kernel, process, fd, file)] : [];
  });
}

function fileObject(kernel: KernelState, process: Process, fd: string, file: File): KernelObject {
  return {
    id: `file ${process.name} ${fd}`,
    kind: "Open file",
    name: `fd ${fd}`,
    note: [file.fops, file.path].filter(Boolean).join(", "),
    facts: [
      ["operations", file.fops],
      ["path", file.path || "none: it came from an ioctl"],
      ["references", String(file.references)],
    ],
    links: fileLinks(kernel, file),
    parts: [],
  };
}

function fileLinks(kernel: KernelState, file: File): KernelObject["links"] {
  if (/container/.test(file.fops)) {
    const name = `container ${file.object}`;
    return kernel.vfio.containers[file.object] ? [{ as: "opens", id: name, name }] : [];
  }
  if (/group/.test(file.fops)) {
    const group = kernel.vfio.groups[file.object];
    return group ? groupLink(kernel, group.iommuGroup, "opens") : [];
  }
  const device = kernel.vfio.devices[file.object];
  if (!/device/.test(file.fops) || !device) return [];
  return groupLink(kernel, kernel.vfio.groups[device.group]?.iommuGroup ?? 0, "device of");
}

export function containerObject(kernel: KernelState, container: Container): KernelObject {
  const type1 = kernel.vfio.type1[container.iommu];
  const groups = container.groups.flatMap((id) => {
    const group = kernel.vfio.groups[id];
    return group ? groupLink(kernel, group.iommuGroup, "group") : [];
  });
  const mapped = type1?.mappings.reduce((sum, one) => sum + one.size, 0) ?? 0;
  const external = type1?.externalDomain ?? null;
  const domains = [...(type1?.domains ?? []), ...(external ? [external] : [])];
  return {
    id: `container ${container.id}`,
    kind: "Container",
    name: `container ${container.id}`,
    note: type1
      ? `type1${type1.v2 ? " v2" : ""}, ${countWord(groups.length, "group")}, ${bytesWord(BigInt(mapped))} mapped`
      : `${countWord(groups.length, "group")}, no IOMMU set`,
    facts: [
      ["IOMMU", container.driver || "none: VFIO_SET_IOMMU was not called"],
      ...(type1
        ? ([
            [
              "mapped",
              `${bytesWord(BigInt(mapped))} in ${countWord(type1.mappings.length, "mapping")}`,
            ],
            ["domains", String(type1.domains.length)],
            ["external domain", external ? countWord(external.groups.length, "group") : "none"],
          ] as const)
        : []),
      ["references", String(container.references)],
    ],
    links: [...groups, ...domains.flatMap((one) => domainLink(kernel, one.domain, "domain"))],
    parts: [
      ...domains.map((one, at) => type1Domain(kernel, container, one, at)),
      ...(type1?.mappings ?? []).map((one) => mappingObject(kernel, container, one)),
    ],
  };
}

function type1Domain(
  kernel: KernelState,
  container: Container,
  domain: VfioDomain,
  at: number,
): KernelObject {
  const names = domain.groups.map((one) => {
    const number = kernel.iommu.groups[one.iommuGroup]?.number;
    return `group ${number}${one.mdevGroup ? ", of an mdev" : ""}`;
  });
  return {
    id: `type1 domain ${container.id} ${at}`,
    kind: "Domain of type1",
    name: domain.domain === 0 ? "external domain" : "domain of type1",
    note: names.join(", "),
    facts: [
      ["groups", names.length === 0 ? "none" : names.join(", ")],
      ["tables", domain.domain === 0 ? "none: vendor drivers pin pages" : "a domain of the IOMMU"],
    ],
    links: [
      ...domainLink(kernel, domain.domain, "domain"),
      ...domain.groups.flatMap((one) => groupLink(kernel, one.iommuGroup, "group")),
    ],
    parts: [],
  };
}

function mappingObject(kernel: KernelState, container: Container, dma: VfioDma): KernelObject {
  const pinned = Object.keys(dma.pfns).length;
  const rights = [dma.read && "R", dma.write && "W"].filter(Boolean).join(" ");
  const process = kernel.core.processes[dma.process]?.name ?? "a process that has ended";
  return {
    id: `mapping ${container.id} ${plainHex(dma.iova)}`,
    kind: "Mapping",
    name: `${plainHex(dma.iova)} ${rights}`,
    note: `${bytesWord(BigInt(dma.size))} of ${process}${pinned > 0 ? `, ${countWord(pinned, "page")} pinned by vendor drivers` : ""}`,
    facts: [
      ["I/O address", plainHex(dma.iova)],
      ["size", bytesWord(BigInt(dma.size))],
      ["user address", plainHex(dma.vaddr)],
      ["rights", rights],
      ["in tables", dma.iommuMapped ? "yes" : "no"],
      ["pinned", countWord(pinned, "page")],
    ],
    links: [{ as: "memory of", id: `process ${process}`, name: process }],
    parts: [],
  };
}
