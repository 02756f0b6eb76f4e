// How a dashboard is looked at, kept in the address so that a link shows the same.
import { useCallback } from "react";
import { useSearchParams } from "react-router";

export interface View {
  period: string | null;
  field: string | null;
  value: string | null;
}

export function useView(): [View, (change: Partial<View>) => void] {
  const [params, setParams] = useSearchParams();
  const view: View = { period: params.get("period"), field: params.get("field"), value: params.get("value") };
  const change = useCallback((wanted: Partial<View>) => {
    setParams((now) => {
      const next = new URLSearchParams(now);
      for (const [name, value] of Object.entries(wanted)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      return next;
    }, { replace: true, preventScrollReset: true });
  }, [setParams]);
  return [view, change];
}
