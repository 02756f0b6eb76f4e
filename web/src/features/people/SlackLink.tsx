import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { ApiError } from "@/lib/api/errors";
import { post, remove } from "@/lib/api/http";
import { Field, Part } from "./Field";

/** Being a Slack user, by the code that `/plainsay link` told there. */
export function SlackLink() {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const link = useMutation({ mutationFn: () => post("/v1/me/slack", { code }), onSuccess: () => setCode("") });
  const unlink = useMutation({ mutationFn: () => remove("/v1/me/slack") });
  const failed = [link.error, unlink.error].find((error) => error instanceof ApiError);
  return (
    <Part title={t("people.slack.title")} about={t("people.slack.about")}>
      <form
        className="flex flex-col items-start gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          link.mutate();
        }}
      >
        <Field label={t("people.slack.code")} autoComplete="off" required value={code} onChange={(event) => setCode(event.target.value)} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" disabled={link.isPending}>{t("people.slack.link")}</Button>
          <Button type="button" disabled={unlink.isPending} onClick={() => unlink.mutate()}>{t("people.slack.unlink")}</Button>
        </div>
      </form>
      {(link.isSuccess || unlink.isSuccess) && <p role="status" className="text-14 text-ok">{t("people.saved")}</p>}
      {failed instanceof ApiError && <Failure error={failed} />}
    </Part>
  );
}
