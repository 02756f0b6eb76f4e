import { useMediaQuery } from "@/lib/hooks";
import { useThemeChoice } from "@/lib/theme";
import type chartThemes from "@/theme/chart-theme.json";

export type ChartTheme = keyof typeof chartThemes;

/** The chart theme that matches what the page looks like now. */
export function useChartTheme(): ChartTheme {
  const [choice] = useThemeChoice();
  const systemDark = useMediaQuery("(prefers-color-scheme: dark)");
  const moreContrast = useMediaQuery("(prefers-contrast: more)");
  const forced = useMediaQuery("(forced-colors: active)");
  if (choice.startsWith("hc-") && !forced) return choice as ChartTheme;
  const shade = choice === "dark" || ((choice === "system" || forced) && systemDark) ? "dark" : "light";
  return moreContrast || forced ? `hc-${shade}` : shade;
}
