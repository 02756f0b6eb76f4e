import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { ApiError } from "@/lib/api/errors";
import { changeUser, type Person, useChange } from "./api";
import { Field } from "./Field";

const written = (attributes: Record<string, string[]>) => Object.entries(attributes).flatMap(([name, values]) => values.map((value) => `${name}=${value}`)).join(", ");

function read(text: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const part of text.split(",").map((one) => one.trim()).filter(Boolean)) {
    const at = part.indexOf("=");
    (found[at < 0 ? part : part.slice(0, at).trim()] ??= []).push(at < 0 ? "" : part.slice(at + 1).trim());
  }
  return found;
}

/** What row policies read of a person. */
export function AttributesForm({ person }: { person: Person }) {
  const { t } = useTranslation();
  const [attributes, setAttributes] = useState(written(person.attributes));
  const [groups, setGroups] = useState(person.groups.join(", "));
  const change = useChange(changeUser);
  const save = () => change.mutate({ id: person.id, attributes: read(attributes), groups: groups.split(",").map((one) => one.trim()).filter(Boolean) });
  return (
    <form
      className="grid items-end gap-3 sm:grid-cols-[1fr_1fr_auto]"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Field label={t("people.members.attributes")} value={attributes} placeholder="region=north, region=west" onChange={(event) => setAttributes(event.target.value)} />
      <Field label={t("people.members.groups")} value={groups} placeholder="sales, finance" onChange={(event) => setGroups(event.target.value)} />
      <Button type="submit" disabled={change.isPending}>{t("action.save")}</Button>
      {change.isSuccess && <p role="status" className="text-13 text-ok sm:col-span-3">{t("people.saved")}</p>}
      {change.error instanceof ApiError && <div className="sm:col-span-3"><Failure error={change.error} /></div>}
    </form>
  );
}
