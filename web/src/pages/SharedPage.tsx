import { MessageCirclePlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { Banner } from "@/components/Banner";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { threadStore } from "@/features/chat/threads";
import { TraceContext, useTracing } from "@/features/chat/trace";
import { Answered } from "@/features/chat/TurnView";
import { EvidencePanel } from "@/features/evidence/EvidencePanel";
import { useEvidenceLocation } from "@/features/evidence/location";
import { viewOfAnswer } from "@/lib/agui/view";
import { type SharedThread, type SharedTurn, useSharedThread } from "@/lib/api/answers";
import { ApiError } from "@/lib/api/errors";
import { formatDay } from "@/lib/format/misc";
import { newId } from "@/lib/id";
import { usePageTitle } from "@/lib/title";

/** Somebody else's conversation, to read; its receipts open as in one's own. */
export default function SharedPage() {
  const { share = "" } = useParams();
  const query = useSharedThread(share);
  const { t } = useTranslation();
  const tracing = useTracing();
  const { open, show, hide } = useEvidenceLocation();
  usePageTitle(query.data?.title ?? null);
  const shown = query.data?.turns.find((turn) => turn.run_id === open?.runId)?.answer;
  return (
    <TraceContext.Provider value={tracing}>
      <main id="main" tabIndex={-1} className="relative min-h-0 min-w-0 grow overflow-y-auto outline-none print:overflow-visible">
        <div className="mx-auto flex max-w-3xl flex-col gap-10 px-4 pt-6 pb-16 sm:px-6">
          {query.isPending && <Skeleton lines={6} />}
          {query.error instanceof ApiError && <><h1 className="sr-only">{t("home.lost")}</h1><Failure error={query.error} /></>}
          {query.data && <Told thread={query.data} onShow={show} />}
        </div>
      </main>
      {shown && <EvidencePanel key={open?.runId} view={viewOfAnswer(shown)} focused={open?.evidence ?? null} onClose={hide} />}
    </TraceContext.Provider>
  );
}

interface ToldProps {
  thread: SharedThread;
  onShow: (runId: string, evidence: string | null) => void;
}

function Told({ thread, onShow }: ToldProps) {
  const { t } = useTranslation();
  return (
    <>
      <header>
        <h1 className="text-24 font-semibold wrap-anywhere">{thread.title}</h1>
        <p className="text-14 text-muted">{t("shared.by", { name: thread.by, day: formatDay(new Date(thread.turns[0]?.created_at ?? Date.now())) })}</p>
        {thread.mine && <p className="mt-1 text-14"><Link to={`/t/${thread.thread_id}`} className="text-accent underline">{t("shared.own")}</Link></p>}
      </header>
      {thread.recomputed && <Banner tone="info">{t("shared.recomputed")}</Banner>}
      {thread.turns.map((turn, at) => <SharedAnswer key={turn.run_id} turn={turn} titled={at === 0 && turn.question === thread.title} workspace={thread.workspace} onShow={onShow} />)}
    </>
  );
}

interface SharedAnswerProps extends Pick<ToldProps, "onShow"> {
  turn: SharedTurn;
  workspace: string;
  /** The page is called like this question: it is not written twice. */
  titled: boolean;
}

function SharedAnswer({ turn, titled, workspace, onShow }: SharedAnswerProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [view] = useState(() => (turn.answer ? viewOfAnswer(turn.answer) : null));
  const ask = () => {
    const thread = newId();
    threadStore.ask(thread, { question: turn.question, workspace });
    void navigate(`/t/${thread}`);
  };
  return (
    <article className="flex flex-col gap-4">
      <h2 className={titled ? "sr-only" : "text-18 font-semibold wrap-anywhere"}>{turn.question}</h2>
      {view ? <Answered runId={turn.run_id} view={view} onShowEvidence={onShow} /> : <Banner tone="warn">{t("shared.hidden")}</Banner>}
      <div className="-ms-3 print:hidden"><Button look="quiet" icon={<MessageCirclePlus aria-hidden className="size-4" />} onClick={ask}>{t("shared.ask")}</Button></div>
    </article>
  );
}
