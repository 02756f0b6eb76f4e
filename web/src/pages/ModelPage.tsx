import { FlaskConical, History } from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Banner } from "@/components/Banner";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { Page } from "@/components/Page";
import { Skeleton } from "@/components/Skeleton";
import { Faults } from "@/features/model/Faults";
import { useCurrentWorkspace, workspaceLabel } from "@/features/sources/workspace";
import { useSession } from "@/features/people/api";
import { ApiError } from "@/lib/api/errors";
import { type ModelText, useModelText, useRestore, useSaveModel, useTryModel, useVersions } from "@/lib/api/model";
import { formatDay, formatTime } from "@/lib/format/misc";

/** The model of a workspace as a file: written, tried on the data, put in force, and taken back. */
export default function ModelPage() {
  const { t } = useTranslation();
  const { current } = useCurrentWorkspace();
  return (
    <Page title={t("model.file")}>
      <p className="-mt-4 text-14 text-muted">
        {current && workspaceLabel(current)} · <Link to="/data" className="text-accent underline">{t("model.back")}</Link>
      </p>
      {current && <Workbench key={current.name} workspace={current.name} />}
    </Page>
  );
}

function Workbench({ workspace }: { workspace: string }) {
  const text = useModelText(workspace);
  if (text.isPending) return <Skeleton lines={8} />;
  if (text.error instanceof ApiError) return <Failure error={text.error} onRetry={() => void text.refetch()} />;
  if (!text.data) return null;
  return (
    <>
      <Editor key={text.data.state} workspace={workspace} text={text.data} />
      <Versions workspace={workspace} />
    </>
  );
}

function Editor({ workspace, text }: { workspace: string; text: ModelText }) {
  const { t } = useTranslation();
  const [yaml, setYaml] = useState(text.yaml);
  const area = useRef<HTMLTextAreaElement>(null);
  const trial = useTryModel(workspace);
  const saving = useSaveModel(workspace);
  const touched = yaml !== text.yaml;
  const save = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate({ yaml, state: text.state });
  };
  return (
    <form onSubmit={save} className="flex flex-col gap-3">
      <textarea
        ref={area}
        aria-label={t("model.file")}
        spellCheck={false}
        value={yaml}
        onChange={(event) => setYaml(event.target.value)}
        className="h-[60dvh] w-full resize-y rounded-card border border-edge bg-surface p-3 font-mono text-13 leading-5 whitespace-pre"
      />
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" look="primary" disabled={!touched || saving.isPending}>{t("action.save")}</Button>
        <Button icon={<FlaskConical aria-hidden className="size-4" />} disabled={trial.isPending} onClick={() => trial.mutate(yaml)}>{trial.isPending ? t("model.trying") : t("model.try")}</Button>
        {touched && <Button look="quiet" onClick={() => setYaml(text.yaml)}>{t("model.undo")}</Button>}
        <span role="status" className="text-13 text-muted">{saving.isSuccess && !touched ? t("model.saved") : ""}</span>
      </div>
      <Wrong error={saving.error ?? trial.error} onLine={(line) => goTo(area.current, line)} />
      {trial.data && <Faults trial={trial.data} onLine={(line) => goTo(area.current, line)} />}
    </form>
  );
}

function Wrong({ error, onLine }: { error: unknown; onLine: (line: number) => void }) {
  const { t } = useTranslation();
  if (!(error instanceof ApiError)) return null;
  const line = Number(error.details?.line ?? 0);
  return (
    <Banner tone="bad" role="alert" action={line > 0 && <Button onClick={() => onLine(line)}>{t("model.line", { line })}</Button>}>
      <p className="font-medium">{error.message}</p>
      {error.hint && <p className="text-muted">{error.hint}</p>}
    </Banner>
  );
}

/** Puts the cursor on a line and the line into view. */
function goTo(area: HTMLTextAreaElement | null, line: number): void {
  if (!area) return;
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  area.scrollTop = (line - 4) * (area.scrollHeight / lines.length);
}

function Versions({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const { data: versions = [] } = useVersions(workspace);
  const restore = useRestore(workspace);
  const { data: session } = useSession();
  if (versions.length === 0) return null;
  return (
    <section aria-labelledby="versions" className="flex flex-col gap-3">
      <h2 id="versions" className="text-16 font-semibold">{t("model.versions")}</h2>
      {restore.error instanceof ApiError && <Failure error={restore.error} />}
      <ul className="rounded-card border border-line bg-surface">
        {versions.map((version, at) => (
          <li key={version.number} className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-2 text-14 first:border-t-0">
            <span className="w-8 text-subtle tabular-nums">{version.number}</span>
            <span className="min-w-0 grow wrap-anywhere">
              {version.why}
              <span className="block text-13 text-subtle">{[formatDay(new Date(version.at)), formatTime(new Date(version.at)), version.by === session?.person?.id ? session.person.name : version.by].filter(Boolean).join(" · ")}</span>
            </span>
            {at > 0 && <Button look="quiet" icon={<History aria-hidden className="size-4" />} aria-label={t("model.restoreThis", { number: version.number })} disabled={restore.isPending} onClick={() => restore.mutate(version.number)}>{t("model.restore")}</Button>}
          </li>
        ))}
      </ul>
    </section>
  );
}
