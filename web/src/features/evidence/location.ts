// Which evidence is open: kept in the address, so that it can be shared and the back button closes it.
import { useCallback } from "react";
import { useSearchParams } from "react-router";

export interface OpenEvidence {
  runId: string;
  evidence: string | null;
}

let opener: HTMLElement | null = null;

/** Give focus back to whatever opened the panel. */
export function focusOpener(): void {
  if (opener?.isConnected) opener.focus();
}

export function useEvidenceLocation() {
  const [params, setParams] = useSearchParams();
  const runId = params.get("run");
  const open: OpenEvidence | null = runId ? { runId, evidence: params.get("evidence") } : null;
  const show = useCallback((run: string, evidence: string | null) => {
    opener = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    setParams(evidence ? { run, evidence } : { run }, { replace: open !== null, preventScrollReset: true });
  }, [setParams, open]);
  const hide = useCallback(() => setParams({}, { replace: true, preventScrollReset: true }), [setParams]);
  return { open, show, hide };
}
