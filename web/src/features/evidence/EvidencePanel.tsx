import { X } from "lucide-react";
import { Dialog, Tabs } from "radix-ui";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { ErrorBoundary } from "@/app/ErrorBoundary";
import { IconButton } from "@/components/Button";
import { StepList } from "@/features/chat/Steps";
import type { RunView, StepView } from "@/lib/agui/view";
import { useMediaQuery } from "@/lib/hooks";
import { ChecksTab } from "./ChecksTab";
import { focusOpener } from "./location";
import { QueryTab } from "./QueryTab";
import { ReceiptTab } from "./ReceiptTab";

interface EvidencePanelProps {
  view: RunView;
  focused: string | null;
  onClose: () => void;
}

/** How an answer was made: beside it on wide screens, a sheet from below on small ones. */
export function EvidencePanel({ view, focused, onClose }: EvidencePanelProps) {
  const isWide = useMediaQuery("(min-width: 1024px)");
  const content = <EvidenceTabs view={view} focused={focused} />;
  return isWide ? <SidePanel onClose={onClose}>{content}</SidePanel> : <Sheet onClose={onClose}>{content}</Sheet>;
}

interface FrameProps {
  onClose: () => void;
  children: ReactNode;
}

function SidePanel({ onClose, children }: FrameProps) {
  const { t } = useTranslation();
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    title.current?.focus();
    return focusOpener;
  }, []);
  return (
    <aside
      aria-label={t("evidence.title")}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
      className="fade-in flex w-105 shrink-0 flex-col border-s border-line bg-surface"
    >
      <div className="flex h-14 shrink-0 items-center justify-between ps-5 pe-3">
        <h2 ref={title} tabIndex={-1} className="rounded-control text-16 font-semibold">{t("evidence.title")}</h2>
        <IconButton label={t("action.close")} onClick={onClose}><X aria-hidden className="size-4" /></IconButton>
      </div>
      {children}
    </aside>
  );
}

function Sheet({ onClose, children }: FrameProps) {
  const { t } = useTranslation();
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fade-in fixed inset-0 z-40 bg-black/50" />
        <Dialog.Content
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            focusOpener();
          }}
          className="slide-up fixed inset-x-0 bottom-0 z-50 flex max-h-[80dvh] flex-col rounded-t-card border-t border-edge bg-surface pb-[env(safe-area-inset-bottom)]"
        >
          <div className="flex h-14 shrink-0 items-center justify-between ps-4 pe-2">
            <Dialog.Title className="text-16 font-semibold">{t("evidence.title")}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label={t("action.close")}><X aria-hidden className="size-4" /></IconButton>
            </Dialog.Close>
          </div>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

const TABS = ["query", "checks", "steps", "receipt"] as const;

function EvidenceTabs({ view, focused }: { view: RunView; focused: string | null }) {
  const { t } = useTranslation();
  const first = view.evidence.filter((item) => item.id === focused);
  const rest = view.evidence.filter((item) => item.id !== focused);
  const panels = {
    query: <QueryTab items={[...first, ...rest]} />,
    checks: <ChecksTab view={view} />,
    steps: <StepList steps={view.steps.length > 0 ? view.steps : stepsOfEvidence(view)} />,
    receipt: <ReceiptTab view={view} />,
  };
  return (
    <Tabs.Root defaultValue="query" className="flex min-h-0 grow flex-col">
      <Tabs.List aria-label={t("evidence.title")} className="flex shrink-0 gap-1 border-b border-line px-3">
        {TABS.map((tab) => (
          <Tabs.Trigger
            key={tab}
            value={tab}
            className="control -mb-px border-b-2 border-transparent px-2.5 text-14 text-muted hover:text-text data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-text"
          >
            {t(`evidence.tab.${tab}`)}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {TABS.map((tab) => (
        <Tabs.Content key={tab} value={tab} className="min-h-0 grow overflow-y-auto p-5 -outline-offset-2">
          <ErrorBoundary>{panels[tab]}</ErrorBoundary>
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}

/** Stored answers keep no steps, but their evidence names what was called. */
function stepsOfEvidence(view: RunView): StepView[] {
  return view.evidence.map(({ id, tool, rows, ms }) => ({ name: tool.replaceAll("_", " "), done: true, tools: [{ id, name: tool, rows, ms }] }));
}
