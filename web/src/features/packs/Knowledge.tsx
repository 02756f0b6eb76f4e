import { Trash2, Upload } from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner } from "@/components/Banner";
import { Button, IconButton } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { ApiError } from "@/lib/api/errors";
import { useAddDocuments, useKnowledge, useRemoveDocument, useSearchKnowledge } from "@/lib/api/packs";

const READERS = [["everyone", "everyone"], ["role:analyst", "analyst"], ["role:editor", "editor"], ["role:admin", "admin"]] as const;
const KINDS = ".md,.markdown,.txt,.pdf,.docx,.html,.htm,.csv";

/** What has been read: documents to add, find passages in, and take away. */
export function Knowledge({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const held = useKnowledge(workspace);
  const dropping = useRemoveDocument(workspace);
  return (
    <section aria-labelledby="knowledge" className="flex flex-col gap-3">
      <h2 id="knowledge" className="text-16 font-semibold">{t("knowledge.title")}</h2>
      <AddDocuments workspace={workspace} />
      {[held.error, dropping.error].map((error, at) => error instanceof ApiError && <Failure key={at} error={error} />)}
      {held.data?.length === 0 && <Empty title={t("knowledge.empty")} />}
      <ul className="overflow-hidden rounded-card border border-line bg-surface empty:hidden">
        {(held.data ?? []).map((one) => (
          <li key={one.id} className="flex items-center gap-3 border-t border-line px-4 py-2 first:border-t-0">
            <div className="min-w-0 grow">
              <p className="truncate">{one.title}</p>
              <p className="text-13 text-subtle">{[t("knowledge.passages", { count: one.passages }), t(one.readers.includes("everyone") ? "knowledge.forEveryone" : "knowledge.forSome"), one.licence].filter(Boolean).join(" · ")}</p>
            </div>
            {one.kind === "document" && <IconButton label={t("knowledge.removeThis", { title: one.title })} disabled={dropping.isPending} onClick={() => dropping.mutate(one.id)}><Trash2 aria-hidden className="size-4" /></IconButton>}
          </li>
        ))}
      </ul>
      {(held.data?.length ?? 0) > 0 && <Search workspace={workspace} />}
    </section>
  );
}

function AddDocuments({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [reader, setReader] = useState("everyone");
  const adding = useAddDocuments(workspace);
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <input ref={input} type="file" multiple accept={KINDS} aria-label={t("knowledge.files")} className="sr-only" tabIndex={-1} onChange={(event) => {
          adding.mutate({ files: [...(event.target.files ?? [])], reader });
          event.target.value = "";
        }} />
        <Button icon={<Upload aria-hidden className="size-4" />} disabled={adding.isPending} onClick={() => input.current?.click()}>{t(adding.isPending ? "knowledge.reading" : "knowledge.add")}</Button>
        <label className="flex items-center gap-2 text-14 text-muted">
          {t("knowledge.readers")}
          <select value={reader} onChange={(event) => setReader(event.target.value)} className="control rounded-control border border-edge bg-surface px-2 text-14 text-text">
            {READERS.map(([value, name]) => <option key={value} value={value}>{t(`knowledge.who.${name}`)}</option>)}
          </select>
        </label>
        <span className="text-13 text-subtle">{t("knowledge.kinds")}</span>
      </div>
      <span role="status" className="sr-only">{adding.isPending ? t("knowledge.reading") : ""}</span>
      {adding.error instanceof ApiError && <Failure error={adding.error} />}
      {adding.data?.problems.map((problem) => (
        <Banner key={problem.file} tone="bad" role="alert">
          <p className="font-medium">{problem.reason}</p>
          {problem.hint && <p className="text-muted">{problem.hint}</p>}
        </Banner>
      ))}
    </>
  );
}

function Search({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [query, setQuery] = useState("");
  const found = useSearchKnowledge(workspace, query);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setQuery(text.trim());
  };
  return (
    <div className="flex flex-col gap-3">
      <form role="search" onSubmit={submit} className="flex gap-2">
        <input type="search" value={text} onChange={(event) => setText(event.target.value)} aria-label={t("knowledge.search")} placeholder={t("knowledge.search")} className="control min-w-0 grow rounded-control border border-edge bg-surface px-3 text-14" />
        <Button type="submit">{t("knowledge.find")}</Button>
      </form>
      {found.error instanceof ApiError && <Failure error={found.error} />}
      {found.data?.items.length === 0 && <p className="text-14 text-muted">{t("knowledge.nothing")}</p>}
      <ol className="flex flex-col gap-3">
        {(found.data?.items ?? []).map((one) => (
          <li key={one.id} className="rounded-card border border-line bg-surface px-4 py-3">
            <p className="font-medium">{one.passage.title} <span className="font-normal text-subtle">{one.document.title}</span></p>
            <p className="mt-1 line-clamp-4 max-w-[70ch] text-14 wrap-anywhere">{one.passage.text}</p>
          </li>
        ))}
      </ol>
      {found.data?.note && <p className="text-13 text-subtle">{found.data.note}</p>}
    </div>
  );
}
