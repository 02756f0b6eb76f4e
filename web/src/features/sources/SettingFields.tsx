import { useId } from "react";
import { useTranslation } from "react-i18next";
import { FIELD } from "@/features/people/Field";
import type { SourceSetting } from "./sources";

interface SettingFieldsProps {
  settings: SourceSetting[];
  values: Record<string, string>;
  /** Names of settings that have a value already: they may stay empty, which leaves them as they are. */
  kept?: string[];
  onChange: (values: Record<string, string>) => void;
}

/** The fields that a connector's manifest asks for. Secrets are typed blind, sent once, and never come back. */
export function SettingFields({ settings, values, kept = [], onChange }: SettingFieldsProps) {
  return settings.map((setting) => (
    <SettingField key={setting.name} setting={setting} kept={kept.includes(setting.name)} value={values[setting.name] ?? (kept.includes(setting.name) ? "" : (setting.default ?? ""))} onChange={(text) => onChange({ ...values, [setting.name]: text })} />
  ));
}

interface SettingFieldProps {
  setting: SourceSetting;
  kept: boolean;
  value: string;
  onChange: (text: string) => void;
}

function SettingField({ setting, kept, value, onChange }: SettingFieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const help = `${id}-help`;
  const shared = { id, value, required: setting.required && !setting.default && !kept, "aria-describedby": setting.help ? help : undefined, className: FIELD };
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-13 font-medium">{setting.label}{!setting.required && ` (${t("sources.optional")})`}</label>
      {setting.choices.length > 0
        ? <select {...shared} onChange={(event) => onChange(event.target.value)}>{setting.choices.map((one) => <option key={one} value={one}>{one}</option>)}</select>
        : <input {...shared} type={setting.secret ? "password" : "text"} placeholder={kept && setting.secret ? t("sources.secretKept") : undefined} autoComplete={setting.secret ? "new-password" : "off"} spellCheck={false} onChange={(event) => onChange(event.target.value)} />}
      {setting.help && <p id={help} className="text-13 text-subtle">{setting.help}</p>}
    </div>
  );
}
