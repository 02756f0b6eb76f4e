import { Eye } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useLocation } from "react-router";
import { Button } from "@/components/Button";
import { forgetKept } from "@/lib/kept";
import { useSession, useViewAs } from "./api";

/** Lets in who may come in; who has to sign in is sent to do so, and comes back to where they were going. */
export function Gate({ children }: { children: ReactNode }) {
  const { data: session } = useSession();
  const { pathname, search } = useLocation();
  const out = session?.needed === true && !session.signed_in;
  useEffect(() => {
    if (out) void forgetKept();
  }, [out]);
  if (out) return <Navigate to={`/sign-in?next=${encodeURIComponent(pathname + search)}`} replace />;
  if (!session?.viewing_as) return children;
  return (
    <div className="flex h-full flex-col">
      <ViewNote name={session.viewing_as.name} />
      <div className="min-h-0 grow">{children}</div>
    </div>
  );
}

function ViewNote({ name }: { name: string }) {
  const { t } = useTranslation();
  const viewAs = useViewAs();
  return (
    <div role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-warn-soft px-4 py-2 text-14">
      <Eye aria-hidden className="size-4 shrink-0 text-warn" />
      <p className="min-w-0 grow">{t("people.viewingAs", { name })}</p>
      <Button onClick={() => viewAs.mutate(null)} disabled={viewAs.isPending}>{t("people.stopViewing")}</Button>
    </div>
  );
}
