import { Calendar, Filter, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/Button";
import { ChoiceMenu } from "@/components/Menu";
import { useFields, useValues } from "@/lib/api/data";
import type { View } from "./view";

const AS_ASKED = "";
const PERIODS = ["this_month", "last_month", "this_year", "last_12_months", "all"] as const;
const LOOK = "control inline-flex max-w-60 items-center gap-2 rounded-control border border-edge bg-surface px-3 text-14 hover:bg-raised";

interface FilterBarProps {
  workspace: string;
  view: View;
  onChange: (change: Partial<View>) => void;
}

/** One period and one condition for all answers of the page; the address keeps both. */
export function FilterBar({ workspace, view, onChange }: FilterBarProps) {
  return (
    <>
      <PeriodMenu period={view.period ?? AS_ASKED} onPeriod={(period) => onChange({ period: period || null })} />
      <FieldMenu workspace={workspace} view={view} onChange={onChange} />
      {view.field && <ValueMenu workspace={workspace} field={view.field} value={view.value} onChange={onChange} />}
    </>
  );
}

function PeriodMenu({ period, onPeriod }: { period: string; onPeriod: (period: string) => void }) {
  const { t } = useTranslation();
  const name = (value: string) => (value === AS_ASKED ? t("dashboards.asAsked") : t(`dashboards.period.${value as (typeof PERIODS)[number]}`));
  return (
    <ChoiceMenu label={t("dashboards.choosePeriod", { period: name(period) })} value={period} choices={[AS_ASKED, ...PERIODS].map((value) => ({ value, label: name(value) }))} onChoose={onPeriod} className={LOOK}>
      <Calendar aria-hidden className="size-4 shrink-0 text-subtle" />
      {name(period)}
    </ChoiceMenu>
  );
}

function FieldMenu({ workspace, view, onChange }: FilterBarProps) {
  const { t } = useTranslation();
  const { data: fields = [] } = useFields(workspace);
  if (fields.length === 0) return null;
  const chosen = fields.find((one) => one.field === view.field);
  const name = chosen?.label ?? t("dashboards.noFilter");
  const choices = [{ value: "", label: t("dashboards.noFilter") }, ...fields.map(({ field, label, table }) => ({ value: field, label, hint: table }))];
  return (
    <ChoiceMenu label={t("dashboards.chooseField", { name })} value={view.field ?? ""} choices={choices} onChoose={(field) => onChange({ field: field || null, value: null })} className={LOOK}>
      <Filter aria-hidden className="size-4 shrink-0 text-subtle" />
      <span className="truncate">{name}</span>
    </ChoiceMenu>
  );
}

function ValueMenu({ workspace, field, value, onChange }: { workspace: string; field: string; value: string | null; onChange: FilterBarProps["onChange"] }) {
  const { t } = useTranslation();
  const { data: values = [] } = useValues(workspace, field);
  const name = value ?? t("dashboards.anyValue");
  return (
    <span className="inline-flex items-center">
      <ChoiceMenu label={t("dashboards.chooseValue", { name })} value={value ?? ""} choices={[{ value: "", label: t("dashboards.anyValue") }, ...values.map((one) => ({ value: one, label: one }))]} onChoose={(next) => onChange({ value: next || null })} className={LOOK}>
        <span className="truncate">{name}</span>
      </ChoiceMenu>
      <IconButton label={t("dashboards.clearFilter")} onClick={() => onChange({ field: null, value: null })}><X aria-hidden className="size-4" /></IconButton>
    </span>
  );
}
