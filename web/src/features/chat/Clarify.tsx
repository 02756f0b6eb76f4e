import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import type { Choice, ClarifyView } from "@/lib/agui/view";

export type Reply = { choice: Choice } | { other: string };

interface ClarifyProps {
  clarify: ClarifyView;
  onReply: (reply: Reply) => void;
}

/** The question back. It comes into view with focus; number keys choose an option. */
export function Clarify({ clarify, onReply }: ClarifyProps) {
  const { t } = useTranslation();
  const legend = useRef<HTMLLegendElement>(null);
  useEffect(() => {
    legend.current?.focus({ preventScroll: true });
    legend.current?.closest("fieldset")?.scrollIntoView({ block: "nearest" });
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const isTyping = event.target instanceof HTMLInputElement;
    const choice = isTyping ? undefined : clarify.choices[Number(event.key) - 1];
    if (choice) onReply({ choice });
  };
  return (
    <fieldset onKeyDown={onKeyDown} className="fade-in min-w-0 rounded-card border border-accent bg-surface p-4 has-[legend:focus-visible]:ring-1 has-[legend:focus-visible]:ring-accent">
      <legend ref={legend} tabIndex={-1} className="float-start mb-3 w-full font-medium outline-none">{clarify.question}</legend>
      <ol className="clear-both flex flex-col gap-2">
        {clarify.choices.map((choice, i) => (
          <li key={choice.value}><ChoiceButton choice={choice} number={i + 1} onChoose={() => onReply({ choice })} /></li>
        ))}
      </ol>
      {clarify.allowOther && <OtherReply onReply={onReply} />}
      <p className="mt-3 hidden text-13 text-subtle pointer-fine:block">{t("clarify.keys")}</p>
    </fieldset>
  );
}

function ChoiceButton({ choice, number, onChoose }: { choice: Choice; number: number; onChoose: () => void }) {
  return (
    <button
      type="button"
      onClick={onChoose}
      className="control flex w-full items-center gap-3 rounded-control border border-edge px-3 py-2 text-start text-14 transition-colors hover:bg-raised"
    >
      <span aria-hidden className="w-4 shrink-0 text-center text-13 text-subtle tabular-nums">{number}</span>
      <span className="min-w-0">
        <span className="block font-medium wrap-anywhere">{choice.label}</span>
        {choice.hint && <span className="block text-13 text-muted">{choice.hint}</span>}
      </span>
    </button>
  );
}

function OtherReply({ onReply }: Pick<ClarifyProps, "onReply">) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) onReply({ other: text.trim() });
  };
  return (
    <form onSubmit={send} className="mt-2 flex gap-2" aria-label={t("clarify.other")}>
      <input
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder={t("clarify.other")}
        aria-label={t("clarify.other")}
        className="control min-w-0 grow rounded-control border border-edge bg-surface px-3 text-16"
      />
      <Button type="submit" disabled={!text.trim()}>{t("clarify.send")}</Button>
    </form>
  );
}
