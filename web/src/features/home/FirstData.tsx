import { useQueryClient } from "@tanstack/react-query";
import { FileUp, FlaskConical, Plug } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { useMay } from "@/features/people/rights";
import { followJob } from "@/features/sources/upload";
import { chooseWorkspace } from "@/features/sources/workspace";
import { ApiError } from "@/lib/api/errors";
import { post } from "@/lib/api/http";
import type { Job } from "@/lib/api/types";

const INDUSTRIES = ["retail", "restaurant", "automotive", "healthcare", "financial"] as const;
const WAY = "control inline-flex items-center justify-center rounded-control border border-edge bg-surface px-3 text-14 font-medium hover:bg-raised";

/** Three ways to have something to ask: own files, a connected source, or a demo to look around in. */
export default function FirstData() {
  const { t } = useTranslation();
  const may = useMay(null);
  return (
    <ul className="flex flex-col gap-3">
      <Way icon={<FileUp aria-hidden className="size-5" />} title={t("first.files")} about={t("first.filesAbout")}><Link to="/data" className={WAY}>{t("home.addData")}</Link></Way>
      <Way icon={<Plug aria-hidden className="size-5" />} title={t("first.source")} about={t("first.sourceAbout")}><Link to="/data/sources" className={WAY}>{t("first.connect")}</Link></Way>
      {may("workspaces") && <Way icon={<FlaskConical aria-hidden className="size-5" />} title={t("first.demo")} about={t("first.demoAbout")}><Demo /></Way>}
    </ul>
  );
}

interface WayProps {
  icon: ReactNode;
  title: string;
  about: string;
  children: ReactNode;
}

function Way({ icon, title, about, children }: WayProps) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-card border border-line bg-surface p-4">
      <span className="text-subtle">{icon}</span>
      <span className="min-w-0 grow basis-60">
        <span className="block font-medium">{title}</span>
        <span className="block text-14 text-muted">{about}</span>
      </span>
      <span className="flex min-w-0 flex-wrap items-center gap-2">{children}</span>
    </li>
  );
}

function Demo() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const id = useId();
  const [industry, setIndustry] = useState<string>(INDUSTRIES[0]);
  const [job, setJob] = useState<Job["progress"] | "begun" | null>(null);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const make = async () => {
    setFailure(null);
    setJob("begun");
    try {
      const made = (await (await post("/v1/workspaces/demo", { industry })).json()) as { workspace: string; job_id: string | null };
      if (made.job_id) await followJob(made.job_id, (going) => setJob(going.progress ?? "begun"));
      chooseWorkspace(made.workspace);
      await client.invalidateQueries({ queryKey: ["workspaces"] });
      void navigate("/");
    } catch (error) {
      setFailure(error instanceof ApiError ? error : new ApiError(0, "page", ""));
    } finally {
      setJob(null);
    }
  };
  if (job) {
    const { text = null, share = null } = job === "begun" ? {} : job;
    return (
      <span className="flex w-56 flex-col gap-1">
        <span role="status" className="truncate text-13 text-muted">{text || t("first.making")}</span>
        <progress aria-label={t("first.making")} max={1} value={share ?? undefined} className="bar h-2 w-full" />
      </span>
    );
  }
  return (
    <>
      <label htmlFor={id} className="sr-only">{t("first.industry")}</label>
      <select id={id} value={industry} onChange={(event) => setIndustry(event.target.value)} className="control rounded-control border border-edge bg-surface px-2 text-14">
        {INDUSTRIES.map((one) => <option key={one} value={one}>{t(`first.industries.${one}`)}</option>)}
      </select>
      <Button onClick={() => void make()}>{t("first.make")}</Button>
      {failure && <Failure error={failure} />}
    </>
  );
}
