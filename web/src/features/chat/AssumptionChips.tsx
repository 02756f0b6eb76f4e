import { useTranslation } from "react-i18next";
import { ChoiceMenu } from "@/components/Menu";
import type { Assumption, Option } from "@/gen/wire";

interface AssumptionChipsProps {
  items: Assumption[];
  disabled: boolean;
  onChange: (assumption: Assumption, option: Option) => void;
}

/** What the answer took for granted; a chip with other options re-runs the answer with the one chosen. */
export function AssumptionChips({ items, disabled, onChange }: AssumptionChipsProps) {
  const { t } = useTranslation();
  if (items.length === 0) return null;
  return (
    <ul aria-label={t("assumption.list")} className="flex flex-wrap items-center gap-2">
      {items.map((item) => (
        <li key={item.key} className="max-w-full">
          <Chip item={item} disabled={disabled} onChange={onChange} />
        </li>
      ))}
    </ul>
  );
}

const SHAPE = "inline-flex max-w-full items-center gap-1.5 rounded-full border px-3 text-13 text-start";

function Chip({ item, disabled, onChange }: { item: Assumption } & Pick<AssumptionChipsProps, "disabled" | "onChange">) {
  const { t } = useTranslation();
  const others = item.options.filter((option) => option.value !== item.value);
  const text = (
    <span className="min-w-0 wrap-anywhere">
      <span className="text-subtle">{item.label}: </span>
      <span className="font-medium text-text">{item.display}</span>
    </span>
  );
  if (others.length === 0) return <span className={`${SHAPE} min-h-7 border-line py-0.5`}>{text}</span>;
  const isListed = item.options.some((option) => option.value === item.value);
  const shown = isListed ? item.options : [{ value: item.value, label: item.display, hint: null, patch: {} }, ...item.options];
  const choose = (value: string) => {
    const option = others.find((other) => other.value === value);
    if (option) onChange(item, option);
  };
  return (
    <ChoiceMenu
      label={t("assumption.change", { label: item.label, value: item.display })}
      value={item.value}
      choices={shown}
      onChoose={choose}
      disabled={disabled}
      className={`${SHAPE} min-h-7 border-edge bg-surface py-0.5 hover:bg-raised pointer-coarse:min-h-11`}
    >
      {text}
    </ChoiceMenu>
  );
}
