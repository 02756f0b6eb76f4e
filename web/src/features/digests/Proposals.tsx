import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Select } from "@/features/people/Field";
import { type Proposal, useProposals } from "@/lib/api/digests";

/** Digests that the installed packs propose, to begin with; all of it may be changed afterwards. */
export function Proposals({ workspace, onChoose }: { workspace: string; onChoose: (proposal: Proposal) => void }) {
  const { t } = useTranslation();
  const { data = [] } = useProposals(workspace);
  const [chosen, setChosen] = useState("");
  if (data.length === 0) return null;
  const choose = (id: string) => {
    setChosen(id);
    const found = data.find((one) => one.id === id);
    if (found) onChoose(found);
  };
  const options = [{ value: "", label: t("tell.beginOwn") }, ...data.map(({ id, name }) => ({ value: id, label: name }))];
  return <Select label={t("tell.beginWith")} value={chosen} onChange={choose} options={options} />;
}
