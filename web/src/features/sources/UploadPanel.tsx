import { Upload as UploadIcon } from "lucide-react";
import { type ClipboardEvent, type DragEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { cx } from "@/components/cx";
import { Failure } from "@/components/Failure";
import { EVERYWHERE, useSession } from "@/features/people/api";
import { useMay } from "@/features/people/rights";
import { useWorkspaces } from "@/lib/api/queries";
import type { Workspace } from "@/lib/api/types";
import { ParseReport } from "./ParseReport";
import { type Destination, useUpload, workspaceName } from "./upload";
import { UploadProgress } from "./UploadProgress";
import { useCurrentWorkspace, workspaceLabel } from "./workspace";

const ACCEPT = ".csv,.tsv,.txt,.json,.ndjson,.jsonl,.parquet,.xlsx,.xls,.xlsm,.ods,.duckdb,.db,.sqlite,.sqlite3,.zip,.gz";
const NEW = "";

/** Adding files: dropped, pasted or picked; then what was read from them. */
export function UploadPanel() {
  const { t } = useTranslation();
  const { data: all = [] } = useWorkspaces();
  const may = useMay(null);
  const { data: session } = useSession();
  const makes = may("workspaces");
  const workspaces = all.filter(({ name }) => makes || [EVERYWHERE, name].some((place) => session?.rights_in[place]?.includes("load")));
  const { upload, start, cancel, reset } = useUpload();
  const { current } = useCurrentWorkspace();
  const [picked, setTarget] = useState<string | null>(null);
  // More files usually belong to what is being asked about.
  const target = picked ?? workspaces.find(({ name }) => name === current?.name)?.name ?? null;
  const [label, setLabel] = useState(t("upload.defaultName"));
  const to = makes ? destination(workspaces, target, label) : existing(workspaces, target);
  const choose = (name: string) => {
    setTarget(name);
    if (name === NEW) setLabel(freeLabel(workspaces, label));
  };
  const send = (files: File[]) => {
    if (files.length > 0 && to) void start(files, to);
  };
  if (upload.state === "sending" || upload.state === "reading") return <UploadProgress upload={upload} onCancel={cancel} />;
  if (upload.state === "done") return <ParseReport result={upload.result} workspace={upload.workspace} onMore={reset} />;
  return (
    <div className="flex flex-col gap-3">
      {upload.state === "failed" && <Failure error={upload.error} onRetry={reset} />}
      <TargetFields makes={makes} workspaces={workspaces} target={target !== NEW && to?.isNew === false ? to.name : NEW} label={label} onTarget={choose} onLabel={setLabel} />
      <DropZone disabled={!to} onFiles={send} />
    </div>
  );
}

/** The label, with a number behind it while there is a workspace of that name: who wants a new one gets a new one. */
function freeLabel(workspaces: Workspace[], label: string): string {
  const taken = (one: string) => workspaces.some((workspace) => workspace.name === workspaceName(one));
  let free = label;
  for (let n = 2; taken(free); n += 1) free = `${label} ${n}`;
  return free;
}

/** Where files go: the chosen workspace, or one named by `label`, which may exist already. Null when the name is empty. */
function destination(workspaces: Workspace[], target: string | null, label: string): Destination | null {
  const name = target || workspaceName(label);
  if (!name) return null;
  const known = workspaces.find((workspace) => workspace.name === name);
  return { name, label: known ? workspaceLabel(known) : label.trim(), isNew: !known };
}

/** For who may not make workspaces: the chosen one, or the first. */
function existing(workspaces: Workspace[], target: string | null): Destination | null {
  const found = workspaces.find(({ name }) => name === target) ?? workspaces[0];
  return found ? { name: found.name, label: workspaceLabel(found), isNew: false } : null;
}

function DropZone({ disabled, onFiles }: { disabled: boolean; onFiles: (files: File[]) => void }) {
  const { t } = useTranslation();
  const picker = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (!disabled) onFiles([...event.dataTransfer.files]);
  };
  const drag = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  const paste = (event: ClipboardEvent) => onFiles(pastedFiles(event.clipboardData));
  return (
    <div
      role="group"
      tabIndex={0}
      aria-label={t("upload.zone")}
      onDragOver={drag}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      onPaste={paste}
      className={cx("flex flex-col items-center gap-3 rounded-card border border-dashed px-4 py-8 text-center transition-colors", over ? "border-accent bg-accent-soft" : "border-edge bg-surface")}
    >
      <UploadIcon aria-hidden className="size-6 text-subtle" />
      <div>
        <p className="font-medium">{t("upload.zone")}</p>
        <p className="text-13 text-subtle">{t("upload.kinds")}</p>
      </div>
      <Button look="primary" disabled={disabled} onClick={() => picker.current?.click()}>{t("upload.pick")}</Button>
      <input
        ref={picker}
        type="file"
        multiple
        accept={ACCEPT}
        tabIndex={-1}
        aria-label={t("upload.pick")}
        className="sr-only"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </div>
  );
}

/** Files from the clipboard; a pasted table becomes one, as spreadsheets copy cells with tabs between. */
function pastedFiles(clipboard: DataTransfer): File[] {
  if (clipboard.files.length > 0) return [...clipboard.files];
  const text = clipboard.getData("text/plain");
  if (!text.includes("\n")) return [];
  const [name, type] = text.includes("\t") ? ["pasted.tsv", "text/tab-separated-values"] : ["pasted.csv", "text/csv"];
  return [new File([text], name, { type })];
}

interface TargetFieldsProps {
  makes: boolean;
  workspaces: Workspace[];
  target: string;
  label: string;
  onTarget: (name: string) => void;
  onLabel: (label: string) => void;
}

function TargetFields({ makes, workspaces, target, label, onTarget, onLabel }: TargetFieldsProps) {
  const { t } = useTranslation();
  const [selectId, inputId] = [useId(), useId()];
  const look = "control min-w-0 rounded-control border border-edge bg-surface px-3 text-16";
  return (
    <div className="flex flex-wrap items-end gap-3">
      <div className="flex min-w-0 grow basis-48 flex-col gap-1">
        <label htmlFor={selectId} className="text-13 text-muted">{t("upload.target")}</label>
        <select id={selectId} value={target} onChange={(event) => onTarget(event.target.value)} className={look}>
          {makes && <option value={NEW}>{t("upload.newWorkspace")}</option>}
          {workspaces.map((workspace) => <option key={workspace.name} value={workspace.name}>{workspaceLabel(workspace)}</option>)}
        </select>
      </div>
      {makes && target === NEW && (
        <div className="flex min-w-0 grow basis-48 flex-col gap-1">
          <label htmlFor={inputId} className="text-13 text-muted">{t("upload.name")}</label>
          <input id={inputId} value={label} maxLength={60} onChange={(event) => onLabel(event.target.value)} className={look} />
        </div>
      )}
    </div>
  );
}
