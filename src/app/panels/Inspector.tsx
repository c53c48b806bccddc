// The selected object, whatever it is: what it says, what it leads to, and every bit of it to change.
import { lazy, Suspense } from "react";
import { useApp } from "../store.ts";
import { useSession, useSurvey, useUnit } from "./hooks.ts";
import { CacheEntryView } from "./inspector/CacheEntryView.tsx";
import { EntryView } from "./inspector/EntryView.tsx";
import { MemoryView } from "./inspector/MemoryView.tsx";
import { PasidView } from "./inspector/PasidView.tsx";
import { RegisterView } from "./inspector/RegisterView.tsx";
import { RequesterView } from "./inspector/RequesterView.tsx";
import { SpaceView } from "./inspector/SpaceView.tsx";
import styles from "./Panel.module.css";
import "./tints.css";

/** Comes with the first object of a running kernel. */
const WorldView = lazy(async () => ({
  default: (await import("./inspector/WorldView.tsx")).WorldView,
}));

export function Inspector() {
  const session = useSession();
  const survey = useSurvey();
  const unit = useUnit();
  const selection = useApp((state) => state.view.selection);
  if (!session || !survey || !unit) return null;
  if (!selection) {
    return (
      <p className={styles["empty"]}>
        Nothing is selected. Choose a requester, a table row, an address space, a cache entry or a
        register.
      </p>
    );
  }
  const machine = { session, survey, unit };
  switch (selection.kind) {
    case "requester":
      return <RequesterView {...machine} requester={selection.requester} />;
    case "pasid":
      return <PasidView {...machine} requester={selection.requester} pasid={selection.pasid} />;
    case "space":
      return <SpaceView {...machine} id={selection.id} />;
    case "entry":
      return <EntryView {...machine} place={selection} />;
    case "cache entry":
      return <CacheEntryView {...machine} cache={selection.cache} slot={selection.slot} />;
    case "register":
      return <RegisterView {...machine} offset={selection.offset} />;
    case "memory":
      return <MemoryView {...machine} address={selection.address} />;
    case "object":
    case "function":
    case "check":
      return (
        <Suspense fallback={null}>
          <WorldView session={session} selection={selection} />
        </Suspense>
      );
  }
}
