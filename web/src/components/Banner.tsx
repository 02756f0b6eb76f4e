import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "./cx";

const TONES = {
  info: { look: "bg-accent-soft text-text", tint: "text-accent", Icon: Info },
  warn: { look: "bg-warn-soft text-text", tint: "text-warn", Icon: TriangleAlert },
  bad: { look: "bg-bad-soft text-text", tint: "text-bad", Icon: CircleAlert },
} as const;

interface BannerProps {
  tone: keyof typeof TONES;
  children: ReactNode;
  action?: ReactNode;
  role?: "alert" | "status";
}

export function Banner({ tone, children, action, role }: BannerProps) {
  const { look, tint, Icon } = TONES[tone];
  return (
    <div role={role} className={cx("flex flex-wrap items-start gap-x-3 gap-y-2 rounded-control border border-line px-3 py-2 text-14", look)}>
      <Icon aria-hidden className={cx("mt-0.5 size-4 shrink-0", tint)} />
      <div className="min-w-0 grow basis-48 wrap-anywhere">{children}</div>
      {action}
    </div>
  );
}
