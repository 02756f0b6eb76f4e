import { CircleCheck, CircleX, FlaskConical } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Banner } from "@/components/Banner";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { ApiError } from "@/lib/api/errors";
import { useBrains, useTryBrain } from "@/lib/api/system";

/** Whether the language model that is set up works; nothing where there is none. */
export function ModelTrial() {
  const { t } = useTranslation();
  const { data } = useBrains();
  const trial = useTryBrain();
  if (data?.problem) return <Banner tone="bad">{data.problem}</Banner>;
  if (!data?.model) return null;
  return (
    <div className="flex flex-col gap-3">
      <div><Button disabled={trial.isPending} icon={<FlaskConical aria-hidden className="size-4" />} onClick={() => trial.mutate()}>{t(trial.isPending ? "settings.trying" : "settings.try")}</Button></div>
      {trial.error instanceof ApiError && <Failure error={trial.error} />}
      {trial.data && (
        <ul role="status" className="rounded-card border border-line bg-surface text-14">
          {trial.data.items.map((item) => (
            <li key={item.name} className="flex items-start gap-2 border-t border-line px-4 py-2.5 first:border-t-0">
              {item.ok ? <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" /> : <CircleX aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />}
              <span className="min-w-0 wrap-anywhere">{item.name}<span className="block text-13 text-subtle">{item.detail}</span></span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
