// Composition root: the only file that knows everything.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./app/styles/fonts.css";
import "./app/styles/tokens.css";
import "./app/styles/base.css";
import { App } from "./app/App.tsx";
import { ErrorBoundary } from "./app/ErrorBoundary.tsx";
import { applyTheme } from "./app/preferences.ts";
import { appStore } from "./app/store.ts";

applyTheme(appStore.getState().preferences.theme);

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <ErrorBoundary>
        <App />
      </ErrorBoundary>
    </StrictMode>,
  );
}

// What is not needed to answer the first click comes after it.
void import("./app/link.ts").then(({ followAddressBar, restoreLink }) => {
  followAddressBar();
  if (location.hash.length > 1) void restoreLink(location.hash);
});

if (new URLSearchParams(location.search).has("test")) {
  void import("./app/test-hook.ts").then(({ installTestHook }) => installTestHook());
}
