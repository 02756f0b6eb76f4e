import { Check, Link2 } from "lucide-react";
import { Dialog } from "radix-ui";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { useShare, useSharing } from "@/lib/api/answers";
import { ApiError } from "@/lib/api/errors";

interface ShareDialogProps {
  thread: string;
  onClose: () => void;
}

/** A link under which others of the house may read a conversation, each with rights of their own. */
export function ShareDialog({ thread, onClose }: ShareDialogProps) {
  const { t } = useTranslation();
  const share = useShare(thread, true);
  const sharing = useSharing(thread);
  const [copied, setCopied] = useState(false);
  // The menu that opened it is no trigger of the dialog's own, so the dialog would leave the focus nowhere.
  const [opener] = useState(() => document.activeElement);
  const giveBack = (event: Event) => {
    event.preventDefault();
    if (opener instanceof HTMLElement) opener.focus({ preventScroll: true });
  };
  const link = share.data ? new URL(`/s/${share.data}`, location.href).href : null;
  const copy = async () => {
    await navigator.clipboard.writeText(link ?? "");
    setCopied(true);
  };
  const error = share.error ?? sharing.error;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fade-in fixed inset-0 z-40 bg-black/50" />
        <Dialog.Content onCloseAutoFocus={giveBack} className="fade-in fixed inset-x-4 top-1/2 z-50 mx-auto flex max-w-md -translate-y-1/2 flex-col gap-3 rounded-card border border-edge bg-surface p-5 outline-none">
          <Dialog.Title className="text-16 font-semibold">{t("share.title")}</Dialog.Title>
          <Dialog.Description className="text-14 text-muted">{t("share.what")}</Dialog.Description>
          {error instanceof ApiError && <Failure error={error} />}
          {link && (
            <div className="flex gap-2">
              <input readOnly aria-label={t("share.link")} value={link} onFocus={(event) => event.target.select()} className="control min-w-0 grow rounded-control border border-edge bg-canvas px-3 text-14" />
              {navigator.clipboard && <Button icon={copied ? <Check aria-hidden className="size-4" /> : <Link2 aria-hidden className="size-4" />} onClick={() => void copy()}>{t(copied ? "copy.done" : "share.copy")}</Button>}
            </div>
          )}
          <div className="flex flex-wrap gap-2">
            {link
              ? <Button disabled={sharing.isPending} onClick={() => sharing.mutate(false)}>{t("share.takeBack")}</Button>
              : <Button look="primary" disabled={share.isPending || sharing.isPending} onClick={() => sharing.mutate(true)}>{t("share.make")}</Button>}
            <Button look="quiet" onClick={onClose}>{t("action.close")}</Button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
