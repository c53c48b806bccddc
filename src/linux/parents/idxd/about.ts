// What the accelerator driver is, said of each of its functions: it was posted as patches and never merged.

/** File of the posted series (v6, 2021-05-22, and its public tree) that a function's shape follows. */
export const outOfTree = (symbol: string, file: string, exported = false) => ({
  symbol,
  module: "idxd",
  exported,
  source: `${file}, out of tree (idxd mdev series, never merged)`,
});

export const CORE = "drivers/dma/idxd/init.c";
export const DEVICE = "drivers/dma/idxd/device.c";
export const MDEV = "drivers/vfio/mdev/idxd/mdev.c";
export const VDEV = "drivers/vfio/mdev/idxd/vdev.c";
