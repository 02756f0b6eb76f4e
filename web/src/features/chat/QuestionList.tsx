import { CornerDownRight } from "lucide-react";

interface QuestionListProps {
  title: string;
  items: { question: string; why?: string }[];
  onAsk: (question: string) => void;
}

/** Questions worth asking next, one click each. */
export function QuestionList({ title, items, onAsk }: QuestionListProps) {
  if (items.length === 0) return null;
  return (
    <section aria-label={title}>
      <p className="mb-1 text-13 font-medium text-subtle">{title}</p>
      <ul>
        {items.map((item) => (
          <li key={item.question} className="border-t border-line first:border-t-0">
            <button
              type="button"
              onClick={() => onAsk(item.question)}
              className="control group flex w-full items-start gap-2 rounded-control py-2 pe-2 text-start text-14 hover:text-accent"
            >
              <CornerDownRight aria-hidden className="mt-0.5 size-4 shrink-0 text-subtle group-hover:text-accent" />
              <span className="min-w-0">
                <span className="wrap-anywhere">{item.question}</span>
                {item.why && <span className="block text-13 text-subtle">{item.why}</span>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
