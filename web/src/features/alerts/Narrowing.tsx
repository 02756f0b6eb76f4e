import { X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "@/components/Button";
import { Select } from "@/features/people/Field";
import { useFields, useValues } from "@/lib/api/data";

/** A condition as this page makes them: a field that is one of some values. Others are kept as they are. */
export interface Condition {
  field?: { field: string } | null;
  op?: string;
  values?: unknown[];
  [more: string]: unknown;
}

interface NarrowingProps {
  workspace: string;
  filters: Condition[];
  onChange: (filters: Condition[]) => void;
}

/** Only some rows: "Region is South". */
export function Narrowing({ workspace, filters, onChange }: NarrowingProps) {
  const { t } = useTranslation();
  const { data: fields = [] } = useFields(workspace);
  const [field, setField] = useState("");
  const values = useValues(workspace, field || null);
  const [value, setValue] = useState("");
  const chosen = value || (values.data?.[0] ?? "");
  const called = (name: string) => fields.find((one) => one.field === name)?.label ?? name;
  const words = ({ field: about, values: some, op }: Condition) => (about ? t("alert.narrow.words", { field: called(about.field), values: (some ?? []).map(String).join(", ") || op }) : t("alert.narrow.other"));
  const add = () => {
    onChange([...filters, { field: { field }, op: "=", values: [chosen] }]);
    setField("");
    setValue("");
  };
  if (fields.length === 0 && filters.length === 0) return null;
  return (
    <details open={filters.length > 0}>
      <summary className="control rounded-control py-2 text-14 font-medium">{t(filters.length > 0 ? "alert.narrow.some" : "alert.narrow.all")}</summary>
      <ul>
        {filters.map((one, at) => (
          <li key={words(one)} className="flex items-center gap-2 border-t border-line text-14 first:border-t-0">
            <span className="min-w-0 grow wrap-anywhere">{words(one)}</span>
            <IconButton label={t("alert.narrow.remove", { words: words(one) })} onClick={() => onChange(filters.filter((_, other) => other !== at))}><X aria-hidden className="size-4" /></IconButton>
          </li>
        ))}
      </ul>
      <div className="grid items-end gap-3 pt-1 sm:grid-cols-[2fr_2fr_auto]">
        <Select label={t("alert.narrow.field")} value={field} onChange={(next) => { setField(next); setValue(""); }} options={[{ value: "", label: t("alert.narrow.choose") }, ...fields.map((one) => ({ value: one.field, label: one.label }))]} />
        <Select label={t("alert.narrow.value")} disabled={!values.data?.length} value={chosen} onChange={setValue} options={(values.data ?? []).map((one) => ({ value: one, label: one }))} />
        <Button disabled={!field || !chosen} onClick={add}>{t("alert.narrow.add")}</Button>
      </div>
    </details>
  );
}

interface SegmentProps {
  workspace: string;
  value: string | null;
  onChange: (field: string | null) => void;
}

/** Watch each segment for itself. */
export function SegmentChoice({ workspace, value, onChange }: SegmentProps) {
  const { t } = useTranslation();
  const { data: fields = [] } = useFields(workspace);
  if (fields.length === 0 && !value) return null;
  return <Select label={t("alert.each")} value={value ?? ""} onChange={(next) => onChange(next || null)} options={[{ value: "", label: t("alert.whole") }, ...fields.map((one) => ({ value: one.field, label: one.label }))]} />;
}
