import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { ApiError } from "@/lib/api/errors";
import { changeUser, EVERYWHERE, passwordLink, type Person, ROLES, type Session, useChange, usePeople, useSession, useViewAs } from "./api";
import { AttributesForm } from "./AttributesForm";
import { Part, Select } from "./Field";
import { Invite } from "./Invite";
import { Secret } from "./Secret";

const NONE = "none";

/** Everybody who may come in, with their roles. */
export function Members() {
  const { t } = useTranslation();
  const people = usePeople();
  const { data: session } = useSession();
  return (
    <>
      <Invite />
      <Part title={t("people.members.title")}>
        {people.isPending && <Skeleton lines={4} />}
        {people.error instanceof ApiError && <Failure error={people.error} onRetry={() => void people.refetch()} />}
        {people.data?.length === 0 && <Empty title={t("people.members.none")} />}
        {session && people.data && people.data.length > 0 && (
          <ul className="rounded-card border border-line bg-surface">{people.data.map((one) => <Member key={one.id} person={one} session={session} />)}</ul>
        )}
      </Part>
    </>
  );
}

function Member({ person, session }: { person: Person; session: Session }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const places = Object.keys(person.roles);
  const state = [person.kind === "service" && t("people.members.service"), person.disabled && t("people.members.disabled"), person.second_factor && t("people.members.secondFactor")].filter(Boolean);
  return (
    <li className="flex flex-col gap-3 border-t border-line px-4 py-3 first:border-t-0">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 grow basis-48">
          <p className="truncate text-14 font-medium">{person.name}</p>
          <p className="truncate text-13 text-subtle">{[person.email, ...state].filter(Boolean).join(" · ")}</p>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          {(places.length ? places : [EVERYWHERE]).map((place) => <RoleOf key={place} person={person} place={place} />)}
          <Button aria-expanded={open} onClick={() => setOpen(!open)}>{t("people.members.more")}</Button>
        </div>
      </div>
      {open && <More person={person} session={session} />}
    </li>
  );
}

function RoleOf({ person, place }: { person: Person; place: string }) {
  const { t } = useTranslation();
  const change = useChange(changeUser);
  const set = (role: string) => change.mutate({ id: person.id, roles: { [place]: role === NONE ? null : role } });
  const options = [...ROLES.map((role) => ({ value: role as string, label: t(`people.roles.${role}`) })), { value: NONE, label: t("people.roles.none") }];
  const where = place === EVERYWHERE ? t("people.everywhere") : place;
  return (
    <div className="flex flex-col gap-1">
      <Select hidden label={t("people.members.roleOf", { name: person.name, place: where })} value={person.roles[place] ?? NONE} onChange={set} options={options} disabled={change.isPending} />
      <p className="px-1 text-12 text-subtle">{where}</p>
      {change.error instanceof ApiError && <p role="alert" className="text-13 text-bad">{change.error.message}</p>}
    </div>
  );
}

function More({ person, session }: { person: Person; session: Session }) {
  const { t } = useTranslation();
  const change = useChange(changeUser);
  const link = useChange(passwordLink);
  const viewAs = useViewAs();
  const self = session.person?.id === person.id;
  const failed = [change.error, link.error, viewAs.error].find((error) => error instanceof ApiError);
  const look = () => viewAs.mutate(person.id);
  return (
    <div className="flex flex-col gap-4 rounded-control bg-raised p-3">
      <AttributesForm person={person} />
      <div className="flex flex-wrap gap-2">
        {!self && person.kind === "person" && session.rights.includes("view_as") && <Button onClick={look}>{t("people.members.viewAs")}</Button>}
        {!self && person.kind === "person" && <Button onClick={() => link.mutate(person.id)}>{t("people.members.passwordLink")}</Button>}
        {!self && <Button onClick={() => change.mutate({ id: person.id, disabled: !person.disabled })}>{person.disabled ? t("people.members.enable") : t("people.members.disable")}</Button>}
        {person.second_factor && !self && <Button onClick={() => change.mutate({ id: person.id, second_factor: false })}>{t("people.members.noSecondFactor")}</Button>}
      </div>
      {link.data && <Secret label={t("people.members.passwordLinkIs")} text={link.data.link} />}
      {failed instanceof ApiError && <Failure error={failed} />}
    </div>
  );
}

