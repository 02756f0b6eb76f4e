import { ArrowLeft } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { Field, Select } from "@/features/people/Field";
import { ApiError } from "@/lib/api/errors";
import { SettingFields } from "./SettingFields";
import { type SourceGroup, type SourceKind, useSourceKinds, type Wish } from "./sources";

const GROUPS: SourceGroup[] = ["payments", "social", "web", "business", "databases", "files", "other"];

interface ConnectFormProps {
  busy: boolean;
  onConnect: (wish: Wish) => void;
}

/** Find a service; its manifest says what the form asks for. Secrets stay in the fields and go nowhere but the server. */
export function ConnectForm({ busy, onConnect }: ConnectFormProps) {
  const { t } = useTranslation();
  const kinds = useSourceKinds(true);
  const [chosen, setChosen] = useState<string | null>(null);
  const kind = kinds.data?.find((one) => one.source === chosen);
  return (
    <section aria-label={t("sources.connect")} className="flex flex-col gap-4 rounded-card border border-line bg-surface p-4">
      {kinds.isPending && <Skeleton lines={4} />}
      {kinds.error instanceof ApiError && <Failure error={kinds.error} onRetry={() => void kinds.refetch()} />}
      {kinds.data && !kind && <Catalogue kinds={kinds.data} onChoose={setChosen} />}
      {kind && <Fields key={kind.source} kind={kind} busy={busy} onConnect={onConnect} onBack={() => setChosen(null)} />}
    </section>
  );
}

function Catalogue({ kinds, onChoose }: { kinds: SourceKind[]; onChoose: (source: string) => void }) {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const sought = words.trim().toLowerCase();
  const isCalled = ({ label }: SourceKind) => label.toLowerCase().split(/\W+/).some((word) => word.startsWith(sought)) || label.toLowerCase().startsWith(sought);
  const called = sought ? kinds.filter(isCalled) : [];
  // Who types a name wants that service; only where none is called so, those that bring something called so.
  const found = called.length > 0 ? called : kinds.filter(({ label, summary, resources }) => [label, summary, ...resources].some((text) => text.toLowerCase().includes(sought)));
  return (
    <>
      <Field label={t("sources.find")} type="search" autoFocus value={words} placeholder={t("sources.findExample")} onChange={(event) => setWords(event.target.value)} />
      {found.length === 0 && <p role="status" className="text-14 text-muted">{t("sources.noneFound")}</p>}
      {GROUPS.map((group) => ({ group, own: found.filter((one) => one.group === group) })).filter(({ own }) => own.length > 0).map(({ group, own }) => (
        <section key={group} aria-label={t(`sources.group.${group}`)}>
          <h3 className="mb-1 text-13 font-medium text-subtle">{t(`sources.group.${group}`)}</h3>
          <ul className="grid gap-2 sm:grid-cols-3">
            {own.map((one) => (
              <li key={one.source}>
                <button type="button" title={one.summary} onClick={() => onChoose(one.source)} className="control w-full truncate rounded-control border border-line px-3 text-start text-14 hover:border-accent hover:bg-accent-soft">{one.label}</button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

interface FieldsProps extends ConnectFormProps {
  kind: SourceKind;
  onBack: () => void;
}

function Fields({ kind, busy, onConnect, onBack }: FieldsProps) {
  const { t } = useTranslation();
  const [values, setValues] = useState<Record<string, string>>({});
  const [environment, setEnvironment] = useState("live");
  const [name, setName] = useState("");
  const [since, setSince] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const settings = Object.fromEntries(Object.entries(values).filter(([, text]) => text !== ""));
    onConnect({ source: kind.source, settings, environment, name: name.trim() || null, since: since || null });
  };
  const cannot = Object.entries(kind.cannot);
  return (
    <form aria-label={kind.label} onSubmit={submit} className="flex flex-col gap-4" autoComplete="off">
      <div className="flex items-start gap-2">
        <Button look="quiet" className="-ms-2" icon={<ArrowLeft aria-hidden className="size-4 rtl:-scale-x-100" />} onClick={onBack}>{t("sources.others")}</Button>
      </div>
      <div>
        <h3 className="text-16 font-semibold">{kind.label}</h3>
        <p className="text-14">{kind.summary}</p>
        <p className="text-13 text-subtle">{t(`sources.proven.${kind.proven.label}`)} {kind.proven.detail}</p>
        {cannot.length > 0 && <p className="text-13 text-subtle">{t("sources.cannot", { what: cannot.map(([what, why]) => `${what.replaceAll("_", " ")} (${why})`).join(", ") })}</p>}
      </div>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <SettingFields settings={kind.settings} values={values} onChange={setValues} />
        {kind.environments.length > 0 && <Select label={t("sources.environment")} value={environment} onChange={setEnvironment} options={kind.environments.map((value) => ({ value, label: value }))} />}
        <Field label={t("sources.since")} type="date" value={since} hint={t("sources.sinceHint")} onChange={(event) => setSince(event.target.value)} />
        <Field label={t("sources.name")} maxLength={40} value={name} hint={t("sources.nameHint")} onChange={(event) => setName(event.target.value)} />
      </div>
      <p className="text-13 text-subtle">{t("sources.secretsStay")}</p>
      <div><Button type="submit" look="primary" disabled={busy}>{t("sources.tryAndLoad")}</Button></div>
    </form>
  );
}
