import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { Field } from "@/features/people/Field";
import { ApiError } from "@/lib/api/errors";
import { getJson, put } from "@/lib/api/http";
import { timeZone } from "@/lib/format/locale";

interface Wishes {
  budget: number;
  quiet: { start: string; end: string; zone: string; weekends: boolean } | null;
}

const PATH = "/v1/alerts/wishes";

/** How much one wants to hear, and when not at all. What is critical comes all the same. */
export function WishesForm() {
  const { t } = useTranslation();
  const { data } = useQuery({ queryKey: ["alerts", "wishes"], queryFn: ({ signal }) => getJson<Wishes>(PATH, signal) });
  if (!data) return null;
  return (
    <details className="rounded-card border border-line bg-surface px-4">
      <summary className="control rounded-control py-3 text-14 font-medium">{t("alert.wishes.title")} <span className="font-normal text-subtle">{data.quiet ? t("alert.wishes.rest", { from: data.quiet.start, to: data.quiet.end }) : t("alert.wishes.noRest")}</span></summary>
      <Form now={data} />
    </details>
  );
}

function Form({ now }: { now: Wishes }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [wishes, setWishes] = useState(now);
  const save = useMutation({ mutationFn: () => put<Wishes>(PATH, wishes), onSuccess: (saved) => client.setQueryData(["alerts", "wishes"], saved) });
  const { quiet } = wishes;
  const rest = (part: Partial<NonNullable<Wishes["quiet"]>>) => quiet && setWishes({ ...wishes, quiet: { ...quiet, ...part } });
  return (
    <form
      aria-label={t("alert.wishes.title")}
      className="flex flex-col gap-4 pb-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Field label={t("alert.wishes.budget")} hint={t("alert.wishes.budgetHint")} type="number" min={0} max={200} required value={wishes.budget} onChange={(event) => setWishes({ ...wishes, budget: Number(event.target.value) })} />
      <label className="control flex items-center gap-2 text-14">
        <input type="checkbox" checked={quiet !== null} onChange={(event) => setWishes({ ...wishes, quiet: event.target.checked ? { start: "20:00", end: "07:00", zone: timeZone(), weekends: false } : null })} className="size-4 accent-accent" />
        {t("alert.wishes.quiet")}
      </label>
      {quiet && (
        <>
          <div className="grid items-end gap-3 sm:grid-cols-3">
            <Field label={t("alert.wishes.from")} type="time" required value={quiet.start} onChange={(event) => rest({ start: event.target.value })} />
            <Field label={t("alert.wishes.to")} type="time" required value={quiet.end} onChange={(event) => rest({ end: event.target.value })} />
            <Field label={t("tell.zone")} required value={quiet.zone} onChange={(event) => rest({ zone: event.target.value })} />
          </div>
          <label className="control flex items-center gap-2 text-14">
            <input type="checkbox" checked={quiet.weekends} onChange={(event) => rest({ weekends: event.target.checked })} className="size-4 accent-accent" />
            {t("alert.wishes.weekends")}
          </label>
        </>
      )}
      <p className="text-13 text-subtle">{t("alert.wishes.critical")}</p>
      {save.error instanceof ApiError && <Failure error={save.error} />}
      <div className="flex items-center gap-3">
        <Button type="submit" disabled={save.isPending}>{t("action.save")}</Button>
        <p role="status" className="text-14 text-ok">{save.isSuccess ? t("people.saved") : null}</p>
      </div>
    </form>
  );
}
