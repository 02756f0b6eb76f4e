import type { FormEvent, ReactNode } from "react";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { ApiError } from "@/lib/api/errors";
import { usePageTitle } from "@/lib/title";

interface DoorwayProps {
  title: string;
  about?: string;
  action: string;
  busy: boolean;
  error: unknown;
  onSubmit: () => void;
  children: ReactNode;
  below?: ReactNode;
}

/** A page before the house: one short form in the middle. */
export function Doorway({ title, about, action, busy, error, onSubmit, children, below }: DoorwayProps) {
  usePageTitle(title);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <main id="main" className="flex h-full items-start justify-center overflow-y-auto px-4 py-8 sm:items-center">
      <div className="flex w-full max-w-sm flex-col gap-5 rounded-card border border-line bg-surface p-6">
        <p className="flex items-center gap-2 text-16 font-semibold"><img src="/icon.svg" alt="" className="size-6" />Plainsay</p>
        <div>
          <h1 className="text-24 font-semibold">{title}</h1>
          {about && <p className="mt-1 text-14 text-muted">{about}</p>}
        </div>
        <form className="flex flex-col gap-4" onSubmit={submit}>
          {children}
          {error instanceof ApiError && <Failure error={error} />}
          <Button type="submit" look="primary" disabled={busy}>{action}</Button>
        </form>
        {below}
      </div>
    </main>
  );
}
