import { useTranslation } from "react-i18next";
import type { Channel } from "@/lib/api/digests";

interface ChannelsProps {
  channels: Channel[];
  /** Whether the workspace has webhooks that the reader may choose. */
  hooks: boolean;
  onChange: (channels: Channel[]) => void;
}

/** Where messages go; the inbox has every one of them. */
export function Channels({ channels, hooks, onChange }: ChannelsProps) {
  const { t } = useTranslation();
  const offered: Channel[] = ["inbox", "email", ...(hooks || channels.includes("webhook") ? ["webhook" as const] : [])];
  const toggle = (channel: Channel) => onChange(channels.includes(channel) ? channels.filter((one) => one !== channel) : [...channels, channel]);
  return (
    <div className="flex flex-wrap gap-x-5 gap-y-1">
      {offered.map((channel) => (
        <label key={channel} className="control flex items-center gap-2 text-14">
          <input type="checkbox" checked={channel === "inbox" || channels.includes(channel)} disabled={channel === "inbox"} onChange={() => toggle(channel)} className="size-4 accent-accent" />
          {t(`tell.channel.${channel}`)}
        </label>
      ))}
    </div>
  );
}
