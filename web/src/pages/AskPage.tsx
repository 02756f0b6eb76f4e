import { lazy, type ReactNode, Suspense, useEffect, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { Home } from "@/features/chat/Home";
import { threadStore } from "@/features/chat/threads";
import { usePageTitle } from "@/lib/title";

const loadConversation = () => import("@/features/chat/Conversation");
const Conversation = lazy(loadConversation);

/** The home of asking, or a thread when the address names one. */
export default function AskPage() {
  const { thread } = useParams();
  return thread ? <ThreadPage key={thread} id={thread} /> : <HomePage />;
}

function HomePage() {
  usePageTitle(null);
  // The reader is about to ask: fetch what shows answers while the question is being typed.
  // Offline it fails unseen: asking will try again.
  useEffect(() => void loadConversation().catch(() => undefined), []);
  return <Home />;
}

function ThreadPage({ id }: { id: string }) {
  const thread = useSyncExternalStore(threadStore.subscribe, () => threadStore.get(id));
  usePageTitle(thread.title ?? thread.turns[0]?.ask.question ?? null);
  useEffect(() => void threadStore.load(id), [id]);
  const { t } = useTranslation();
  const waiting = <Frame><Skeleton lines={4} /></Frame>;
  if (thread.error) return <Frame><h1 className="sr-only">{t("home.lost")}</h1><Failure error={thread.error} onRetry={() => void threadStore.load(id)} /></Frame>;
  if (thread.state !== "ready") return waiting;
  return <Suspense fallback={waiting}><Conversation thread={thread} /></Suspense>;
}

function Frame({ children }: { children: ReactNode }) {
  return <main id="main" tabIndex={-1} className="mx-auto w-full max-w-3xl grow px-4 pt-6 outline-none sm:px-6">{children}</main>;
}
