// Runs before the first paint, so that a chosen theme or language never flashes the other one.
try {
  const theme = localStorage.getItem("plainsay.theme");
  if (theme && ["light", "dark", "hc-light", "hc-dark"].includes(theme)) document.documentElement.dataset.theme = theme;
  const language = localStorage.getItem("plainsay.language");
  if (language === "de") document.documentElement.lang = language;
} catch {
  // storage is switched off: the system theme and the browser's language apply
}
