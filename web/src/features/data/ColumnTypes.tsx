import { Columns3, Pencil } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { Field, Select } from "@/features/people/Field";
import { type ColumnFacts, type ColumnKind, type CorrectionOutcome, HOWS, KINDS, kindOf, useCorrect, useTriedCorrection } from "@/lib/api/corrections";
import { ApiError } from "@/lib/api/errors";
import { useModel } from "@/lib/api/queries";
import { formatCount } from "@/lib/format/misc";

/** What each column of a table was taken for, with a few values, and a way to correct it. */
export function ColumnTypes({ workspace, table }: { workspace: string; table: string }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const { data, isPending, error } = useModel(shown ? workspace : null);
  const found = data?.profile.tables[table];
  const columns = Object.entries((found?.columns ?? {}) as Record<string, ColumnFacts>);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div><Button look="quiet" aria-expanded={shown} icon={<Columns3 aria-hidden className="size-4" />} onClick={() => setShown(!shown)}>{t(shown ? "types.hide" : "types.show")}</Button></div>
      {shown && isPending && <Skeleton lines={3} />}
      {shown && error instanceof ApiError && <Failure error={error} />}
      {shown && columns.length > 0 && (
        <ul aria-label={t("types.of", { table })} className="rounded-card border border-line">
          {columns.map(([name, facts]) => <Line key={name} workspace={workspace} table={table} name={name} column={facts} rows={found?.rows ?? 0} />)}
        </ul>
      )}
    </div>
  );
}

interface LineProps {
  workspace: string;
  table: string;
  name: string;
  column: ColumnFacts;
  rows: number;
}

function Line({ workspace, table, name, column, rows }: LineProps) {
  const { t } = useTranslation();
  const [changing, setChanging] = useState(false);
  const kind = kindOf(column.type);
  const words = kind ? t(`types.kind.${kind}`) : column.type.toLowerCase();
  const facts = [
    column.unit ? `${words}, ${column.unit}` : words,
    t("types.distinct", { count: column.distinct, shown: formatCount(column.distinct) }),
    column.nulls > 0 && (column.nulls === rows ? t("types.allEmpty") : t("types.empty", { count: column.nulls, shown: formatCount(column.nulls) })),
  ];
  return (
    <li className="border-t border-line px-3 py-2 first:border-t-0">
      <div className="flex items-center gap-3 text-14">
        <span className="min-w-0 grow wrap-anywhere">
          <span className="font-medium">{name}</span>
          <span className="block text-13 text-subtle">{facts.filter(Boolean).join(" · ")}</span>
        </span>
        <IconButton label={t("types.change", { column: name })} aria-expanded={changing} onClick={() => setChanging(!changing)}><Pencil aria-hidden className="size-4" /></IconButton>
      </div>
      {changing && <Change workspace={workspace} table={table} name={name} column={column} onDone={() => setChanging(false)} />}
    </li>
  );
}

interface ChangeProps {
  workspace: string;
  table: string;
  name: string;
  column: ColumnFacts;
  onDone: () => void;
}

function Change({ workspace, table, name, column, onDone }: ChangeProps) {
  const { t } = useTranslation();
  const was = kindOf(column.type);
  const dated = was === "date" || was === "datetime";
  const [kind, setKind] = useState<ColumnKind>(was ?? "text");
  const [how, setHow] = useState(dated ? "swap" : (HOWS[was ?? "text"][0] ?? ""));
  const [unit, setUnit] = useState(column.unit ?? "");
  const wanted = { kind, how };
  const tried = useTriedCorrection(workspace, table, name, wanted);
  const correct = useCorrect(workspace, table, name);
  const choose = (next: ColumnKind) => {
    setKind(next);
    setHow(HOWS[next][0] ?? "");
  };
  const hows = HOWS[kind].filter((one) => (one === "swap" ? dated : !dated || one === "ymd"));
  const numeric = kind === "number" || kind === "whole";
  const failed = [tried.error, correct.error].find((error) => error instanceof ApiError);
  return (
    <form
      aria-label={t("types.change", { column: name })}
      className="mt-2 flex flex-col gap-3 rounded-control bg-canvas p-3"
      onSubmit={(event) => {
        event.preventDefault();
        correct.mutate({ ...wanted, ...(numeric && { unit: unit.trim() }) }, { onSuccess: onDone });
      }}
    >
      <div className="grid items-end gap-3 sm:grid-cols-3">
        <Select label={t("types.is")} value={kind} onChange={(next) => choose(next as ColumnKind)} options={KINDS.map((value) => ({ value, label: t(`types.kind.${value}`) }))} />
        {hows.length > 1 || (dated && hows.length > 0 && kind !== "text") ? <Select label={t("types.written")} value={how} onChange={setHow} options={hows.map((value) => ({ value, label: t(`types.how.${value as "ymd"}`) }))} /> : null}
        {numeric && <Field label={t("types.unit")} placeholder="EUR" maxLength={12} value={unit} onChange={(event) => setUnit(event.target.value)} />}
      </div>
      {tried.isPending && <Skeleton lines={1} />}
      {tried.data && <Result found={tried.data} />}
      {failed instanceof ApiError && <Failure error={failed} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" disabled={!tried.data || correct.isPending}>{t(correct.isPending ? "types.applying" : "types.apply")}</Button>
        <Button look="quiet" onClick={onDone}>{t("action.cancel")}</Button>
      </div>
    </form>
  );
}

/** What stays, what would be lost, and how some values come out. */
function Result({ found }: { found: CorrectionOutcome }) {
  const { t } = useTranslation();
  const lost = found.lost_rows > 0;
  return (
    <div role="status" className="flex flex-col gap-2 text-13">
      <p className={lost ? "font-medium text-warn" : "text-ok"}>
        {lost ? t("types.lost", { count: found.lost_rows, lost: formatCount(found.lost_rows), filled: formatCount(found.filled) }) : t("types.allKept", { count: found.filled, shown: formatCount(found.filled) })}
      </p>
      {lost && <p className="wrap-anywhere">{t("types.lostAre", { values: found.lost.map((one) => `“${one}”`).join(", ") })}</p>}
      {found.changed.length > 0 && (
        <ul aria-label={t("types.become")} className="grid gap-x-4 font-mono text-12 text-muted sm:grid-cols-2">
          {found.changed.map(([was, is]) => <li key={was} className="truncate">{`${was} → ${is}`}</li>)}
        </ul>
      )}
      <p className="text-subtle">{t("types.remembered")}</p>
    </div>
  );
}
