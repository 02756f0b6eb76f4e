import { useTranslation } from "react-i18next";
import type { Channel } from "@/lib/api/digests";
import { useSystem } from "@/lib/api/system";

const ALL: Channel[] = ["inbox", "email", "slack", "teams", "webhook"];

interface ChannelsProps {
  channels: Channel[];
  /** Whether the workspace has webhooks that the reader may choose. */
  hooks: boolean;
  onChange: (channels: Channel[]) => void;
}

/** Where messages go, of what is set up here; the inbox has every one of them. */
export function Channels({ channels, hooks, onChange }: ChannelsProps) {
  const { t } = useTranslation();
  const { data: system } = useSystem();
  const can: Channel[] = [...(system?.channels ?? ["inbox"]), ...(hooks ? ["webhook" as const] : []), ...channels, "inbox"];
  const offered = ALL.filter((one) => can.includes(one));
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
