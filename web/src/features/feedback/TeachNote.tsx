import { useTranslation } from "react-i18next";
import { ApiError } from "@/lib/api/errors";
import { useTeach } from "@/lib/api/answers";

interface TeachNoteProps {
  answerId: string;
  /** The question that this answer shall stand for. */
  question: string;
}

/** A right answer can become the answer to its question, once somebody has reviewed it. */
export function TeachNote({ answerId, question }: TeachNoteProps) {
  const { t } = useTranslation();
  const teach = useTeach();
  const problem = teach.error instanceof ApiError ? teach.error.message : null;
  return (
    <p role="status" className="w-full px-3 text-13 text-muted">
      {teach.isSuccess ? t("feedback.waiting") : t("feedback.thanks")}{" "}
      {!teach.isSuccess && !problem && (
        <button type="button" disabled={teach.isPending} onClick={() => teach.mutate({ answer_id: answerId, question })} className="rounded-control font-medium text-accent underline underline-offset-3 pointer-coarse:min-h-11">
          {t("feedback.always")}
        </button>
      )}
      {problem && <span className="text-bad">{problem}</span>}
    </p>
  );
}
