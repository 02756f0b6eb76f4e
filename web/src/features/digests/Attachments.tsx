import { useTranslation } from "react-i18next";
import type { Attached } from "@/lib/api/digests";

const FILES: Attached[] = ["pdf", "xlsx"];

/** Files that come along where a message can carry them. */
export function Attachments({ attach, onChange }: { attach: Attached[]; onChange: (attach: Attached[]) => void }) {
  const { t } = useTranslation();
  const toggle = (file: Attached) => onChange(attach.includes(file) ? attach.filter((one) => one !== file) : [...attach, file]);
  return (
    <fieldset className="flex min-w-0 flex-wrap gap-x-5 gap-y-1">
      <legend className="mb-1 text-14 font-medium">{t("tell.attach.title")}</legend>
      {FILES.map((file) => (
        <label key={file} className="control flex items-center gap-2 text-14">
          <input type="checkbox" checked={attach.includes(file)} onChange={() => toggle(file)} className="size-4 accent-accent" />
          {t(`tell.attach.${file}`)}
        </label>
      ))}
    </fieldset>
  );
}
