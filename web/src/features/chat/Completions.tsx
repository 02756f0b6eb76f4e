import { BarChart3, Columns3, MessageCircleQuestionMark, Tag } from "lucide-react";
import { cx } from "@/components/cx";
import type { Completion } from "@/lib/api/answers";

const ICONS = { question: MessageCircleQuestionMark, figure: BarChart3, field: Columns3, value: Tag } as const;

interface CompletionsProps {
  id: string;
  label: string;
  items: Completion[];
  active: number;
  onTake: (item: Completion) => void;
  onHover: (at: number) => void;
}

/** Ways to go on with what is typed; the field keeps the focus and says which one is active. */
export function Completions({ id, label, items, active, onTake, onHover }: CompletionsProps) {
  return (
    <ul id={id} role="listbox" aria-label={label} className="border-t border-line p-1">
      {items.map((item, at) => {
        const Icon = ICONS[item.kind];
        return (
          <li
            key={item.kind + item.text}
            id={`${id}-${at}`}
            role="option"
            aria-selected={at === active}
            onPointerDown={(event) => event.preventDefault()}
            onPointerMove={() => onHover(at)}
            onClick={() => onTake(item)}
            className={cx("control flex cursor-pointer items-center gap-3 rounded-control px-3 py-1 text-14", at === active && "bg-accent-soft")}
          >
            <Icon aria-hidden className="size-4 shrink-0 text-subtle" />
            <span className="min-w-0 wrap-anywhere">{item.kind === "question" ? item.label : item.text}</span>
          </li>
        );
      })}
    </ul>
  );
}
