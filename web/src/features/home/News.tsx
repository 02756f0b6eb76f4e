import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useGoals } from "@/lib/api/news";
import { useIncidents } from "@/lib/api/alerts";
import { GoalLines } from "./GoalLines";
import { OpenAlerts } from "./OpenAlerts";
import { WhatChanged } from "./WhatChanged";

export interface NewsProps {
  workspace: string;
  onAsk: (question: string) => void;
}

/** What the reader would want to know before asking: what lasts, how far goals are, what changed. */
export default function News({ workspace, onAsk }: NewsProps) {
  const goals = useGoals(workspace);
  const incidents = useIncidents();
  const lasting = (incidents.data ?? []).filter((one) => one.workspace === workspace);
  const nothingWatched = goals.isSuccess && goals.data.length === 0 && incidents.isSuccess && incidents.data.length === 0;
  return (
    <>
      <OpenAlerts incidents={lasting} />
      <GoalLines goals={goals.data ?? []} onAsk={onAsk} />
      <WhatChanged workspace={workspace} onAsk={onAsk} />
      {nothingWatched && <Watch />}
    </>
  );
}

/** Where goals and alerts are set, for whom has none. */
function Watch() {
  const { t } = useTranslation();
  return (
    <p className="-mt-4 text-13 text-subtle">
      {t("home.watch")} <Link to="/digests" className="control inline-flex items-center text-accent underline">{t("home.setGoal")}</Link>
      {" · "}
      <Link to="/alerts" className="control inline-flex items-center text-accent underline">{t("home.setAlert")}</Link>
    </p>
  );
}
