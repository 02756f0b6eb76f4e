// Talking instead of typing, by the browser's own recogniser where it has one.
import { useEffect, useRef, useState } from "react";
import i18n from "@/lib/i18n";
import { displayLocale } from "@/lib/format/locale";

interface Recognition {
  lang: string;
  interimResults: boolean;
  continuous: boolean;
  onresult: ((event: { results: ArrayLike<ArrayLike<{ transcript: string }>> }) => void) | null;
  onend: (() => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  start: () => void;
  stop: () => void;
  abort: () => void;
}

type Maker = new () => Recognition;

function maker(): Maker | null {
  const page = window as unknown as { SpeechRecognition?: Maker; webkitSpeechRecognition?: Maker };
  return page.SpeechRecognition ?? page.webkitSpeechRecognition ?? null;
}

export const canListen = (): boolean => maker() !== null;

/** Questions are answered in English, so that is what is listened for, in the reader's kind of English. */
function language(): string {
  return displayLocale().startsWith("en") ? displayLocale() : i18n.language === "de" ? "de-DE" : "en-US";
}

/** `onText` gets what was understood so far, again and again; nothing is ever sent by itself. */
export function useSpeech(onText: (text: string) => void) {
  const [listening, setListening] = useState(false);
  const [failed, setFailed] = useState(false);
  const running = useRef<Recognition | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const start = () => {
    const Made = maker();
    if (!Made) return;
    const recognition = new Made();
    Object.assign(recognition, { lang: language(), interimResults: true, continuous: false });
    recognition.onresult = ({ results }) => onText(Array.from(results, (result) => result[0]?.transcript ?? "").join("").trim());
    recognition.onerror = ({ error }) => setFailed(error !== "aborted" && error !== "no-speech");
    recognition.onend = () => {
      running.current = null;
      setListening(false);
    };
    running.current = recognition;
    setFailed(false);
    setListening(true);
    recognition.start();
  };
  const stop = () => running.current?.stop();
  return { listening, failed, start, stop };
}
