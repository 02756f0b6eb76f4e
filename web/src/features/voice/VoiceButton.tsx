import { Mic } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { cx } from "@/components/cx";
import { readSetting, writeSetting } from "@/lib/storage";
import { canListen, useSpeech } from "./speech";

const AGREED = "voice";

/** Push to talk: what is understood lands in the field for review. Asks once, as the browser's maker may listen too. */
export function VoiceButton({ onText, onDone }: { onText: (text: string) => void; onDone: () => void }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const { listening, failed, start, stop } = useSpeech(onText);
  if (!canListen()) return null;
  const toggle = () => {
    if (listening) return stop();
    if (readSetting(AGREED) === null) return setAsking(true);
    onDone();
    start();
  };
  const agree = () => {
    writeSetting(AGREED, "yes");
    setAsking(false);
    start();
  };
  const label = t(listening ? "voice.stop" : "voice.start");
  return (
    <span className="relative">
      <button
        type="button"
        aria-label={label}
        title={failed ? t("voice.failed") : label}
        aria-pressed={listening}
        onClick={toggle}
        className={cx("icon-control inline-flex items-center justify-center rounded-control", listening ? "bg-bad-soft text-bad" : "text-muted hover:bg-raised hover:text-text")}
      >
        <Mic aria-hidden className={cx("size-4", listening && "animate-pulse")} />
      </button>
      <span role="status" className="sr-only">{listening ? t("voice.listening") : failed ? t("voice.failed") : ""}</span>
      {asking && (
        <span role="group" aria-label={t("voice.start")} className="fade-in absolute end-0 bottom-full z-20 mb-2 block w-72 max-w-[80vw] rounded-card border border-edge bg-surface p-3 text-start text-13 shadow-md">
          <span className="block">{t("voice.consent")}</span>
          <span className="mt-2 flex gap-2">
            <Button look="primary" autoFocus onClick={agree}>{t("voice.agree")}</Button>
            <Button look="quiet" onClick={() => setAsking(false)}>{t("action.cancel")}</Button>
          </span>
        </span>
      )}
    </span>
  );
}
