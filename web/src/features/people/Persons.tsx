import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner } from "@/components/Banner";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { useCurrentWorkspace, workspaceLabel } from "@/features/sources/workspace";
import { ApiError } from "@/lib/api/errors";
import { post } from "@/lib/api/http";
import { formatCount } from "@/lib/format/misc";
import { Field, Part, Select } from "./Field";

interface Held {
  source: string;
  table: string;
  rows: Record<string, unknown>[];
}

/** What is held of one person whose data is in here: to hand it over, and to take it out for good. */
export function Persons() {
  const { t } = useTranslation();
  const { current, workspaces } = useCurrentWorkspace();
  const [place, setPlace] = useState<string | null>(null);
  const [who, setWho] = useState("");
  const workspace = place ?? current?.name ?? "";
  const look = useMutation({ mutationFn: async () => ((await (await post("/v1/persons/held", { workspace, who })).json()) as { items: Held[] }).items });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    look.mutate();
  };
  return (
    <Part title={t("people.persons.title")} about={t("people.persons.about")}>
      <form aria-label={t("people.persons.title")} onSubmit={submit} className="grid items-end gap-3 sm:grid-cols-[2fr_1fr_auto]">
        <Field label={t("people.persons.who")} required maxLength={320} placeholder={t("people.persons.example")} value={who} onChange={(event) => { setWho(event.target.value); look.reset(); }} />
        <Select label={t("people.place")} value={workspace} onChange={(next) => { setPlace(next); look.reset(); }} options={workspaces.map((one) => ({ value: one.name, label: workspaceLabel(one) }))} />
        <Button type="submit" look="primary" disabled={look.isPending}>{t("people.persons.look")}</Button>
      </form>
      {look.error instanceof ApiError && <Failure error={look.error} />}
      {look.data?.length === 0 && <Empty title={t("people.persons.none")} />}
      {look.data && look.data.length > 0 && <Found key={`${workspace} ${who}`} workspace={workspace} who={who} held={look.data} />}
    </Part>
  );
}

function Found({ workspace, who, held }: { workspace: string; who: string; held: Held[] }) {
  const { t } = useTranslation();
  const save = () => {
    const url = URL.createObjectURL(new Blob([JSON.stringify({ items: held }, null, 2)], { type: "application/json" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: "person.json" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url));
  };
  return (
    <div className="flex flex-col gap-4">
      <ul aria-label={t("people.persons.held")} className="rounded-card border border-line bg-surface">
        {held.map((one) => (
          <li key={`${one.source} ${one.table}`} className="flex justify-between gap-3 border-t border-line px-4 py-2 text-14 first:border-t-0">
            <span className="min-w-0 wrap-anywhere">{[one.source, one.table.replaceAll("_", " ")].filter(Boolean).join(" › ")}</span>
            <span className="text-subtle tabular-nums">{t("count.rows", { count: one.rows.length, shown: formatCount(one.rows.length) })}</span>
          </li>
        ))}
      </ul>
      <div><Button icon={<Download aria-hidden className="size-4" />} onClick={save}>{t("people.persons.save")}</Button></div>
      <Erase workspace={workspace} who={who} />
    </div>
  );
}

/** Erasure is confirmed by writing the person down again: it cannot be undone. */
function Erase({ workspace, who }: { workspace: string; who: string }) {
  const { t } = useTranslation();
  const [again, setAgain] = useState("");
  const erase = useMutation({ mutationFn: () => post("/v1/persons/erase", { workspace, who }) });
  if (erase.isSuccess) return <Banner tone="info" role="status">{t("people.persons.erased")}</Banner>;
  return (
    <form
      aria-label={t("people.persons.erase")}
      className="flex flex-col gap-3 rounded-card border border-bad p-4"
      onSubmit={(event) => {
        event.preventDefault();
        erase.mutate();
      }}
    >
      <p className="text-14">{t("people.persons.eraseWhat")}</p>
      <div className="grid items-end gap-3 sm:grid-cols-[1fr_auto]">
        <Field label={t("people.persons.again")} autoComplete="off" value={again} onChange={(event) => setAgain(event.target.value)} />
        <Button type="submit" className="text-bad" disabled={again.trim() !== who.trim() || erase.isPending}>{t("people.persons.erase")}</Button>
      </div>
      {erase.error instanceof ApiError && <Failure error={erase.error} />}
    </form>
  );
}
