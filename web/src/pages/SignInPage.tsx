import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useSearchParams } from "react-router";
import { Banner } from "@/components/Banner";
import { useSession, useSignIn } from "@/features/people/api";
import { Doorway } from "@/features/people/Doorway";
import { Field } from "@/features/people/Field";
import { ApiError } from "@/lib/api/errors";

/** A place of our own page, whatever the address says. */
const inside = (path: string | null) => (path && /^\/(?![/\\])/.test(path) ? path : "/");

/** Come in with a password, a second factor where there is one, or the sign-on of the company. */
export default function SignInPage() {
  const { t } = useTranslation();
  const [params] = useSearchParams();
  const { data: session } = useSession();
  const signIn = useSignIn();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const next = inside(params.get("next"));
  if (session?.signed_in) return <Navigate to={next} replace />;
  const wanted = signIn.error instanceof ApiError && ["second_factor_needed", "wrong_code"].includes(signIn.error.code);
  const first = signIn.error instanceof ApiError && signIn.error.code === "second_factor_needed";
  const way = session?.ways.sign_on;
  const below = way && (
    <a href={`/v1/sign-on?next=${encodeURIComponent(next)}`} className="control inline-flex items-center justify-center rounded-control border border-edge px-3 text-14 font-medium hover:bg-raised">
      {t("people.signIn.with", { name: way })}
    </a>
  );
  return (
    <Doorway title={t("people.signIn.title")} action={t("people.signIn.do")} busy={signIn.isPending} error={first ? null : signIn.error} below={below} onSubmit={() => signIn.mutate({ email, password, ...(code && { code }) })}>
      {params.get("problem") && !signIn.error && <Banner tone="bad" role="alert">{t("people.signIn.problem")}</Banner>}
      <Field label={t("people.email")} type="email" autoComplete="username" required autoFocus value={email} onChange={(event) => setEmail(event.target.value)} />
      <Field label={t("people.password")} type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />
      {wanted && <Field label={t("people.code")} hint={t("people.codeHint")} inputMode="numeric" autoComplete="one-time-code" required autoFocus value={code} onChange={(event) => setCode(event.target.value)} />}
    </Doorway>
  );
}
