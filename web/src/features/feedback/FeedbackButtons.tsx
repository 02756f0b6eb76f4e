import { ThumbsDown, ThumbsUp } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/Button";
import { useVerdictOn, type Verdict } from "@/lib/api/answers";
import { CorrectionForm } from "./CorrectionForm";
import { TeachNote } from "./TeachNote";

interface FeedbackButtonsProps {
  answerId: string;
  question: string;
  initial: Verdict | null;
  /** Ask in better words; the answer can then take the place of this one. */
  onCorrect: (question: string) => void;
}

/** Right or wrong: a right answer can be kept for everyone, a wrong one is corrected and goes to review. */
export function FeedbackButtons({ answerId, question, initial, onCorrect }: FeedbackButtonsProps) {
  const { t } = useTranslation();
  const [verdict, setVerdict] = useState<Verdict | null>(initial);
  const [correcting, setCorrecting] = useState(false);
  const [thanks, setThanks] = useState(false);
  const said = useVerdictOn(answerId);
  const say = (next: Verdict) => {
    const wanted = verdict === next ? null : next;
    setVerdict(wanted);
    setCorrecting(wanted === "down");
    setThanks(wanted === "up");
    said.mutate({ verdict: wanted });
  };
  const look = (which: Verdict) => (verdict === which ? "bg-accent-soft text-accent" : undefined);
  return (
    <>
      <IconButton label={t("feedback.up")} aria-pressed={verdict === "up"} className={look("up")} onClick={() => say("up")}><ThumbsUp aria-hidden className="size-4" /></IconButton>
      <IconButton label={t("feedback.down")} aria-pressed={verdict === "down"} className={look("down")} onClick={() => say("down")}><ThumbsDown aria-hidden className="size-4" /></IconButton>
      {thanks && <TeachNote answerId={answerId} question={question} />}
      {correcting && (
        <CorrectionForm
          question={question}
          onSend={(reason, comment) => said.mutate({ verdict: "down", reason, comment })}
          onCorrect={(better) => { setCorrecting(false); onCorrect(better); }}
          onClose={() => setCorrecting(false)}
        />
      )}
    </>
  );
}
