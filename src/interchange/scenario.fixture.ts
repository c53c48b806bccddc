// A scenario file that uses every part of the form once.

const UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";

/** A copy that a test may change. */
export const exampleFile = () => structuredCopy(EXAMPLE);

const structuredCopy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

export const EXAMPLE = {
  format: "iommu-playground scenario",
  version: 1,
  id: "example",
  title: "Every part once",
  summary: "For tests.",
  machine: {
    platform: {
      title: "One accelerator",
      haw: 46,
      unit: {
        version: "0x40",
        cap: "0xd2008c40660462",
        ecap: "0x9e9ff0505e",
        caches: { iotlb: 64 },
      },
      memory: [{ start: "0x0", length: "0x10000000" }],
      functions: [
        {
          name: "Port",
          address: "00:01.0",
          kind: "root port",
          vendor: 1,
          device: 1,
          class: 0,
          secondary: 1,
          subordinate: 1,
          acs: ["SV", "RR"],
        },
        {
          name: "Accelerator",
          address: "6a:01.0",
          kind: "root complex integrated endpoint",
          vendor: 32902,
          device: 2853,
          class: 557056,
          pasidBits: 20,
          ats: false,
          scalableIov: true,
          model: "accelerator",
          queues: 4,
        },
      ],
      reserved: [{ devices: ["01:00.0"], start: "0x1000000", end: "0x1000fff" }],
    },
    commandLine: "intel_iommu=on,sm_on",
    modules: ["idxd"],
    processes: [
      { name: "root", privileged: true },
      { name: "vm-a", memoryLock: 65536 },
    ],
  },
  design: "D1",
  seed: 7,
  operations: [
    {
      id: "create",
      op: "demand",
      actor: "root",
      demand: { want: "create mdev", parent: "0000:6a:01.0", type: "idxd-1dwq-v1", uuid: UUID },
    },
    { id: "start", op: "demand", actor: "vm-a", demand: { want: "start VM", pages: 16 } },
    {
      id: "assign",
      op: "demand",
      actor: "vm-a",
      demand: { want: "assign device", device: UUID, at: "0x0" },
    },
    {
      id: "memory",
      op: "call",
      process: "vm-a",
      call: { call: "mmap", length: 8192 },
      as: "memory",
    },
    {
      id: "container",
      op: "call",
      process: "vm-a",
      call: { call: "open", path: "/dev/vfio/vfio" },
      as: "container",
    },
    {
      id: "map",
      op: "call",
      process: "vm-a",
      call: {
        call: "ioctl",
        fd: "$container",
        request: "VFIO_IOMMU_MAP_DMA",
        argument: { flags: 3, vaddr: "$memory", iova: "0x10000", size: 8192 },
      },
    },
    {
      id: "send",
      op: "dma",
      requester: "6a:01.0",
      pasid: "0x41",
      access: "write",
      address: "0x1000",
      length: 64,
      repeat: 2,
      stride: 4096,
      span: "0x10000",
    },
    {
      id: "both",
      op: "together",
      calls: [
        { process: "vm-a", call: { call: "getdents", path: "/sys" }, as: "names" },
        { actor: "root", demand: { want: "remove mdev", uuid: UUID } },
      ],
      schedule: [1, 0],
    },
    { id: "later", op: "wait", microseconds: 10_000 },
    {
      id: "poke",
      op: "edit",
      address: "0x2000",
      value: "0xffffffffffffffff",
      more: [{ address: "0x2008", value: "0x0" }],
    },
    { id: "flush", op: "invalidate", descriptors: [["0x12", "0x0"]] },
    {
      id: "registers",
      op: "register write",
      offset: "0x34",
      size: 4,
      value: "0x1",
      more: [{ offset: "0x38", size: 4, value: "0x0" }],
    },
  ],
  faults: [{ operation: "assign", point: "invalidation", ordinal: 2 }],
  checks: [
    { id: "apart", check: "pasid-reaches-its-owner", at: "end", declared: "breaks" },
    {
      id: "page",
      check: "reaches",
      arguments: { requester: "6a:01.0", pasid: 65, address: "0x1000" },
      at: "send",
      declared: "breaks",
      because: "Nobody has it.",
    },
  ],
  walkthrough: {
    question: "Does the form hold everything?",
    assumptions: ["None."],
    chapters: [
      {
        id: "one",
        title: "One",
        steps: [
          {
            id: "first",
            title: "First",
            operations: ["create", "start"],
            caption: "An mdev and a VM.",
            sources: [{ type: "measured", where: "this test", says: "It holds." }],
            view: { selection: `mdev ${UUID}`, foot: "timeline", side: "objects" },
            checks: ["apart"],
            counts: ["special-cases"],
          },
          {
            id: "second",
            title: "Second",
            operations: [
              ...["assign", "memory", "container", "map", "send", "both", "later", "poke"],
              ...["flush", "registers"],
            ],
            caption: "The rest.",
            sources: [{ type: "memory", where: "the author" }],
            labelled: true,
          },
        ],
      },
      {
        id: "two",
        title: "Two",
        steps: [
          {
            id: "third",
            title: "Third",
            operations: [],
            caption: "Nothing more.",
            sources: [{ type: "reading", where: "this file" }],
            labelled: true,
          },
        ],
      },
    ],
  },
};
