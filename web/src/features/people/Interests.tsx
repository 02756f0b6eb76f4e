import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { useCurrentWorkspace, workspaceLabel } from "@/features/sources/workspace";
import { ApiError } from "@/lib/api/errors";
import { getJson, patch, remove } from "@/lib/api/http";
import { Part } from "./Field";

interface Named {
  name: string;
  label: string;
}

interface Held {
  favourites: Named[];
  learned: Named[];
  detail: "short" | "full";
  learning: boolean;
}

/** What one cares for: it orders what one is shown, and never changes a number. */
export function Interests() {
  const { t } = useTranslation();
  const { current } = useCurrentWorkspace();
  const workspace = current?.name;
  const path = `/v1/me/interests?workspace=${encodeURIComponent(workspace ?? "")}`;
  const key = ["interests", workspace];
  const client = useQueryClient();
  const { data: held } = useQuery({ queryKey: key, queryFn: ({ signal }) => getJson<Held>(path, signal), enabled: Boolean(workspace) });
  const change = useMutation({ mutationFn: (body: object) => patch<Held>(path, body), onSuccess: (now) => client.setQueryData(key, now) });
  const forget = useMutation({ mutationFn: () => remove(path), onSuccess: () => client.invalidateQueries({ queryKey: key }) });
  const failed = change.error ?? forget.error;
  if (!held) return null;
  const liked = held.favourites.map((one) => one.name);
  const busy = change.isPending || forget.isPending;
  return (
    <Part title={t("people.interests.title")} about={t("people.interests.about", { workspace: current ? workspaceLabel(current) : "" })}>
      {held.favourites.length + held.learned.length === 0 && <p className="text-14 text-subtle">{t("people.interests.none")}</p>}
      {held.favourites.length + held.learned.length > 0 && (
        <ul className="rounded-card border border-line bg-surface">
          {[...held.favourites, ...held.learned].map((one) => (
            <li key={one.name} className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-2 text-14 first:border-t-0">
              <span className="min-w-0 grow truncate">{one.label}</span>
              <Button
                disabled={busy}
                aria-pressed={liked.includes(one.name)}
                onClick={() => change.mutate({ favourites: liked.includes(one.name) ? liked.filter((name) => name !== one.name) : [...liked, one.name] })}
              >
                {t(liked.includes(one.name) ? "people.interests.notFirst" : "people.interests.first")}<span className="sr-only">: {one.label}</span>
              </Button>
              <Button disabled={busy} onClick={() => change.mutate({ forget: [one.name] })}>
                {t("people.interests.forget")}<span className="sr-only">: {one.label}</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
      <label className="flex items-center gap-2 text-14">
        <input type="checkbox" checked={held.detail === "short"} disabled={busy} onChange={(event) => change.mutate({ detail: event.target.checked ? "short" : "full" })} />
        {t("people.interests.short")}
      </label>
      <label className="flex items-center gap-2 text-14">
        <input type="checkbox" checked={held.learning} disabled={busy} onChange={(event) => change.mutate({ learning: event.target.checked })} />
        {t("people.interests.learning")}
      </label>
      <Button disabled={busy} onClick={() => forget.mutate()}>{t("people.interests.forgetAll")}</Button>
      {failed instanceof ApiError && <Failure error={failed} />}
    </Part>
  );
}
