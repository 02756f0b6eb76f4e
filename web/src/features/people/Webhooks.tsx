import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { useCurrentWorkspace } from "@/features/sources/workspace";
import { WorkspaceSwitch } from "@/features/sources/WorkspaceSwitch";
import { ApiError } from "@/lib/api/errors";
import { EVENTS, type HookEvent, keyOf, useChangeHook, useDeleteHook, useHookDeliveries, useMakeHook, useSendToHook, useWebhooks, type Webhook } from "@/lib/api/webhooks";
import { formatDay, formatTime } from "@/lib/format/misc";
import { Field, Part } from "./Field";
import { Secret } from "./Secret";

/** Where other programs of the house are told of what ended, signed. */
export function Webhooks() {
  const { t } = useTranslation();
  const { current } = useCurrentWorkspace();
  return (
    <Part title={t("people.webhooks.title")} about={t("people.webhooks.about")}>
      <div className="self-start"><WorkspaceSwitch /></div>
      {current && <NewHook key={current.name} workspace={current.name} />}
      {current && <HookList workspace={current.name} />}
    </Part>
  );
}

function NewHook({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const [url, setUrl] = useState("");
  const [events, setEvents] = useState<HookEvent[]>(["run.done", "run.failed"]);
  const made = useMakeHook();
  const toggle = (event: HookEvent) => setEvents(events.includes(event) ? events.filter((one) => one !== event) : [...events, event]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    made.mutate({ workspace, url, events }, { onSuccess: () => setUrl("") });
  };
  return (
    <form aria-label={t("people.webhooks.make")} className="flex flex-col gap-3" onSubmit={submit}>
      <Field label={t("people.webhooks.url")} type="url" required maxLength={2000} placeholder="https://" value={url} onChange={(event) => setUrl(event.target.value)} />
      <fieldset className="flex min-w-0 flex-wrap gap-x-5 gap-y-1">
        <legend className="mb-1 text-13 font-medium">{t("people.webhooks.of")}</legend>
        {EVENTS.map((event) => (
          <label key={event} className="control flex items-center gap-2 text-14">
            <input type="checkbox" checked={events.includes(event)} onChange={() => toggle(event)} className="size-4 accent-accent" />
            {t(`people.webhooks.events.${keyOf(event)}`)}
          </label>
        ))}
      </fieldset>
      <Button type="submit" look="primary" className="self-start" disabled={made.isPending || events.length === 0}>{t("people.webhooks.make")}</Button>
      {made.data && <Secret label={t("people.webhooks.secret")} text={made.data.secret} />}
      {made.error instanceof ApiError && <Failure error={made.error} />}
    </form>
  );
}

function HookList({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const hooks = useWebhooks(workspace);
  if (hooks.isPending) return <Skeleton lines={2} />;
  if (hooks.error instanceof ApiError) return <Failure error={hooks.error} onRetry={() => void hooks.refetch()} />;
  if (!hooks.data?.length) return <Empty title={t("people.webhooks.none")} />;
  return <ul className="rounded-card border border-line bg-surface">{hooks.data.map((one) => <Hook key={one.id} hook={one} />)}</ul>;
}

function Hook({ hook }: { hook: Webhook }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const change = useChangeHook();
  const gone = useDeleteHook();
  const send = useSendToHook();
  const failed = [change.error, gone.error, send.error].find((error) => error instanceof ApiError);
  const words = hook.events.map((event) => t(`people.webhooks.events.${keyOf(event)}`)).join(", ");
  return (
    <li className="flex flex-col gap-3 border-t border-line px-4 py-3 text-14 first:border-t-0">
      <div>
        <p className="font-medium wrap-anywhere">{hook.url}</p>
        <p className="text-13 text-subtle">{[words, !hook.active && t("tell.state.off")].filter(Boolean).join(" · ")}</p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button disabled={send.isPending} onClick={() => send.mutate({ id: hook.id }, { onSuccess: () => setOpen(true) })}>{t("people.webhooks.ping")}</Button>
        <Button aria-expanded={open} onClick={() => setOpen(!open)}>{t("people.webhooks.deliveries")}</Button>
        <Button onClick={() => change.mutate({ id: hook.id, active: !hook.active })}>{t(hook.active ? "tell.do.off" : "tell.do.on")}</Button>
        <Button onClick={() => change.mutate({ id: hook.id, rotate: true })}>{t("people.webhooks.rotate")}</Button>
        <Button className="text-bad" onClick={() => gone.mutate(hook.id)}>{t("people.webhooks.remove")}</Button>
      </div>
      {change.data && change.variables?.rotate && <Secret label={t("people.webhooks.secret")} text={change.data.secret} />}
      {failed instanceof ApiError && <Failure error={failed} />}
      {open && <Deliveries hook={hook.id} />}
    </li>
  );
}

/** What was sent, waits or failed, newest first. */
function Deliveries({ hook }: { hook: string }) {
  const { t } = useTranslation();
  const { data } = useHookDeliveries(hook);
  const send = useSendToHook();
  if (!data) return <Skeleton lines={2} />;
  if (data.length === 0) return <p className="text-13 text-muted">{t("people.webhooks.noDeliveries")}</p>;
  return (
    <ul aria-label={t("people.webhooks.deliveries")} className="border-t border-line">
      {data.map((one) => (
        <li key={one.id} className="flex flex-wrap items-center gap-x-3 border-t border-line py-2 first:border-t-0">
          <span className="min-w-0 grow">
            <span className="block">{[t(`people.webhooks.events.${keyOf(one.type)}`), t(`tell.delivery.${one.state}`)].join(" · ")}</span>
            <span className="block text-13 text-subtle wrap-anywhere">{[`${formatDay(new Date(one.created_at))}, ${formatTime(new Date(one.created_at))}`, one.note].filter(Boolean).join(" · ")}</span>
          </span>
          {(one.state === "sent" || one.state === "dead") && <Button onClick={() => send.mutate({ id: hook, delivery: one.id })}>{t("people.webhooks.again")}</Button>}
        </li>
      ))}
    </ul>
  );
}
