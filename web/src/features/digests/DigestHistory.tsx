import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Skeleton } from "@/components/Skeleton";
import { type Delivery, useDigestHistory } from "@/lib/api/digests";
import { formatDay } from "@/lib/format/misc";

/** What a digest said, newest first, and how each channel took it. */
export function DigestHistory({ digest }: { digest: string }) {
  const { t } = useTranslation();
  const { data } = useDigestHistory(digest);
  if (!data) return <Skeleton lines={3} />;
  if (data.length === 0) return <p className="text-13 text-muted">{t("tell.noHistory")}</p>;
  return (
    <ul aria-label={t("tell.history")} className="border-t border-line">
      {data.map((one) => (
        <li key={one.id} className="border-t border-line py-2 text-14 first:border-t-0">
          {one.state === "sent" ? <Link to={`/inbox/${one.id}`} className="wrap-anywhere hover:text-accent">{one.headline}</Link> : <span className="text-muted">{t("tell.heldBack")}</span>}
          <span className="block text-13 text-subtle wrap-anywhere">{[formatDay(new Date(one.created_at)), ...one.deliveries.map((way) => wayWords(way, t))].join(" · ")}</span>
        </li>
      ))}
    </ul>
  );
}

const STATES = ["waiting", "sending", "sent", "dead", "unknown"] as const;

function wayWords({ channel, state, note }: Delivery, t: TFunction): string {
  const known = STATES.find((one) => one === state);
  const name = channel === "email" || channel === "webhook" ? t(`tell.channel.${channel}`) : channel;
  return [`${name}: ${known ? t(`tell.delivery.${known}`) : state}`, state === "dead" ? note : null].filter(Boolean).join(", ");
}
