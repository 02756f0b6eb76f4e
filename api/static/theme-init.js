// Runs before the first paint, so that a chosen theme or language never flashes the other one, and asks for what every
// page needs while its code is still on the way.
try {
  const theme = localStorage.getItem("plainsay.theme");
  if (theme && ["light", "dark", "hc-light", "hc-dark"].includes(theme)) document.documentElement.dataset.theme = theme;
  const language = localStorage.getItem("plainsay.language");
  if (language === "de") document.documentElement.lang = language;
} catch {
  // storage is switched off: the system theme and the browser's language apply
}
globalThis.plainsayEarly = Object.fromEntries(
  ["/v1/session", "/v1/workspaces"].map((path) => [path, fetch(path, { headers: { accept: "application/json" } }).catch(() => null)]),
);
// What nobody has used by then may have changed.
setTimeout(() => delete globalThis.plainsayEarly, 10_000);
