import type { ReactNode } from "react";
import { usePageTitle } from "@/lib/title";

/** A page that scrolls as a whole, with its title. */
export function Page({ title, children }: { title: string; children: ReactNode }) {
  usePageTitle(title);
  return (
    <main id="main" tabIndex={-1} className="relative min-h-0 grow overflow-y-auto outline-none">
      <div className="mx-auto flex max-w-3xl flex-col gap-6 px-4 pt-6 pb-12 sm:px-6 sm:pt-10">
        <h1 className="text-24 font-semibold">{title}</h1>
        {children}
      </div>
    </main>
  );
}
