import { Pencil } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "@/components/Button";
import type { Ask } from "./threads";

interface QuestionHeadProps {
  ask: Ask;
  /** Absent where the question cannot be asked again. */
  onAsk?: ((question: string) => void) | undefined;
}

/** The question as the heading of its answer; the pencil opens it to be asked in other words. */
export function QuestionHead({ ask, onAsk }: QuestionHeadProps) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  if (editing && onAsk) return <EditForm question={ask.question} onClose={() => setEditing(false)} onAsk={(question) => { setEditing(false); onAsk(question); }} />;
  return (
    <div className="group">
      <div className="flex items-start gap-1">
        <h2 className="min-w-0 text-18 font-semibold wrap-anywhere">{ask.question}</h2>
        {onAsk && (
          <IconButton label={t("turn.edit")} onClick={() => setEditing(true)} className="-my-1 opacity-0 group-hover:opacity-100 focus-visible:opacity-100 pointer-coarse:opacity-100 print:hidden">
            <Pencil aria-hidden className="size-3.5" />
          </IconButton>
        )}
      </div>
      {ask.change && <p className="text-13 text-subtle">{t("turn.changed", { change: ask.change })}</p>}
    </div>
  );
}

function EditForm({ question, onAsk, onClose }: { question: string; onAsk: (question: string) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(question);
  const send = () => {
    if (text.trim()) onAsk(text.trim());
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") onClose();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <textarea
        autoFocus
        rows={1}
        maxLength={4000}
        aria-label={t("turn.edit")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onFocus={(event) => event.target.setSelectionRange(text.length, text.length)}
        className="control field-sizing-content min-w-0 grow basis-64 resize-none rounded-control border border-edge bg-surface px-3 py-1.5 text-16"
      />
      <Button type="submit" look="primary" disabled={!text.trim()}>{t("turn.ask")}</Button>
      <Button look="quiet" onClick={onClose}>{t("action.cancel")}</Button>
    </form>
  );
}
