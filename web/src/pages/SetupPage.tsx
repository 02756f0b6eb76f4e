import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate } from "react-router";
import { Page } from "@/components/Page";
import FirstData from "@/features/home/FirstData";
import { useSession, useSetup } from "@/features/people/api";
import { Doorway } from "@/features/people/Doorway";
import { Field } from "@/features/people/Field";
import { useCurrentWorkspace, workspaceLabel } from "@/features/sources/workspace";

/** The first minutes of an installation: the owner's account, then the data, then a model for who wants one. */
export default function SetupPage() {
  const { t } = useTranslation();
  const { data: session } = useSession();
  const setup = useSetup();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  if (setup.isSuccess) return <Next />;
  if (session && !session.setup) return <Navigate to="/" replace />;
  return (
    <Doorway title={t("people.setup.title")} about={t("people.setup.about")} action={t("people.setup.do")} busy={setup.isPending} error={setup.error} onSubmit={() => setup.mutate({ email, name, password })}>
      <Field label={t("people.name")} autoComplete="name" required autoFocus value={name} onChange={(event) => setName(event.target.value)} />
      <Field label={t("people.email")} type="email" autoComplete="username" required value={email} onChange={(event) => setEmail(event.target.value)} />
      <Field label={t("people.password")} hint={t("people.passwordHint")} type="password" autoComplete="new-password" required minLength={12} value={password} onChange={(event) => setPassword(event.target.value)} />
    </Doorway>
  );
}

function Next() {
  const { t } = useTranslation();
  const { workspaces } = useCurrentWorkspace();
  const filled = workspaces.filter((one) => one.tables > 0);
  const way = "control inline-flex items-center rounded-control border border-edge bg-surface px-3 text-14 font-medium hover:bg-raised";
  return (
    <Page title={t("people.setup.ready")}>
      <section aria-label={t("people.setup.data")} className="flex flex-col gap-3">
        <h2 className="text-18 font-semibold">{t("people.setup.data")}</h2>
        <p className="text-14 text-muted">{filled.length ? t("people.setup.dataThere", { names: filled.map(workspaceLabel).join(", ") }) : t("people.setup.dataNone")}</p>
        {filled.length > 0 && <p><Link to="/" className={way}>{t("people.setup.ask")}</Link></p>}
        <FirstData />
      </section>
      <section aria-label={t("people.setup.people")} className="flex flex-col gap-3">
        <h2 className="text-18 font-semibold">{t("people.setup.people")}</h2>
        <p className="text-14 text-muted">{t("people.setup.peopleAbout")}</p>
        <p><Link to="/admin/members" className={way}>{t("people.setup.invite")}</Link></p>
      </section>
      <section aria-label={t("people.setup.model")} className="flex flex-col gap-2">
        <h2 className="text-18 font-semibold">{t("people.setup.model")}</h2>
        <p className="text-14 text-muted">{t("people.setup.modelAbout")}</p>
      </section>
    </Page>
  );
}
