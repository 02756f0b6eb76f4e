import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import type { Reason } from "@/lib/api/answers";

const REASONS = ["wrong_figure", "wrong_period", "misread", "unclear"] as const;

interface CorrectionFormProps {
  question: string;
  onSend: (reason: Reason, comment: string) => void;
  onCorrect: (question: string) => void;
  onClose: () => void;
}

/** What was wrong, and the question in words that would have got it right. */
export function CorrectionForm({ question, onSend, onCorrect, onClose }: CorrectionFormProps) {
  const { t } = useTranslation();
  const [reason, setReason] = useState<Reason>("");
  const [comment, setComment] = useState("");
  const [better, setBetter] = useState(question);
  const changed = better.trim() !== "" && better.trim() !== question;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSend(reason || "other", comment.trim());
    if (changed) onCorrect(better.trim());
    else onClose();
  };
  const field = "control mt-1 w-full rounded-control border border-edge bg-surface px-3 py-1.5 text-16";
  return (
    <form onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && onClose()} aria-label={t("feedback.form")} className="fade-in mt-2 ms-3 flex w-full flex-col gap-3 rounded-card border border-line bg-surface p-4 text-14">
      <fieldset>
        <legend className="mb-2 font-medium">{t("feedback.what")}</legend>
        <div className="flex flex-wrap gap-2">
          {REASONS.map((value) => (
            <label key={value} className="control flex cursor-pointer items-center gap-2 rounded-full border border-edge px-3 has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
              <input type="radio" name="reason" value={value} checked={reason === value} onChange={() => setReason(value)} className="sr-only" />
              {t(`feedback.reason.${value}`)}
            </label>
          ))}
        </div>
      </fieldset>
      <label className="block text-13 text-muted">
        {t("feedback.better")}
        <textarea rows={1} value={better} maxLength={400} onChange={(event) => setBetter(event.target.value)} className={`${field} field-sizing-content text-text`} />
      </label>
      <label className="block text-13 text-muted">
        {t("feedback.comment")}
        <input value={comment} maxLength={2000} onChange={(event) => setComment(event.target.value)} className={`${field} text-text`} />
      </label>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary">{t(changed ? "feedback.sendAndAsk" : "feedback.send")}</Button>
        <Button look="quiet" onClick={onClose}>{t("action.cancel")}</Button>
      </div>
    </form>
  );
}
