import { CircleHelp, Filter, LineChart, LoaderCircle, Split } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useTranslation } from "react-i18next";
import type { Spot } from "@/features/charts/ChartFigure";
import { useWays, type Way } from "@/lib/api/answers";

const ICONS = { why: CircleHelp, split: Split, course: LineChart, only: Filter } as const;

interface DrillMenuProps {
  answer: string;
  table: string;
  title: string;
  spot: Spot | null;
  onAsk: (question: string) => void;
  onClose: () => void;
}

/** Where one row of an answer leads: only questions that the server has planned already are offered. */
export function DrillMenu({ answer, table, title, spot, onAsk, onClose }: DrillMenuProps) {
  const { t } = useTranslation();
  const { data, isPending } = useWays(answer, table, spot?.row ?? null);
  if (!spot) return null;
  return (
    <DropdownMenu.Root open modal={false} onOpenChange={(open) => !open && onClose()}>
      <DropdownMenu.Trigger asChild>
        <span aria-hidden tabIndex={-1} className="fixed size-0" style={{ left: spot.x, top: spot.y }} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label={t("drill.title", { name: title })}
          onCloseAutoFocus={(event) => event.preventDefault()}
          className="fade-in z-50 max-h-96 min-w-52 max-w-[min(20rem,calc(100vw-16px))] overflow-y-auto rounded-control border border-edge bg-surface p-1 text-14 shadow-md"
        >
          <DropdownMenu.Label className="px-3 pt-1.5 pb-1 text-13 font-medium wrap-anywhere text-subtle">{title}</DropdownMenu.Label>
          {isPending && <p role="status" className="flex items-center gap-2 px-3 py-2 text-13 text-muted"><LoaderCircle aria-hidden className="size-4 animate-spin" />{t("drill.looking")}</p>}
          {!isPending && (data ?? []).length === 0 && <p className="px-3 py-2 text-13 text-muted">{t("drill.none")}</p>}
          {(data ?? []).map((way) => <WayItem key={way.question} way={way} onAsk={onAsk} />)}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function WayItem({ way, onAsk }: { way: Way; onAsk: (question: string) => void }) {
  const { t } = useTranslation();
  const Icon = ICONS[way.kind];
  return (
    <DropdownMenu.Item onSelect={() => onAsk(way.question)} title={way.question} className="control flex items-center gap-3 rounded-control px-3 outline-none select-none data-highlighted:bg-accent-soft">
      <Icon aria-hidden className="size-4 shrink-0 text-subtle" />
      <span className="min-w-0 wrap-anywhere">{t(`drill.${way.kind}`, { by: way.by })}</span>
    </DropdownMenu.Item>
  );
}
