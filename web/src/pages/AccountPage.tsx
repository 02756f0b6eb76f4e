import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { Page } from "@/components/Page";
import { endBrowser, useBrowsers, useChange, useSession, useSignOut } from "@/features/people/api";
import { Field, Part } from "@/features/people/Field";
import { Interests } from "@/features/people/Interests";
import { Keys } from "@/features/people/Keys";
import { SecondFactor } from "@/features/people/SecondFactor";
import { SlackLink } from "@/features/people/SlackLink";
import { ApiError } from "@/lib/api/errors";
import { patch, post } from "@/lib/api/http";

/** One's own account. */
export default function AccountPage() {
  const { t } = useTranslation();
  const { data: session } = useSession();
  const out = useSignOut();
  const person = session?.person;
  return (
    <Page title={t("people.account")}>
      {person && (
        <div className="flex flex-wrap items-end gap-3">
          <OwnName key={person.name} name={person.name} email={person.email} fixed={session.by !== "cookie"} />
          <Button onClick={() => out.mutate()}>{t("people.signOut")}</Button>
        </div>
      )}
      {person?.has_password && <ChangePassword />}
      {person?.has_password && <SecondFactor on={person.second_factor} />}
      {person && <SlackLink />}
      <Interests />
      {session?.by === "cookie" && session.rights.includes("own_keys") && <Keys />}
      <Browsers />
    </Page>
  );
}

function OwnName({ name: now, email, fixed }: { name: string; email: string | null; fixed: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState(now);
  const change = useMutation({ mutationFn: () => patch("/v1/me", { name: name.trim() }), onSuccess: () => client.invalidateQueries({ queryKey: ["session"] }) });
  if (fixed) return <p className="min-w-0 grow text-14">{[now, email].filter(Boolean).join(" · ")}</p>;
  return (
    <form
      className="flex min-w-0 grow flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <div className="min-w-0 grow"><Field label={t("people.name")} autoComplete="name" required maxLength={200} value={name} hint={email ?? undefined} onChange={(event) => setName(event.target.value)} /></div>
      {name.trim() !== now && <Button type="submit" disabled={change.isPending}>{t("action.save")}</Button>}
      {change.error instanceof ApiError && <Failure error={change.error} />}
    </form>
  );
}

function ChangePassword() {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const [fresh, setFresh] = useState("");
  const change = useMutation({ mutationFn: () => post("/v1/me/password", { password, new: fresh }) });
  return (
    <Part title={t("people.changePassword")}>
      <form
        className="flex flex-col items-start gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <Field label={t("people.passwordNow")} type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />
        <Field label={t("people.passwordNew")} hint={t("people.passwordHint")} type="password" autoComplete="new-password" required minLength={12} value={fresh} onChange={(event) => setFresh(event.target.value)} />
        <Button type="submit" disabled={change.isPending}>{t("action.save")}</Button>
      </form>
      {change.isSuccess && <p role="status" className="text-14 text-ok">{t("people.saved")}</p>}
      {change.error instanceof ApiError && <Failure error={change.error} />}
    </Part>
  );
}

const BROWSERS = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]] as const;
const SYSTEMS = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS", "Mac"], ["Linux", "Linux"]] as const;

/** What people call a browser: “Chrome · Linux”; what it calls itself where that says nothing known. */
function browserName(agent: string): string {
  const named = [BROWSERS, SYSTEMS].map((list) => list.find(([mark]) => agent.includes(mark))?.[1]);
  return named.filter(Boolean).join(" · ") || agent;
}

function Browsers() {
  const { t } = useTranslation();
  const { data = [] } = useBrowsers();
  const end = useChange(endBrowser);
  return (
    <Part title={t("people.browsers.title")}>
      <ul className="rounded-card border border-line bg-surface">
        {data.map((one) => (
          <li key={one.id} className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-2 text-14 first:border-t-0">
            <span className="min-w-0 grow">
              <span className="block truncate">{browserName(one.agent) || t("people.browsers.unknown")}</span>
              <span className="block text-13 text-subtle">{one.this ? t("people.browsers.this") : new Date(one.seen_at).toLocaleString()}</span>
            </span>
            {!one.this && <Button onClick={() => end.mutate(one.id)}>{t("people.signOut")}</Button>}
          </li>
        ))}
      </ul>
    </Part>
  );
}
