import { CircleCheck, CircleX } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { Page } from "@/components/Page";
import { Skeleton } from "@/components/Skeleton";
import { ModelTrial } from "@/features/people/ModelTrial";
import { useMay } from "@/features/people/rights";
import { canListen } from "@/features/voice/speech";
import { ApiError } from "@/lib/api/errors";
import { type System, useSystem } from "@/lib/api/system";
import { chooseLanguage, type Language, LANGUAGES } from "@/lib/i18n";
import { forgetKept } from "@/lib/kept";
import { readSetting, writeSetting } from "@/lib/storage";
import { type ThemeChoice, THEMES, useThemeChoice } from "@/lib/theme";

/** How the page looks and speaks in this browser, and how the installation is doing. */
export default function SettingsPage() {
  const { t, i18n } = useTranslation();
  const [theme, chooseTheme] = useThemeChoice();
  return (
    <Page title={t("settings.title")}>
      <Group title={t("settings.look")}>
        <Choice legend={t("theme.title")} value={theme} options={THEMES.map((value) => [value, t(`theme.${value}`)])} onChoose={(value) => chooseTheme(value as ThemeChoice)} />
        <Choice legend={t("settings.language")} value={i18n.language} options={Object.entries(LANGUAGES)} onChoose={(value) => void chooseLanguage(value as Language)} />
        <p className="text-13 text-subtle">{t("settings.languageNote")}</p>
      </Group>
      <Group title={t("settings.browser")}>
        {canListen() && <VoiceSetting />}
        <OfflineSetting />
      </Group>
      <Group title={t("settings.system")}>
        <Health />
        <Running />
        <ModelTrial />
      </Group>
    </Page>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-4">
      <h2 className="text-16 font-semibold">{title}</h2>
      {children}
    </section>
  );
}

interface ChoiceProps {
  legend: string;
  value: string;
  options: [string, string][];
  onChoose: (value: string) => void;
}

function Choice({ legend, value, options, onChoose }: ChoiceProps) {
  return (
    <fieldset>
      <legend className="mb-2 text-14 text-muted">{legend}</legend>
      <div className="flex flex-wrap gap-2">
        {options.map(([name, label]) => (
          <label key={name} className="control flex cursor-pointer items-center rounded-full border border-edge bg-surface px-4 text-14 has-checked:border-accent has-checked:bg-accent-soft has-checked:font-medium has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
            <input type="radio" name={legend} checked={name === value} onChange={() => onChoose(name)} className="sr-only" />
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function VoiceSetting() {
  const { t } = useTranslation();
  const [allowed, setAllowed] = useState(readSetting("voice") !== null);
  const change = (next: boolean) => {
    writeSetting("voice", next ? "yes" : null);
    setAllowed(next);
  };
  return (
    <label className="control flex cursor-pointer items-center gap-3 text-14">
      <input type="checkbox" checked={allowed} onChange={(event) => change(event.target.checked)} className="size-4 accent-(--accent)" />
      <span>{t("settings.voice")}<span className="block text-13 text-subtle">{t("voice.consent")}</span></span>
    </label>
  );
}

function OfflineSetting() {
  const { t } = useTranslation();
  const [gone, setGone] = useState(false);
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 text-14">
      <p className="min-w-0 grow basis-64">{t("settings.kept")}<span className="block text-13 text-subtle">{t("settings.keptWhy")}</span></p>
      <Button onClick={() => void forgetKept().then(() => setGone(true))}>{t(gone ? "settings.forgotten" : "settings.forget")}</Button>
    </div>
  );
}

/** The ways to what else who runs the installation looks after. */
function Running() {
  const { t } = useTranslation();
  const may = useMay(null);
  if (!may("operate")) return null;
  return (
    <p className="flex flex-wrap gap-x-6 gap-y-1 text-14">
      <Link to="/admin/model" className="text-accent underline">{t("people.model.title")}</Link>
      <Link to="/admin/usage" className="text-accent underline">{t("people.usage.title")}</Link>
      <Link to="/admin/persons" className="text-accent underline">{t("people.persons.title")}</Link>
      <Link to="/admin/audit" className="text-accent underline">{t("people.audit.title")}</Link>
    </p>
  );
}

function Health() {
  const query = useSystem();
  if (query.isPending) return <Skeleton lines={3} />;
  if (query.error instanceof ApiError) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  return query.data ? <Facts system={query.data} /> : null;
}

function Facts({ system }: { system: System }) {
  const { t, i18n } = useTranslation();
  const named = (name: string) => (i18n.exists(`settings.check.${name}`) ? t(`settings.check.${name as "state"}`) : name);
  return (
    <dl className="rounded-card border border-line bg-surface text-14 *:flex *:items-center *:justify-between *:gap-4 *:border-t *:border-line *:px-4 *:py-2.5 *:first:border-t-0">
      {Object.entries(system.checks).map(([name, good]) => (
        <div key={name}>
          <dt className="text-muted">{named(name)}</dt>
          <dd className="flex items-center gap-2">
            {good ? <CircleCheck aria-hidden className="size-4 text-ok" /> : <CircleX aria-hidden className="size-4 text-bad" />}
            {t(good ? "settings.works" : "settings.fails")}
          </dd>
        </div>
      ))}
      <div><dt className="text-muted">{t("settings.model")}</dt><dd className="wrap-anywhere">{system.model ?? t("settings.noModel")}</dd></div>
      <div><dt className="text-muted">{t("settings.version")}</dt><dd>{system.version}</dd></div>
    </dl>
  );
}
