import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { CopyButton } from "@/components/CopyButton";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { Field, Part } from "@/features/people/Field";
import { Secret } from "@/features/people/Secret";
import { ApiError } from "@/lib/api/errors";
import { type Live, useEndWriteKey, useLive, useMakeWriteKey, useWriteKeys, type WriteKey } from "@/lib/api/events";
import { formatCount } from "@/lib/format/misc";

/** Sending what people do on a site or in an app: keys, the script for pages, and what arrives at this moment. */
export function Events({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const keys = useWriteKeys(workspace);
  const made = useMakeWriteKey(workspace);
  const any = (keys.data?.length ?? 0) > 0;
  return (
    <>
      <Part title={t("events.title")} about={t("events.about")}>
        <NewKey busy={made.isPending} onMake={(body, done) => made.mutate(body, { onSuccess: done })} />
        {made.error instanceof ApiError && <Failure error={made.error} />}
        {made.data && <Secret label={t("people.keys.once")} text={made.data.key} />}
        {(made.data || any) && <Snippet text={made.data?.key ?? null} />}
        {keys.isPending && <Skeleton lines={2} />}
        {keys.error instanceof ApiError && <Failure error={keys.error} onRetry={() => void keys.refetch()} />}
        {keys.data && !any && <Empty title={t("events.none")}>{t("events.noneWhy")}</Empty>}
        {any && <Keys keys={keys.data ?? []} />}
      </Part>
      {any && <LiveView workspace={workspace} />}
    </>
  );
}

function NewKey({ busy, onMake }: { busy: boolean; onMake: (body: { name: string; origins: string[] }, done: () => void) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [origins, setOrigins] = useState("");
  return (
    <form
      aria-label={t("events.make")}
      className="grid items-start gap-3 sm:grid-cols-2"
      onSubmit={(event) => {
        event.preventDefault();
        onMake({ name, origins: origins.split(/[\s,]+/).filter(Boolean) }, () => setName(""));
      }}
    >
      <Field label={t("people.keys.name")} required maxLength={63} value={name} placeholder={t("events.example")} onChange={(event) => setName(event.target.value)} />
      <Field label={t("events.origins")} hint={t("events.originsHint")} value={origins} placeholder="https://www.example.com" onChange={(event) => setOrigins(event.target.value)} />
      <Button type="submit" look="primary" disabled={busy} className="justify-self-start">{t("events.make")}</Button>
    </form>
  );
}

/** What to put into the pages of a site; with the key while it is known. */
function Snippet({ text }: { text: string | null }) {
  const { t } = useTranslation();
  const key = text ?? "wk-…";
  const script = `<script async src="${window.location.origin}/v1/tracker.js" data-key="${key}"></script>`;
  const call = `curl ${window.location.origin}/v1/events -H "authorization: Bearer ${key}" -H "content-type: application/json" -d '{"event": "signup", "user_id": "u1"}'`;
  return (
    <div className="flex flex-col gap-3">
      {[[t("events.page"), script], [t("events.program"), call]].map(([label = "", code = ""]) => (
        <figure key={label} className="min-w-0 rounded-card border border-line bg-surface">
          <figcaption className="flex items-center justify-between gap-3 px-3 pt-1 text-13 font-medium">{label}<CopyButton text={() => code} label={t("people.copy")} /></figcaption>
          <pre tabIndex={0} aria-label={label} className="overflow-x-auto px-3 pb-3 text-12"><code>{code}</code></pre>
        </figure>
      ))}
    </div>
  );
}

function Keys({ keys }: { keys: WriteKey[] }) {
  const { t } = useTranslation();
  const end = useEndWriteKey();
  return (
    <>
      {end.error instanceof ApiError && <Failure error={end.error} />}
      <ul aria-label={t("events.keys")} className="rounded-card border border-line bg-surface">
        {keys.map((one) => (
          <li key={one.id} className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-2 text-14 first:border-t-0">
            <span className="min-w-0 grow">
              <span className="block truncate font-medium">{one.name}</span>
              <span className="block text-13 text-subtle wrap-anywhere">{[one.origins?.join(", ") || t("events.anywhere"), one.used_at ? t("people.keys.used", { day: one.used_at.slice(0, 10) }) : t("people.keys.unused")].join(" · ")}</span>
            </span>
            <Button disabled={end.isPending} aria-label={t("events.endThis", { name: one.name })} onClick={() => end.mutate(one.id)}>{t("people.keys.revoke")}</Button>
          </li>
        ))}
      </ul>
    </>
  );
}

function LiveView({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const { live, error } = useLive(workspace, true);
  return (
    <Part title={t("events.live")} about={t("events.liveAbout")}>
      {error && <Failure error={error} />}
      {!live && !error && <Skeleton lines={2} />}
      {live && <Now live={live} />}
    </Part>
  );
}

function Now({ live }: { live: Live }) {
  const { t } = useTranslation();
  const figures = [[t("events.second"), live.last_second], [t("events.minute"), live.last_minute], [t("events.visitors"), live.visitors]] as const;
  const most = Math.max(1, ...live.seconds);
  return (
    <div className="flex flex-col gap-4 rounded-card border border-line bg-surface p-4">
      <dl className="grid grid-cols-3 gap-3">
        {figures.map(([label, value]) => (
          <div key={label} className="flex min-w-0 flex-col-reverse justify-end">
            <dt className="text-13 text-muted wrap-anywhere">{label}</dt>
            <dd className="text-24 font-semibold tabular-nums">{formatCount(value)}</dd>
          </div>
        ))}
      </dl>
      <svg viewBox="0 0 240 40" preserveAspectRatio="none" role="img" aria-label={t("events.course")} className="h-10 w-full">
        {live.seconds.map((count, at) => <rect key={at} x={at * 4} width={3} y={40 - Math.max(1, (count / most) * 40)} height={Math.max(1, (count / most) * 40)} fill={count > 0 ? "var(--accent)" : "var(--line)"} />)}
      </svg>
      {live.events.length === 0 && <p className="text-14 text-subtle">{t("events.quiet")}</p>}
      {live.events.length > 0 && (
        <ul aria-label={t("events.arriving")} className="text-14">
          {live.events.map(({ event, count }) => (
            <li key={event} className="flex justify-between gap-3 border-t border-line py-1.5">
              <span className="min-w-0 wrap-anywhere">{event}</span>
              <span className="text-muted tabular-nums">{formatCount(count)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
