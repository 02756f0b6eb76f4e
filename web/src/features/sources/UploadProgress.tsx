import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { formatBytes } from "@/lib/format/misc";
import { sentShares, type Upload } from "./upload";

interface UploadProgressProps {
  upload: Extract<Upload, { state: "sending" | "reading" }>;
  onCancel: () => void;
}

/** Bytes per file while sending, then the stage of reading. */
export function UploadProgress({ upload, onCancel }: UploadProgressProps) {
  const { t } = useTranslation();
  const isSending = upload.state === "sending";
  const shares = isSending ? sentShares(upload.files.map((file) => file.size), upload.sent) : upload.files.map(() => 1);
  return (
    <section aria-label={t("upload.progress")} className="rounded-card border border-line bg-surface p-4">
      <div className="mb-3 flex items-center justify-between gap-3">
        <p role="status" className="text-14 font-medium">
          {isSending ? t("upload.sending", { count: upload.files.length }) : (upload.text ?? t("upload.reading"))}
        </p>
        {isSending && <Button look="quiet" onClick={onCancel}>{t("action.cancel")}</Button>}
      </div>
      {!isSending && <progress aria-label={t("upload.reading")} max={1} value={upload.share ?? undefined} className="bar mb-3 h-2 w-full" />}
      <ul className="flex flex-col gap-2">
        {upload.files.map((file, i) => <FileLine key={`${file.name}-${i}`} file={file} share={shares[i] ?? 0} />)}
      </ul>
    </section>
  );
}

function FileLine({ file, share }: { file: File; share: number }) {
  return (
    <li className="flex items-center gap-3 text-13">
      <span className="min-w-0 grow truncate">{file.name}</span>
      <span className="shrink-0 text-subtle tabular-nums">{formatBytes(file.size)}</span>
      <progress aria-label={file.name} max={1} value={share} className="bar h-1.5 w-20 shrink-0" />
    </li>
  );
}
