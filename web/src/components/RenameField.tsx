import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";

interface RenameFieldProps {
  label: string;
  value: string;
  most: number;
  onRename: (name: string) => void;
  onCancel: () => void;
}

/** A name in place of itself while it is changed: Enter keeps, Escape leaves it as it was. */
export function RenameField({ label, value, most, onRename, onCancel }: RenameFieldProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(value);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted && wanted !== value) onRename(wanted);
    else onCancel();
  };
  return (
    <form onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && onCancel()} className="flex min-w-0 grow flex-wrap items-center gap-2">
      <input
        autoFocus
        onFocus={(event) => event.target.select()}
        aria-label={label}
        value={name}
        maxLength={most}
        onChange={(event) => setName(event.target.value)}
        className="control min-w-0 grow basis-40 rounded-control border border-edge bg-surface px-3 text-16 font-normal"
      />
      <Button type="submit" look="primary">{t("action.save")}</Button>
      <Button look="quiet" onClick={onCancel}>{t("action.cancel")}</Button>
    </form>
  );
}
