// The first screen: one door, Decode. Files of the reader's own on the left, machines that ship with the page on the right.
import styles from "./FirstScreen.module.css";
import { OpenImage } from "./OpenImage.tsx";
import { Samples } from "./Samples.tsx";

const WAYS_ON = [
  ["Send a DMA", "From any function in the tables, to any address, with or without a PASID."],
  ["Follow it", "Each table it reads, the bits that decide, and the page it reaches or the fault."],
  ["Break an entry", "Change a bit, forget the invalidation, and see which answer is stale."],
  ["Share it", "The address bar holds a link to what you see."],
] as const;

/** What can be done with a machine, for those who have not opened one yet. */
function WaysOn() {
  return (
    <section aria-labelledby="ways" className={styles["ways"]}>
      <h3 id="ways">What you can do with it</h3>
      <dl>
        {WAYS_ON.map(([what, how]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{how}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function FirstScreen() {
  return (
    <main className={styles["page"]}>
      <div className={styles["columns"]}>
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
            <WaysOn />
          </div>
        </section>
        <section aria-labelledby="samples" className={styles["section"]}>
          <h2 id="samples" className="t-title">
            No image at hand?
          </h2>
          <p className={styles["lead"]}>
            Open one of these. Linux set each of them up in QEMU. The files hold its tables and
            registers, and none of its data.
          </p>
          <Samples />
        </section>
      </div>
    </main>
  );
}
