// The first screen: two doors. Review plays a patch on a running kernel, Decode opens the tables of a real machine.
import styles from "./FirstScreen.module.css";
import { OpenImage } from "./OpenImage.tsx";
import { ReviewDoor } from "./ReviewDoor.tsx";
import { Samples } from "./Samples.tsx";

export function FirstScreen() {
  return (
    <main className={styles["page"]}>
      <div className={styles["columns"]}>
        <section aria-labelledby="review" className={styles["section"]}>
          <h2 id="review" className="t-door">
            Review
          </h2>
          <p className={styles["lead"]}>
            Run the way Linux isolates a slice of a device, step by step, and break it. Kernel and
            hardware are emulated in this page.
          </p>
          <ReviewDoor />
        </section>
        <section aria-labelledby="decode" className={styles["section"]}>
          <h2 id="decode" className="t-door">
            Decode
          </h2>
          <p className={styles["lead"]}>
            Open the memory of a machine with an Intel IOMMU. Its tables are drawn, and every DMA
            that you send walks them. The files stay in this page.
          </p>
          <div>
            <OpenImage />
            <h3 className={styles["samples"]}>No image at hand?</h3>
            <p className={styles["lead"]}>
              Open one of these. Linux set each of them up in QEMU. The files hold its tables and
              registers, and none of its data.
            </p>
            <Samples />
          </div>
        </section>
      </div>
    </main>
  );
}
