import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { EVERYWHERE, type Role, useAccept } from "@/features/people/api";
import { Doorway } from "@/features/people/Doorway";
import { Field } from "@/features/people/Field";
import { post } from "@/lib/api/http";

/** What stands behind the # of a link: an invitation, or a new password. */
export default function LinkPage({ kind }: { kind: "invitation" | "password" }) {
  const { hash } = useLocation();
  const token = decodeURIComponent(hash.slice(1));
  return kind === "invitation" ? <Invitation token={token} /> : <NewPassword token={token} />;
}

interface Invited {
  email: string;
  role: Role;
  workspace: string;
}

function Invitation({ token }: { token: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const looked = useQuery({ queryKey: ["invitation", token], retry: false, queryFn: async () => (await (await post("/v1/invitations/look", { token })).json()) as Invited });
  const accept = useAccept();
  const place = looked.data?.workspace === EVERYWHERE ? t("people.everywhere") : looked.data?.workspace;
  const about = looked.data && t("people.invitation.about", { email: looked.data.email, role: t(`people.roles.${looked.data.role}`), place });
  return (
    <Doorway title={t("people.invitation.title")} about={about} action={t("people.invitation.do")} busy={accept.isPending || !looked.data} error={looked.error ?? accept.error} onSubmit={() => accept.mutate({ token, name, password }, { onSuccess: () => void navigate("/", { replace: true }) })}>
      <Field label={t("people.name")} autoComplete="name" required autoFocus value={name} onChange={(event) => setName(event.target.value)} />
      <Field label={t("people.password")} hint={t("people.passwordHint")} type="password" autoComplete="new-password" required minLength={12} value={password} onChange={(event) => setPassword(event.target.value)} />
    </Doorway>
  );
}

function NewPassword({ token }: { token: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [password, setPassword] = useState("");
  const set = useMutation({ mutationFn: () => post("/v1/password", { token, password }), onSuccess: () => void navigate("/sign-in", { replace: true }) });
  return (
    <Doorway title={t("people.newPassword.title")} about={t("people.newPassword.about")} action={t("people.newPassword.do")} busy={set.isPending} error={set.error} onSubmit={() => set.mutate()}>
      <Field label={t("people.password")} hint={t("people.passwordHint")} type="password" autoComplete="new-password" required autoFocus minLength={12} value={password} onChange={(event) => setPassword(event.target.value)} />
    </Doorway>
  );
}
