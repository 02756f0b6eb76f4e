import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { useCurrentWorkspace, workspaceLabel } from "@/features/sources/workspace";
import { ApiError } from "@/lib/api/errors";
import { EVERYWHERE, invite, ROLES, type Role, takeBack, useChange, useInvitations } from "./api";
import { Field, Part, Select } from "./Field";
import { Secret } from "./Secret";

/** Ask somebody in: the link is passed on by whoever makes it. */
export function Invite() {
  const { t } = useTranslation();
  const { workspaces } = useCurrentWorkspace();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [workspace, setWorkspace] = useState(EVERYWHERE);
  const made = useChange(invite);
  const places = [{ value: EVERYWHERE, label: t("people.everywhere") }, ...workspaces.map((one) => ({ value: one.name, label: workspaceLabel(one) }))];
  return (
    <Part title={t("people.invite.title")} about={t("people.invite.about")}>
      <form
        className="grid items-end gap-3 sm:grid-cols-[2fr_1fr_1fr_auto]"
        onSubmit={(event) => {
          event.preventDefault();
          made.mutate({ email, role, workspace });
        }}
      >
        <Field label={t("people.email")} type="email" required value={email} onChange={(event) => setEmail(event.target.value)} />
        <Select label={t("people.role")} value={role} onChange={(value) => setRole(value as Role)} options={ROLES.map((one) => ({ value: one, label: t(`people.roles.${one}`) }))} />
        <Select label={t("people.place")} value={workspace} onChange={setWorkspace} options={places} />
        <Button type="submit" look="primary" disabled={made.isPending}>{t("people.invite.do")}</Button>
      </form>
      {made.data?.link && <Secret label={t("people.invite.link", { email: made.variables.email })} text={made.data.link} />}
      {made.data?.added && <p role="status" className="text-14 text-ok">{t("people.invite.added")}</p>}
      {made.error instanceof ApiError && <Failure error={made.error} />}
      <Waiting />
    </Part>
  );
}

function Waiting() {
  const { t } = useTranslation();
  const { data = [] } = useInvitations();
  const back = useChange(takeBack);
  if (data.length === 0) return null;
  return (
    <ul className="rounded-card border border-line bg-surface">
      {data.map((one) => (
        <li key={one.id} className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-2 text-14 first:border-t-0">
          <span className="min-w-0 grow truncate">{one.email}</span>
          <span className="text-13 text-subtle">{t(`people.roles.${one.role}`)} · {one.workspace === EVERYWHERE ? t("people.everywhere") : one.workspace}</span>
          <Button onClick={() => back.mutate(one.id)}>{t("people.invite.takeBack")}</Button>
        </li>
      ))}
    </ul>
  );
}
