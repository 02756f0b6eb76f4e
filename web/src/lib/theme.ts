// The reader's theme: the system's unless chosen otherwise, remembered in this browser.
import { useCallback, useSyncExternalStore } from "react";
import { writeSetting } from "./storage";

export const THEMES = ["system", "light", "dark", "hc-light", "hc-dark"] as const;
export type ThemeChoice = (typeof THEMES)[number];

const listeners = new Set<() => void>();

function current(): ThemeChoice {
  const chosen = document.documentElement.dataset.theme as ThemeChoice | undefined;
  return chosen && THEMES.includes(chosen) ? chosen : "system";
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useThemeChoice(): [ThemeChoice, (choice: ThemeChoice) => void] {
  const choice = useSyncExternalStore(subscribe, current);
  const choose = useCallback((next: ThemeChoice) => {
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    writeSetting("theme", next === "system" ? null : next);
    listeners.forEach((listener) => listener());
  }, []);
  return [choice, choose];
}

