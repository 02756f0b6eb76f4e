import { CircleAlert, CircleCheck, CircleDashed, Clock, KeyRound, Radio, RefreshCw, Table2, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ActionMenu } from "@/components/ActionMenu";
import { Button } from "@/components/Button";
import { cx } from "@/components/cx";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { Select } from "@/features/people/Field";
import type { Right } from "@/features/people/rights";
import { ApiError } from "@/lib/api/errors";
import { formatAgo, formatCount, formatMinutes } from "@/lib/format/misc";
import { SettingFields } from "./SettingFields";
import { SourceSchemaView } from "./SourceSchemaView";
import { type Going, type Source, type SourceState, useChangeSource, useRemoveSource, useSourceKinds } from "./sources";

const LOOKS: Record<SourceState, { tint: string; Icon: typeof Clock }> = {
  new: { tint: "text-subtle", Icon: CircleDashed }, fresh: { tint: "text-ok", Icon: CircleCheck }, stale: { tint: "text-warn", Icon: Clock },
  attention: { tint: "text-warn", Icon: CircleAlert }, failing: { tint: "text-bad", Icon: CircleAlert }, listening: { tint: "text-subtle", Icon: Radio },
};
const EVERY = [0, 15, 60, 360, 1440];
const KEEP = [0, 30, 90, 365];
const ICON = "size-4 text-subtle";
type Shown = "schema" | "settings" | "remove" | null;

interface SourceRowProps {
  workspace: string;
  source: Source;
  going: Going | null;
  may: (right: Right) => boolean;
  onRefresh: () => void;
}

/** One connection: how fresh it is and what is wrong with it, loading it, and looking after it. */
export function SourceRow({ workspace, source, going, may, onRefresh }: SourceRowProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState<Shown>(null);
  const { state, detail, loaded_at: loaded, rows } = source.health;
  const { tint, Icon } = LOOKS[state];
  const mine = going?.id === source.id;
  const toggle = (what: Shown) => setShown(shown === what ? null : what);
  const actions = [
    { name: t("sources.schema"), icon: <Table2 aria-hidden className={ICON} />, onChoose: () => toggle("schema") },
    { name: t("sources.change"), icon: <KeyRound aria-hidden className={ICON} />, onChoose: () => toggle("settings") },
    { name: t("sources.remove"), icon: <Trash2 aria-hidden className="size-4" />, danger: true, onChoose: () => setShown("remove") },
  ];
  const facts = [
    source.label !== source.provider && source.provider, source.environment !== "live" && source.environment,
    t("sources.rows", { count: rows, shown: formatCount(rows) }), loaded && t("data.updated", { when: formatAgo(new Date(loaded)) }),
    source.waiting > 0 && t("sources.waiting", { count: source.waiting }),
  ];
  return (
    <li className="flex flex-col gap-3 px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="min-w-0 grow basis-48">
          <p className="font-medium wrap-anywhere">
            {source.label} <span className={cx("inline-flex items-center gap-1 text-13 font-normal", tint)}><Icon aria-hidden className="size-3.5" />{t(`sources.state.${state}`)}</span>
          </p>
          <p className="text-13 text-subtle wrap-anywhere">{facts.filter(Boolean).join(" · ")}</p>
          {state !== "fresh" && <p className="text-13 wrap-anywhere">{detail}</p>}
        </div>
        {may("load") && <Button icon={<RefreshCw aria-hidden className={cx("size-4", mine && "motion-safe:animate-spin")} />} disabled={going !== null} onClick={onRefresh}>{t("sources.refresh")}</Button>}
        {may("connect") && <ActionMenu label={t("history.menu", { title: source.label })} actions={actions} />}
      </div>
      {mine && going && <progress aria-label={going.text || t("sources.loading")} max={1} value={going.share ?? undefined} className="bar h-1.5 w-full" />}
      <Resources source={source} />
      {shown === "schema" && <SourceSchemaView workspace={workspace} id={source.id} hook={source.hook} />}
      {shown === "settings" && <Settings workspace={workspace} source={source} onDone={() => setShown(null)} />}
      {shown === "remove" && <Remove workspace={workspace} source={source} onDone={() => setShown(null)} />}
    </li>
  );
}

/** Each list of a source: rows held, when it was last read to its end, and what went wrong. */
function Resources({ source }: { source: Source }) {
  const { t } = useTranslation();
  const { resources } = source.health;
  if (resources.length === 0) return null;
  const bad = resources.some(({ error, rejected }) => error || rejected > 0);
  return (
    <details open={bad}>
      <summary className="control rounded-control py-1 text-13 text-muted hover:text-text">{t("sources.lists", { count: resources.length })}</summary>
      <ul aria-label={t("sources.lists", { count: resources.length })} className="grid gap-x-6 text-13 sm:grid-cols-2">
        {resources.map((one) => (
          <li key={one.name} className="flex flex-col border-t border-line py-1.5">
            <span className="flex justify-between gap-3"><span className="min-w-0 wrap-anywhere">{one.name.replaceAll("_", " ")}</span><span className="text-subtle tabular-nums">{formatCount(one.rows)}</span></span>
            {one.loaded_at && <span className="text-12 text-subtle">{t("data.updated", { when: formatAgo(new Date(one.loaded_at)) })}</span>}
            {one.rejected > 0 && <span className="text-warn">{t("sources.rejected", { count: one.rejected, shown: formatCount(one.rejected) })}</span>}
            {one.error && <span className="text-bad wrap-anywhere">{one.error}</span>}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Settings({ workspace, source, onDone }: { workspace: string; source: Source; onDone: () => void }) {
  const { t } = useTranslation();
  const kinds = useSourceKinds(true);
  const change = useChangeSource(workspace, source.id);
  const [values, setValues] = useState<Record<string, string>>(source.settings);
  const [every, setEvery] = useState(source.every ?? 0);
  const [keep, setKeep] = useState(source.keep_days ?? 0);
  const kind = kinds.data?.find((one) => one.source === source.source);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const changed = Object.entries(values).filter(([name, text]) => text !== (source.settings[name] ?? ""));
    change.mutate({ settings: Object.fromEntries(changed), every, keep_days: keep }, { onSuccess: onDone });
  };
  if (kinds.isPending) return <Skeleton lines={2} />;
  if (!kind) return null;
  return (
    <form aria-label={t("sources.change")} onSubmit={submit} autoComplete="off" className="flex flex-col gap-4 border-t border-line pt-3">
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <SettingFields settings={kind.settings} values={values} kept={[...source.secrets, ...Object.keys(source.settings)]} onChange={setValues} />
        <Spans label={t("sources.every")} hint={t("sources.everyHint")} value={every} choices={EVERY} name={(n) => (n === 0 ? t("sources.byHand") : t("sources.everySpan", { span: formatMinutes(n) }))} onChange={setEvery} />
        {source.service && <Spans label={t("sources.keep")} hint={t("sources.keepHint")} value={keep} choices={KEEP} name={(n) => (n === 0 ? t("sources.forEver") : t("sources.days", { count: n }))} onChange={setKeep} />}
      </div>
      {change.error instanceof ApiError && <Failure error={change.error} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" disabled={change.isPending}>{t("action.save")}</Button>
        <Button look="quiet" onClick={onDone}>{t("action.cancel")}</Button>
      </div>
    </form>
  );
}

interface SpansProps {
  label: string;
  hint: string;
  value: number;
  choices: number[];
  name: (value: number) => string;
  onChange: (value: number) => void;
}

/** A choice among spans of time; one that was set elsewhere is among them. */
function Spans({ label, hint, value, choices, name, onChange }: SpansProps) {
  const all = [...new Set([...choices, value])].sort((a, b) => a - b);
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <Select label={label} value={String(value)} onChange={(text) => onChange(Number(text))} options={all.map((n) => ({ value: String(n), label: name(n) }))} />
      <p className="text-13 text-subtle">{hint}</p>
    </div>
  );
}

function Remove({ workspace, source, onDone }: { workspace: string; source: Source; onDone: () => void }) {
  const { t } = useTranslation();
  const gone = useRemoveSource(workspace, source.id);
  return (
    <div role="group" aria-label={t("sources.remove")} className="flex flex-col gap-2 border-t border-line pt-3 text-14">
      <p>{t("sources.removeWhat", { source: source.label })}</p>
      {gone.error instanceof ApiError && <Failure error={gone.error} />}
      <div className="flex flex-wrap gap-2">
        <Button autoFocus disabled={gone.isPending} onClick={() => gone.mutate(false)}>{t("sources.removeKeep")}</Button>
        <Button className="text-bad" disabled={gone.isPending} onClick={() => gone.mutate(true)}>{t("sources.removeAll")}</Button>
        <Button look="quiet" onClick={onDone}>{t("action.cancel")}</Button>
      </div>
    </div>
  );
}
