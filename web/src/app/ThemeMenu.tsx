import { Monitor, Moon, Sun } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ChoiceMenu } from "@/components/Menu";
import { type ThemeChoice, useThemeChoice } from "@/lib/theme";

const ICONS = { system: Monitor, light: Sun, dark: Moon };
const CHOICES = ["system", "light", "dark"] as const;

export function ThemeMenu() {
  const { t } = useTranslation();
  const [choice, choose] = useThemeChoice();
  const Icon = ICONS[choice];
  return (
    <ChoiceMenu
      label={t("theme.label", { name: t(`theme.${choice}`) })}
      value={choice}
      choices={CHOICES.map((value) => ({ value, label: t(`theme.${value}`) }))}
      onChoose={(value) => choose(value as ThemeChoice)}
      showChevron={false}
      className="icon-control inline-flex items-center justify-center gap-2 rounded-control px-2 text-14 text-muted hover:bg-raised hover:text-text lg:justify-start"
    >
      <Icon aria-hidden className="size-4" />
      <span className="hidden lg:inline">{t("theme.title")}</span>
    </ChoiceMenu>
  );
}
