import { ArrowDown, ArrowUp, Download, MessageCirclePlus, MessageSquareText, Pencil, Rows3, Trash2, Columns2 } from "lucide-react";
import { type DragEvent, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type Action, ActionMenu } from "@/components/ActionMenu";
import { cx } from "@/components/cx";
import { Failure } from "@/components/Failure";
import { RenameField } from "@/components/RenameField";
import { Skeleton } from "@/components/Skeleton";
import type { Picture } from "@/features/charts/VegaView";
import type { Answer } from "@/gen/wire";
import { type CardChange, useCardAnswer, type useDashboardChanges } from "@/lib/api/dashboards";
import { ApiError } from "@/lib/api/errors";
import type { Dashboard, DashboardCard } from "@/lib/api/types";
import { saveCsv, saveXlsx } from "@/lib/exports";
import { CardBody } from "./CardBody";
import { usePacked } from "./usePacked";
import type { View } from "./view";

const MOST_TITLE = 120;
const DRAGGED = "application/x-plainsay-card";
const ICON = "size-4 shrink-0 text-subtle";

/** How many of the page's four columns a card takes: narrow and wide. */
const SPANS = { figure: ["md:col-span-1", "md:col-span-2"], picture: ["md:col-span-2", "md:col-span-4"] } as const;

interface CardProps {
  page: Dashboard;
  card: DashboardCard;
  at: number;
  view: View;
  changes: ReturnType<typeof useDashboardChanges>;
  /** What the card shows now, for those who take the whole page elsewhere. */
  onAnswer: (card: string, answer: Answer | undefined) => void;
  onPicture: (card: string, picture: Picture | null) => void;
}

/** One kept answer with today's figures. */
export function Card({ page, card, at, view, changes, onAnswer, onPicture }: CardProps) {
  const { t } = useTranslation();
  const [renaming, setRenaming] = useState(false);
  const answer = useCardAnswer(page.id, card.id, view);
  const own = answer.data?.assumptions?.find((assumption) => assumption.key === "period")?.display;
  useEffect(() => onAnswer(card.id, answer.data), [onAnswer, card.id, answer.data]);
  const keepPicture = useCallback((picture: Picture | null) => onPicture(card.id, picture), [onPicture, card.id]);
  const change = (what: CardChange) => changes.change.mutate({ card: card.id, ...what });
  const rename = (title: string) => {
    setRenaming(false);
    change({ title });
  };
  const place = usePacked();
  const actions = useCardActions({ page, card, at, answer: answer.data, change, onRename: () => setRenaming(true), onDrop: () => changes.drop.mutate(card.id) });
  return (
    <section
      ref={place}
      aria-label={card.title}
      draggable={page.mine && !renaming}
      onDragStart={(event) => event.dataTransfer.setData(DRAGGED, String(at))}
      onDragOver={(event) => event.dataTransfer.types.includes(DRAGGED) && event.preventDefault()}
      onDrop={(event) => dropped(event, page, (dragged) => changes.change.mutate({ card: dragged, position: at }))}
      aria-busy={answer.isFetching}
      className={cx("min-w-0 break-inside-avoid rounded-card border border-line bg-surface", SPANS[card.view === "figure" ? "figure" : "picture"][card.wide ? 1 : 0])}
    >
      <header className="flex items-start gap-2 py-2 ps-4 pe-2">
        {renaming ? (
          <RenameField label={t("dashboards.cardTitle")} value={card.title} most={MOST_TITLE} onRename={rename} onCancel={() => setRenaming(false)} />
        ) : (
          <div className="min-w-0 grow py-1">
            <h2 className="text-14 font-semibold wrap-anywhere">{card.title}</h2>
            {own && <p className="text-13 text-subtle">{own}</p>}
          </div>
        )}
        <ActionMenu label={t("dashboards.cardMenu", { title: card.title })} actions={actions} />
      </header>
      <div className={cx("px-4 pb-4 transition-opacity", answer.isPlaceholderData && "opacity-60")}>
        {answer.isPending && <Skeleton lines={4} />}
        {answer.error instanceof ApiError && !answer.data && <Failure error={answer.error} onRetry={() => void answer.refetch()} />}
        {answer.data && <CardBody answer={answer.data} wanted={card.view} onPicture={keepPicture} />}
      </div>
    </section>
  );
}

/** Puts the card that was dragged here in this one's place; anything else that is dropped is left alone. */
function dropped(event: DragEvent, page: Dashboard, move: (card: string) => void): void {
  const from = page.cards[Number(event.dataTransfer.getData(DRAGGED) || -1)];
  if (!from) return;
  event.preventDefault();
  move(from.id);
}

interface Doing extends Pick<CardProps, "page" | "card" | "at"> {
  answer: Answer | undefined;
  change: (what: CardChange) => void;
  onRename: () => void;
  onDrop: () => void;
}

/** What can be done with a card; only what would change something is offered. */
function useCardActions({ page, card, at, answer, change, onRename, onDrop }: Doing): Action[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const result = answer?.result;
  const hasChart = (answer?.charts ?? []).length > 0;
  const showsTable = card.view === "table";
  const taking = result ? [
    { name: t("export.csv"), icon: <Download aria-hidden className={ICON} />, onChoose: () => saveCsv(card.title, result) },
    { name: t("export.xlsx"), icon: <Download aria-hidden className={ICON} />, onChoose: () => void saveXlsx(card.title, [result]) },
  ] : [];
  const asking = { name: t("shared.ask"), icon: <MessageCirclePlus aria-hidden className={ICON} />, onChoose: () => void navigate(`/?q=${encodeURIComponent(card.question)}`) };
  if (!page.mine) return [asking, ...taking];
  return [
    { name: t("dashboards.open"), icon: <MessageSquareText aria-hidden className={ICON} />, onChoose: () => void navigate(`/t/${card.thread_id}`) },
    asking,
    { name: t("action.rename"), icon: <Pencil aria-hidden className={ICON} />, onChoose: onRename },
    ...(hasChart ? [{ name: showsTable ? t("dashboards.asChart") : t("dashboards.asTable"), icon: <Rows3 aria-hidden className={ICON} />, onChoose: () => change({ view: showsTable ? "auto" : "table" }) }] : []),
    { name: card.wide ? t("dashboards.narrow") : t("dashboards.wide"), icon: <Columns2 aria-hidden className={ICON} />, onChoose: () => change({ wide: !card.wide }) },
    ...(at > 0 ? [{ name: t("dashboards.earlier"), icon: <ArrowUp aria-hidden className={ICON} />, onChoose: () => change({ position: at - 1 }) }] : []),
    ...(at < page.cards.length - 1 ? [{ name: t("dashboards.later"), icon: <ArrowDown aria-hidden className={ICON} />, onChoose: () => change({ position: at + 1 }) }] : []),
    ...taking,
    { name: t("dashboards.drop"), icon: <Trash2 aria-hidden className="size-4 shrink-0" />, danger: true, onChoose: onDrop },
  ];
}
