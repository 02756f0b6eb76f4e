import { Pencil } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/Button";
import type { Naming } from "@/lib/api/model";
import { type Described, wordsOf } from "./words";
import { WordsForm } from "./WordsForm";

interface FieldRowProps {
  workspace: string;
  what: Pick<Naming, "kind" | "table" | "name">;
  entry: Described;
  /** What it is, in a word or a formula. */
  kind: string;
}

/** A column, a figure or a table with the words it is known by; the pencil changes them. */
export function FieldRow({ workspace, what, entry, kind }: FieldRowProps) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const shown = entry.label ?? what.name ?? what.table ?? "";
  const words = wordsOf(entry);
  return (
    <li className="border-t border-line py-1.5 text-14">
      <div className="flex items-start gap-3">
        <div className="min-w-0 grow py-1 wrap-anywhere">
          {shown}
          {entry.description && <span className="block text-13 text-muted">{entry.description}</span>}
          {words.length > 0 && <span className="block text-13 text-subtle">{t("model.also", { words: words.join(", ") })}</span>}
        </div>
        <span className="max-w-[45%] py-1 text-end text-13 text-subtle wrap-anywhere">{kind}</span>
        <IconButton label={t("model.change", { name: shown })} aria-expanded={editing} onClick={() => setEditing(!editing)}>
          <Pencil aria-hidden className="size-3.5" />
        </IconButton>
      </div>
      {editing && <WordsForm {...{ workspace, what, entry, shown }} onDone={() => setEditing(false)} />}
    </li>
  );
}
