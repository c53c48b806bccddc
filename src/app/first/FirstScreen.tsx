// The first screen: one door, Decode. Files of the reader's own on the left, machines that ship with the page on the right.
import styles from "./FirstScreen.module.css";
import { OpenImage } from "./OpenImage.tsx";
import { Samples } from "./Samples.tsx";

export function FirstScreen() {
  return (
    <main className={styles["page"]}>
      <div className={styles["columns"]}>
        <section aria-labelledby="decode">
          <h2 id="decode" className="t-door">
            Decode
          </h2>
          <p className={styles["lead"]}>
            Open the memory of a machine with an Intel IOMMU. Its tables are drawn, and every DMA
            that you send walks them. The files stay in this page.
          </p>
          <OpenImage />
        </section>
        <Samples />
      </div>
    </main>
  );
}
