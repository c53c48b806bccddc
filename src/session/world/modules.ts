// Makes every function and module of the kernel known that a machine may boot with.
import "../../linux/intel/init.ts";
import "../../linux/mdev/bus.ts";
import "../../linux/parents/modules.ts";
import "../../linux/vfio/module.ts";
import "../../linux/vfio/type1/module.ts";
import "../../linux/vfio/vfio-mdev.ts";
import "../../linux/vfio/vfio-pci.ts";
