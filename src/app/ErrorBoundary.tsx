// Catches what went wrong while drawing. The document is in the address bar, so the page can be drawn again from it.
import { Component, type ReactNode } from "react";
import styles from "./ErrorBoundary.module.css";
import { Button } from "./ui/Button.tsx";

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly error: Error | null;
}

export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <main className={styles["page"]}>
        <h1 className="t-title">The page could not be drawn</h1>
        <p>
          What you did is kept in the address bar. Load the page again to continue from there; files
          of your own have to be opened once more.
        </p>
        <p>
          If it happens again, the link and this line are what a report needs:{" "}
          <code>{error.message}</code>
        </p>
        <div className={styles["actions"]}>
          <Button look="filled" onClick={() => location.reload()}>
            Load the page again
          </Button>
          <Button
            onClick={() => {
              history.replaceState(null, "", location.pathname + location.search);
              location.reload();
            }}
          >
            Start with nothing open
          </Button>
        </div>
      </main>
    );
  }
}
