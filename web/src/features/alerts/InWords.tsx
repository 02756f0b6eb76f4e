import { MessageSquareText } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner } from "@/components/Banner";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { Field } from "@/features/people/Field";
import { type Rule, useReadAlert } from "@/lib/api/alerts";
import { ApiError } from "@/lib/api/errors";

interface InWordsProps {
  workspace: string;
  onRule: (rule: Rule) => void;
}

/** What to be told of, in one's own words; read as a rule and said back before anything is made. */
export function InWords({ workspace, onRule }: InWordsProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const read = useReadAlert(workspace);
  const found = read.data;
  return (
    <form
      aria-label={t("alert.words.title")}
      className="flex flex-col gap-3 rounded-card border border-line bg-surface p-4"
      onSubmit={(event) => {
        event.preventDefault();
        read.mutate(text);
      }}
    >
      <div className="grid items-end gap-3 sm:grid-cols-[1fr_auto]">
        <Field label={t("alert.words.title")} required maxLength={1000} placeholder={t("alert.words.example")} value={text} onChange={(event) => setText(event.target.value)} />
        <Button type="submit" look="primary" disabled={read.isPending} icon={<MessageSquareText aria-hidden className="size-4" />}>{t(read.isPending ? "alert.trying" : "alert.words.read")}</Button>
      </div>
      {read.error instanceof ApiError && <Failure error={read.error} />}
      {found?.rule && <Banner tone="info" role="status" action={<Button onClick={() => found.rule && onRule(found.rule)}>{t("alert.words.go")}</Button>}>{found.says}</Banner>}
      {found && !found.rule && (
        <Banner tone="warn" role="status">
          <p>{found.says || t("alert.words.notUnderstood")}</p>
          {found.options.length > 0 && <ul className="mt-1 flex flex-wrap gap-2">{found.options.map((one) => <li key={one}><Button onClick={() => { setText(one); read.mutate(one); }}>{one}</Button></li>)}</ul>}
        </Banner>
      )}
    </form>
  );
}
