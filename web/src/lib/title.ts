import { useEffect } from "react";

/** Sets the document's title; null is the bare name. */
export function usePageTitle(title: string | null): void {
  useEffect(() => {
    document.title = title ? `${title} · Plainsay` : "Plainsay";
  }, [title]);
}
