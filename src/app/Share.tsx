// The link to what is seen: copied at once, with its length and what it cannot carry.
import { useEffect, useState } from "react";
import styles from "./Share.module.css";
import { actions, appStore } from "./store.ts";
import { Button } from "./ui/Button.tsx";
import { Dialog } from "./ui/Dialog.tsx";

type Link = { readonly url: string } | { readonly trouble: string };

export function Share() {
  const [link, setLink] = useState<Link | null>(null);
  const [copied, setCopied] = useState<boolean | null>(null);
  const origin = appStore.getState().session?.info.origin;
  useEffect(() => {
    void import("./link.ts").then((module) => module.currentLink()).then(setLink);
  }, []);

  async function copy(url: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(url);
      setCopied(true);
      actions.say("The link is copied.");
    } catch {
      setCopied(false);
    }
  }

  return (
    <Dialog title="Share a link" onClose={() => actions.showDialog(null)}>
      {link && "trouble" in link && <p>{link.trouble}</p>}
      {link && "url" in link && (
        <div className={styles["body"]}>
          <p>
            It restores the machine, the profile, every operation, what is selected and the request
            being written. Theme, speed and widths are your own and stay here.
          </p>
          {origin?.kind === "own" && (
            <p>
              <strong>It cannot carry your files.</strong> Whoever opens it is asked for{" "}
              <code>{origin.tables}</code> and <code>{origin.registers}</code>, digest{" "}
              <code>{origin.digest}</code>.
            </p>
          )}
          <textarea
            readOnly
            aria-label="The link"
            rows={4}
            value={link.url}
            className={styles["link"]}
            onFocus={(event) => event.target.select()}
          />
          <div className={styles["act"]}>
            <Button look="filled" onClick={() => void copy(link.url)}>
              Copy the link
            </Button>
            <p>
              {copied === true && "Copied. "}
              {copied === false &&
                "The browser does not let the page copy; take it from the field. "}
              {link.url.length} characters
              {link.url.length > 2000 && "; some mail programs cut lines of more than 2,000"}.
            </p>
          </div>
        </div>
      )}
    </Dialog>
  );
}
