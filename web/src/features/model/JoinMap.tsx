import { useId, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { SemanticModel } from "@/gen/wire";
import { type Box, layOut, type Line } from "./joins";

/** How the tables hang together: what counts on the left, what it belongs to on the right. */
export function JoinMap({ model }: { model: SemanticModel }) {
  const { t } = useTranslation();
  const id = useId();
  const { boxes, lines, width, height } = useMemo(() => layOut(model), [model]);
  if (lines.length === 0) return null;
  return (
    <section aria-labelledby={id} className="flex flex-col gap-3">
      <h2 id={id} className="text-16 font-semibold">{t("model.joins")}</h2>
      <div role="region" tabIndex={0} aria-label={t("model.joins")} className="overflow-x-auto rounded-card border border-line bg-surface p-3">
        <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t("model.joinsAlt", { count: lines.length })} className="mx-auto h-auto w-full" style={{ minWidth: Math.min(width, 560), maxWidth: width }}>
          {lines.map((line) => <JoinLine key={line.key} line={line} />)}
          {boxes.map((box) => <TableBox key={box.name} box={box} />)}
        </svg>
      </div>
      <details className="text-14">
        <summary className="control rounded-control py-2 text-muted hover:text-text">{t("model.joinsList")}</summary>
        <ul className="flex flex-col gap-1 ps-4">
          {lines.map((line) => <li key={line.key} className="wrap-anywhere">{t("model.join", { from: line.from, to: line.to, by: line.by })}</li>)}
        </ul>
      </details>
    </section>
  );
}

function JoinLine({ line }: { line: Line }) {
  const middle = (line.x1 + line.x2) / 2;
  return (
    <path d={`M ${line.x1} ${line.y1} C ${middle} ${line.y1}, ${middle} ${line.y2}, ${line.x2} ${line.y2}`} fill="none" stroke="var(--edge)" strokeWidth={1.5}>
      <title>{`${line.from} → ${line.to}: ${line.by}`}</title>
    </path>
  );
}

const LONGEST = 20;

function TableBox({ box }: { box: Box }) {
  const name = box.label.length > LONGEST ? `${box.label.slice(0, LONGEST - 1)}…` : box.label;
  return (
    <g>
      <rect x={box.x} y={box.y} width={box.width} height={box.height} rx={8} fill={box.counts ? "var(--accent-soft)" : "var(--surface)"} stroke={box.counts ? "var(--accent)" : "var(--edge)"} />
      <text x={box.x + box.width / 2} y={box.y + box.height / 2} textAnchor="middle" dominantBaseline="central" fontSize={13} fill="var(--text)">{name}<title>{box.label}</title></text>
    </g>
  );
}
