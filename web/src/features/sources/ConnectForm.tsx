import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Skeleton } from "@/components/Skeleton";
import { type SourceKind, type SourceSetting, useSourceKinds } from "./sources";

const LOOK = "control w-full rounded-control border border-edge bg-surface px-3 text-14";

interface ConnectFormProps {
  busy: boolean;
  onConnect: (source: string, settings: Record<string, string>, environment: string) => void;
}

/** Choose a service; its manifest says what the form asks for. Secrets stay in the fields and go nowhere but the server. */
export function ConnectForm({ busy, onConnect }: ConnectFormProps) {
  const { t } = useTranslation();
  const kinds = useSourceKinds(true);
  const [chosen, setChosen] = useState("");
  const chooser = useId();
  if (kinds.isPending) return <Skeleton lines={2} />;
  const kind = kinds.data?.find((one) => one.source === chosen);
  const groups = [...new Set(kinds.data?.map((one) => one.group))];
  return (
    <div className="flex flex-col gap-4 rounded-card border border-line bg-surface p-4">
      <div className="flex flex-col gap-1">
        <label htmlFor={chooser} className="text-13 text-muted">{t("sources.choose")}</label>
        <select id={chooser} value={chosen} onChange={(event) => setChosen(event.target.value)} className={LOOK}>
          <option value="">{t("sources.none")}</option>
          {groups.map((group) => (
            <optgroup key={group} label={t(`sources.group.${group}`)}>
              {kinds.data?.filter((one) => one.group === group).map((one) => <option key={one.source} value={one.source}>{one.label}</option>)}
            </optgroup>
          ))}
        </select>
      </div>
      {kind && <Fields key={kind.source} kind={kind} busy={busy} onConnect={onConnect} />}
    </div>
  );
}

function Fields({ kind, busy, onConnect }: ConnectFormProps & { kind: SourceKind }) {
  const { t } = useTranslation();
  const [values, setValues] = useState<Record<string, string>>({});
  const [environment, setEnvironment] = useState("live");
  const place = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onConnect(kind.source, Object.fromEntries(Object.entries(values).filter(([, text]) => text !== "")), environment);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" autoComplete="off">
      <p className="text-14">{kind.summary}</p>
      <p className="text-13 text-subtle">{t(`sources.proven.${kind.proven.label}`)} {kind.proven.detail}</p>
      {kind.settings.map((setting) => (
        <Field key={setting.name} setting={setting} value={values[setting.name] ?? setting.default ?? ""} onChange={(text) => setValues({ ...values, [setting.name]: text })} />
      ))}
      {kind.environments.length > 0 && (
        <div className="flex flex-col gap-1">
          <label htmlFor={place} className="text-13 text-muted">{t("sources.environment")}</label>
          <select id={place} value={environment} onChange={(event) => setEnvironment(event.target.value)} className={LOOK}>
            {kind.environments.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </div>
      )}
      <div><Button type="submit" look="primary" disabled={busy}>{t("sources.tryAndLoad")}</Button></div>
    </form>
  );
}

function Field({ setting, value, onChange }: { setting: SourceSetting; value: string; onChange: (text: string) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const help = `${id}-help`;
  const shared = { id, value, required: setting.required && !setting.default, "aria-describedby": setting.help ? help : undefined, className: LOOK };
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-13 text-muted">{setting.label}{!setting.required && ` (${t("sources.optional")})`}</label>
      {setting.choices.length > 0
        ? <select {...shared} onChange={(event) => onChange(event.target.value)}>{setting.choices.map((one) => <option key={one} value={one}>{one}</option>)}</select>
        : <input {...shared} type={setting.secret ? "password" : "text"} autoComplete={setting.secret ? "new-password" : "off"} spellCheck={false} onChange={(event) => onChange(event.target.value)} />}
      {setting.help && <p id={help} className="text-13 text-subtle">{setting.help}</p>}
    </div>
  );
}
