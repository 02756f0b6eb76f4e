import { ArrowUp, Square } from "lucide-react";
import { type FormEvent, type KeyboardEvent, type ReactNode, type Ref, useImperativeHandle, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "@/components/cx";
import { VoiceButton } from "@/features/voice/VoiceButton";
import type { Completion } from "@/lib/api/answers";
import { Completions } from "./Completions";
import { useTypeAhead } from "./useTypeAhead";

export interface PromptHandle {
  focus: () => void;
  /** Puts a stopped question back for editing, unless something has been typed since. */
  offer: (text: string) => void;
}

interface PromptBarProps {
  ref?: Ref<PromptHandle>;
  running: boolean;
  autoFocus?: boolean;
  /** One line with the buttons beside the text, so that answers keep the room. */
  compact?: boolean;
  /** The data that completions come from. */
  workspace: string | null;
  initial?: string;
  onAsk: (question: string) => void;
  onStop: () => void;
  corner: ReactNode;
}

/** Where questions are typed: Enter sends, Shift+Enter breaks the line, Send becomes Stop while an answer is made. */
export function PromptBar({ ref, running, autoFocus, compact = false, workspace, initial = "", onAsk, onStop, corner }: PromptBarProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(initial);
  const field = useRef<HTMLTextAreaElement>(null);
  const ahead = useTypeAhead(text, workspace);
  useImperativeHandle(ref, () => ({
    focus: () => field.current?.focus(),
    offer: (question) => {
      setText((now) => now || question);
      field.current?.focus();
    },
  }), []);
  const ask = (question: string) => {
    if (!question.trim() || running) return;
    setText("");
    ahead.close();
    onAsk(question.trim());
  };
  const take = (item: Completion) => {
    if (item.kind === "question") return ask(item.text);
    setText(`${item.text} `);
    ahead.typed();
    field.current?.focus();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    ask(text);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (ahead.onKey(event, take)) return;
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    ask(text);
  };
  const list = ahead.items.length > 0 && <Completions id={ahead.id} label={t("prompt.completions")} items={ahead.items} active={ahead.active} onTake={take} onHover={ahead.setActive} />;
  return (
    <form onSubmit={onSubmit} onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && ahead.close()} aria-label={t("prompt.form")} className="relative rounded-card border border-edge bg-surface focus-within:border-accent focus-within:ring-1 focus-within:ring-accent">
      <div className={cx(compact && "flex items-end")}>
        <textarea
          ref={field}
          rows={1}
          value={text}
          autoFocus={autoFocus}
          maxLength={4000}
          aria-label={t("prompt.label")}
          aria-autocomplete="list"
          aria-controls={list ? ahead.id : undefined}
          aria-activedescendant={list && ahead.active >= 0 ? `${ahead.id}-${ahead.active}` : undefined}
          placeholder={t(compact ? "prompt.next" : "prompt.placeholder")}
          onChange={(event) => {
            setText(event.target.value);
            ahead.typed();
          }}
          onKeyDown={onKeyDown}
          className={cx("field-sizing-content block max-h-40 min-h-12 w-full min-w-0 resize-none bg-transparent px-4 pt-3 text-16 outline-none", compact ? "grow pb-3" : "pb-1")}
        />
        <div className={cx("flex shrink-0 items-center justify-end gap-2", compact ? "p-1.5" : "p-2")}>
          <div className={cx(compact && "max-sm:hidden")}>{corner}</div>
          <VoiceButton onText={setText} onDone={ahead.close} />
          <SendButton running={running} disabled={!text.trim()} onStop={onStop} />
        </div>
      </div>
      {list && <div className={cx("absolute inset-x-0 z-20 rounded-card border border-edge bg-surface shadow-md *:border-t-0", compact ? "bottom-full mb-1" : "top-full mt-1")}>{list}</div>}
    </form>
  );
}

function SendButton({ running, disabled, onStop }: { running: boolean; disabled: boolean; onStop: () => void }) {
  const { t } = useTranslation();
  const look = "icon-control inline-flex shrink-0 items-center justify-center rounded-control bg-accent text-on-accent hover:bg-accent-hover disabled:bg-raised disabled:text-subtle";
  if (running) {
    return <button key="stop" type="button" onClick={onStop} aria-label={t("prompt.stop")} title={t("prompt.stop")} className={look}><Square aria-hidden className="size-3.5 fill-current" /></button>;
  }
  return <button key="send" type="submit" disabled={disabled} aria-label={t("prompt.send")} title={t("prompt.send")} className={look}><ArrowUp aria-hidden className="size-5" /></button>;
}
