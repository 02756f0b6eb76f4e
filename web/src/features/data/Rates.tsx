import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner } from "@/components/Banner";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { Field, Part } from "@/features/people/Field";
import { useMay } from "@/features/people/rights";
import { ApiError } from "@/lib/api/errors";
import { getJson, put } from "@/lib/api/http";
import { formatCount } from "@/lib/format/misc";

interface Stated {
  day: string;
  base: string;
  quote: string;
  rate: string;
  named?: string;
}

interface RatesNow {
  currency: string | null;
  valid_days: number;
  rates: Stated[];
  missing: { table: string; column: string; currency: string; rows: number }[];
}

const MOST_SHOWN = 50;
const MOST_TRIES = 4;
const BUSY = 503;

/** A load holds the rates for some seconds. */
const whileBusy = (failures: number, error: Error) => failures < MOST_TRIES && error instanceof ApiError && error.status === BUSY;

/** The currency that amounts are told in, the rates that somebody stated, and the amounts that lack one. */
export function Rates({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const may = useMay(workspace);
  const path = `/v1/rates?workspace=${encodeURIComponent(workspace)}`;
  const rates = useQuery({ queryKey: ["rates", workspace], retry: whileBusy, queryFn: ({ signal }) => getJson<RatesNow>(path, signal) });
  if (rates.isPending) return <Skeleton lines={4} />;
  if (rates.error instanceof ApiError) return <Failure error={rates.error} onRetry={() => void rates.refetch()} />;
  if (!rates.data) return null;
  const { currency, missing, rates: stated } = rates.data;
  return (
    <Part title={t("data.part.rates")} about={t("rates.about")}>
      <p className="text-14">{currency ? t("rates.told", { currency, count: rates.data.valid_days }) : t("rates.noCurrency")}</p>
      {missing.length > 0 && (
        <Banner tone="warn">
          <p className="font-medium">{t("rates.missing")}</p>
          <ul>{missing.map((one) => <li key={`${one.table} ${one.column} ${one.currency}`}>{t("rates.gap", { table: one.table.replaceAll("_", " "), column: one.column, currency: one.currency, count: one.rows, shown: formatCount(one.rows) })}</li>)}</ul>
        </Banner>
      )}
      {may("connect") && <State key={currency} workspace={workspace} now={rates.data} />}
      {stated.length === 0 && <Empty title={t("rates.none")} />}
      {stated.length > 0 && <Table stated={stated} />}
    </Part>
  );
}

/** Decimal text without zeros that say nothing. */
const bare = (rate: string) => (rate.includes(".") ? rate.replace(/\.?0+$/, "") : rate);

function Table({ stated }: { stated: Stated[] }) {
  const { t } = useTranslation();
  return (
    <div role="region" tabIndex={0} aria-label={t("rates.stated")} className="max-h-96 overflow-auto rounded-card border border-line bg-surface">
      <table className="w-full text-14">
        <thead className="sticky top-0 bg-raised text-13 text-muted">
          <tr>{(["day", "one", "is", "by"] as const).map((name) => <th key={name} scope="col" className="px-4 py-2 text-start font-medium">{t(`rates.${name}`)}</th>)}</tr>
        </thead>
        <tbody>
          {stated.slice(0, MOST_SHOWN).map((one) => (
            <tr key={`${one.day} ${one.base} ${one.quote}`} className="border-t border-line">
              <td className="px-4 py-1.5 tabular-nums">{one.day}</td>
              <td className="px-4 py-1.5">{one.base}</td>
              <td className="px-4 py-1.5 tabular-nums">{`${bare(one.rate)} ${one.quote}`}</td>
              <td className="px-4 py-1.5 text-subtle">{one.named ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Lines as "2026-01-31, EUR, USD, 1.0852": pasted from a sheet they have tabs. */
function readLines(text: string): Stated[] {
  return text.split("\n").map((line) => line.trim().split(/[\s,;]+/)).filter((parts) => parts.length >= 4).map(([day = "", base = "", quote = "", rate = ""]) => ({ day, base: base.toUpperCase(), quote: quote.toUpperCase(), rate }));
}

function State({ workspace, now }: { workspace: string; now: RatesNow }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [currency, setCurrency] = useState(now.currency ?? "");
  const [days, setDays] = useState(String(now.valid_days));
  const [lines, setLines] = useState("");
  const read = readLines(lines);
  const save = useMutation({
    mutationFn: () => put<RatesNow>("/v1/rates", { workspace, currency: currency.trim().toUpperCase() || null, ...(currency.trim() && { valid_days: Number(days) }), rates: read }),
    onSuccess: (saved) => {
      setLines("");
      client.setQueryData(["rates", workspace], saved);
      return client.invalidateQueries({ queryKey: ["model"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form aria-label={t("rates.state")} onSubmit={submit} className="flex flex-col gap-4 rounded-card border border-line bg-surface p-4">
      <div className="grid items-start gap-3 sm:grid-cols-2">
        <Field label={t("rates.currency")} pattern="[A-Za-z]{3}" maxLength={3} placeholder="EUR" value={currency} onChange={(event) => setCurrency(event.target.value)} />
        <Field label={t("rates.validDays")} type="number" min={0} max={366} value={days} hint={t("rates.validHint")} onChange={(event) => setDays(event.target.value)} />
      </div>
      <label className="flex flex-col gap-1 text-13 font-medium">
        {t("rates.lines")}
        <textarea rows={4} value={lines} spellCheck={false} placeholder={"2026-01-31, EUR, USD, 1.0852"} onChange={(event) => setLines(event.target.value)} className="w-full rounded-control border border-edge bg-surface p-3 font-mono text-13 font-normal" />
      </label>
      {lines.trim() !== "" && <p role="status" className="text-13 text-muted">{t("rates.understood", { count: read.length })}</p>}
      {save.error instanceof ApiError && <Failure error={save.error} />}
      <div><Button type="submit" look="primary" disabled={save.isPending || (read.length === 0 && !currency.trim())}>{t("action.save")}</Button></div>
    </form>
  );
}
