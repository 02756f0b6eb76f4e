import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { ApiError } from "@/lib/api/errors";
import { makeKey, revokeKey, useChange, useKeys } from "./api";
import { Field, Part, Select } from "./Field";
import { Secret } from "./Secret";

const LIVES = ["30", "90", "365", ""] as const;
const SCOPES = ["ask", ""] as const;

/** Keys for programs, each narrower than whoever made it. */
export function Keys() {
  const { t } = useTranslation();
  const { data } = useKeys();
  const [name, setName] = useState("");
  const [scope, setScope] = useState<string>("ask");
  const [days, setDays] = useState<string>("90");
  const made = useChange(makeKey);
  const revoke = useChange(revokeKey);
  return (
    <Part title={t("people.keys.title")} about={t("people.keys.about")}>
      <form
        className="grid items-end gap-3 sm:grid-cols-[2fr_1fr_1fr_auto]"
        onSubmit={(event) => {
          event.preventDefault();
          made.mutate({ name, scopes: scope ? [scope] : [], ...(days && { days: Number(days) }) });
        }}
      >
        <Field label={t("people.keys.name")} required maxLength={63} value={name} onChange={(event) => setName(event.target.value)} />
        <Select label={t("people.keys.may")} value={scope} onChange={setScope} options={SCOPES.map((one) => ({ value: one, label: t(one ? "people.keys.ask" : "people.keys.all") }))} />
        <Select label={t("people.keys.lives")} value={days} onChange={setDays} options={LIVES.map((one) => ({ value: one, label: one ? t("people.keys.days", { count: Number(one) }) : t("people.keys.forever") }))} />
        <Button type="submit" look="primary" disabled={made.isPending}>{t("people.keys.make")}</Button>
      </form>
      {made.data && <Secret label={t("people.keys.once")} text={made.data.key} />}
      {[made.error, revoke.error].map((error) => error instanceof ApiError && <Failure key={error.code} error={error} />)}
      {data?.length === 0 && <Empty title={t("people.keys.none")} />}
      {data && data.length > 0 && (
        <ul className="rounded-card border border-line bg-surface">
          {data.map((one) => (
            <li key={one.id} className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-2 text-14 first:border-t-0">
              <span className="min-w-0 grow">
                <span className="block truncate font-medium">{one.name}</span>
                <span className="block text-13 text-subtle">{[one.holder, one.scopes?.join(", ") ?? t("people.keys.all"), one.used_at ? t("people.keys.used", { day: one.used_at.slice(0, 10) }) : t("people.keys.unused")].join(" · ")}</span>
              </span>
              <Button onClick={() => revoke.mutate(one.id)}>{t("people.keys.revoke")}</Button>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}
