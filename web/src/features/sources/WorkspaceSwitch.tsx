import type { TFunction } from "i18next";
import { Database } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { formatCount } from "@/lib/format/misc";
import type { Workspace } from "@/lib/api/types";
import { chooseWorkspace, useCurrentWorkspace, workspaceLabel } from "./workspace";

/** The menu and its key handling come after the first picture; until then the button is there and waits. */
const ChoiceMenu = lazy(async () => ({ default: (await import("@/components/Menu")).ChoiceMenu }));

const SHAPE = "control inline-flex min-w-0 items-center gap-1.5 rounded-control px-2 text-13 text-muted";

interface WorkspaceSwitchProps {
  /** The workspace a thread is bound to; null lets the reader choose. */
  bound?: string | null;
  side?: "top" | "bottom";
}

/** Which data is asked: a name, and a menu when there are several and the thread is still free. */
export function WorkspaceSwitch({ bound = null, side = "top" }: WorkspaceSwitchProps) {
  const { t } = useTranslation();
  const { workspaces, current } = useCurrentWorkspace();
  const shown = bound ? (workspaces.find((w) => w.name === bound) ?? { name: bound, label: null }) : current;
  if (!shown) return null;
  const name = (
    <>
      <Database aria-hidden className="size-3.5 shrink-0" />
      <span className="truncate">{workspaceLabel(shown)}</span>
    </>
  );
  if (bound || workspaces.length < 2) return <span className={SHAPE} title={t("workspace.asked")}>{name}</span>;
  return (
    <Suspense fallback={<span className={SHAPE}>{name}</span>}>
      <ChoiceMenu
        label={t("workspace.choose", { name: workspaceLabel(shown) })}
        value={shown.name}
        choices={workspaces.map((w) => ({ value: w.name, label: workspaceLabel(w), hint: workspaceHint(w, t) }))}
        onChoose={chooseWorkspace}
        side={side}
        className={`${SHAPE} hover:bg-raised`}
      >
        {name}
      </ChoiceMenu>
    </Suspense>
  );
}

function workspaceHint(workspace: Workspace, t: TFunction): string {
  const tables = t("count.tables", { count: workspace.tables, shown: formatCount(workspace.tables) });
  const rows = t("count.rows", { count: workspace.rows, shown: formatCount(workspace.rows) });
  return `${tables} · ${rows}`;
}
