import i18n from "@/lib/i18n";

/** The locale of figures and dates: the reader's own when we speak that language, else the page's language. */
export function displayLocale(): string {
  const reader = navigator.language;
  return reader.split("-")[0] === i18n.language.split("-")[0] ? reader : i18n.language;
}

export function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
