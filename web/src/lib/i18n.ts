import i18n from "i18next";
import { initReactI18next } from "react-i18next";
import en from "@/locales/en.json";
import { readSetting, writeSetting } from "./storage";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

/** Each language by its own name. Others than English are fetched when chosen. */
export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

const RIGHT_TO_LEFT = /^(ar|he|fa|ur)\b/;

void i18n.use(initReactI18next).init({
  resources: { en: { translation: en } },
  lng: "en",
  fallbackLng: "en",
  interpolation: { escapeValue: false },
});

async function speak(language: Language): Promise<void> {
  if (language === "de" && !i18n.hasResourceBundle("de", "translation")) {
    i18n.addResourceBundle("de", "translation", (await import("@/locales/de.json")).default);
  }
  await i18n.changeLanguage(language);
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.test(language) ? "rtl" : "ltr";
}

/** Resolves when the page can speak the reader's chosen language. Questions and answers are English in any of them. */
export function languageReady(): Promise<void> {
  const chosen = readSetting("language");
  return chosen !== null && chosen !== "en" && chosen in LANGUAGES ? speak(chosen as Language).catch(() => undefined) : Promise.resolve();
}

export function chooseLanguage(language: Language): Promise<void> {
  writeSetting("language", language === "en" ? null : language);
  return speak(language);
}

export default i18n;
