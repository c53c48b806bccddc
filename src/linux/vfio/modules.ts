// The modules of mediated devices and of VFIO, made known to the kernel: mdev, vfio, vfio_mdev, vfio_pci, vfio_iommu_type1.
import "../mdev/bus.ts";
import "../mdev/create.ts";
import "../mdev/parents.ts";
import "../mdev/pointer.ts";
import "../mdev/remove.ts";
import "../mdev/sysfs.ts";
import "./external.ts";
import "./module.ts";
import "./type1/module.ts";
import "./vfio-mdev.ts";
import "./vfio-pci.ts";
