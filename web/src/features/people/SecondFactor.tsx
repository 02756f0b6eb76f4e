import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { ApiError } from "@/lib/api/errors";
import { post } from "@/lib/api/http";
import { Field, Part } from "./Field";

interface Begun {
  secret: string;
  picture: string;
}

/** A code of an app besides the password. */
export function SecondFactor({ on }: { on: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const anew = () => client.invalidateQueries({ queryKey: ["session"] });
  const begin = useMutation({ mutationFn: async () => (await (await post("/v1/me/second-factor", { password })).json()) as Begun });
  const confirm = useMutation({ mutationFn: async () => (await (await post("/v1/me/second-factor/confirm", { code })).json()) as { codes: string[] }, onSuccess: anew });
  const off = useMutation({ mutationFn: () => post("/v1/me/second-factor/off", { password }), onSuccess: anew });
  const failed = [begin.error, confirm.error, off.error].find((error) => error instanceof ApiError);
  return (
    <Part title={t("people.second.title")} about={on ? t("people.second.on") : t("people.second.about")}>
      {!begin.data && (
        <form
          className="flex flex-col items-start gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (on) off.mutate();
            else begin.mutate();
          }}
        >
          <Field label={t("people.password")} type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />
          <Button type="submit">{on ? t("people.second.turnOff") : t("people.second.turnOn")}</Button>
        </form>
      )}
      {begin.data && !confirm.data && (
        <form
          className="flex flex-col items-start gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            confirm.mutate();
          }}
        >
          <img src={begin.data.picture} alt={t("people.second.picture")} className="rounded-control border border-line bg-white p-2" />
          <p className="text-13 text-subtle">{t("people.second.orType")} <span className="font-mono break-all">{begin.data.secret}</span></p>
          <Field label={t("people.code")} inputMode="numeric" autoComplete="one-time-code" required value={code} onChange={(event) => setCode(event.target.value)} />
          <Button type="submit" look="primary">{t("people.second.confirm")}</Button>
        </form>
      )}
      {confirm.data && (
        <div role="status" className="flex flex-col gap-2">
          <p className="text-14 font-medium">{t("people.second.paper")}</p>
          <ul className="grid grid-cols-2 gap-1 font-mono text-13">{confirm.data.codes.map((one) => <li key={one}>{one}</li>)}</ul>
        </div>
      )}
      {failed instanceof ApiError && <Failure error={failed} />}
    </Part>
  );
}
