// The module of the VFIO core: the file of containers, and the functions behind its files (vfio.c, v5.12).
import { defineFileOperations } from "../core/files.ts";
import { defineModule } from "../core/symbols.ts";
import { device_file, sysfs_remove } from "../core/sysfs.ts";
import { define, type Kernel } from "../kernel/kernel.ts";
import "./container.ts";
import "./device-file.ts";
import "./group-file.ts";

const about = (symbol: string) => ({
  symbol,
  module: "vfio",
  source: "drivers/vfio/vfio.c, v5.12",
});

const CONTAINER_FILE = "/dev/vfio/vfio";

define(about("vfio_init"), (k: Kernel): number => {
  const error = device_file(k, CONTAINER_FILE, "vfio container", 0, "0666");
  if (error) return error;
  k.log("VFIO - User Level meta-driver version: 0.3");
  return 0;
});

define(about("vfio_cleanup"), (k: Kernel): void => sysfs_remove(k, CONTAINER_FILE));

defineModule({ name: "vfio", init: "vfio_init", exit: "vfio_cleanup", needs: [] });

defineFileOperations("vfio container", {
  open: "vfio_fops_open",
  release: "vfio_fops_release",
  ioctl: "vfio_fops_unl_ioctl",
});

defineFileOperations("vfio group", {
  open: "vfio_group_fops_open",
  release: "vfio_group_fops_release",
  ioctl: "vfio_group_fops_unl_ioctl",
});

defineFileOperations("vfio device", {
  release: "vfio_device_fops_release",
  ioctl: "vfio_device_fops_unl_ioctl",
  pread: "vfio_device_fops_read",
  pwrite: "vfio_device_fops_write",
  mmap: "vfio_device_fops_mmap",
});
