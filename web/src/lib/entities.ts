// Names of characters in what others wrote ("R&amp;D"). The library's own way sets innerHTML, which the page's policy
// refuses and which would take the whole answer down; so the few names that occur are here, and others stay as written.
const NAMES: Record<string, string> = {
  amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", ndash: "–", mdash: "—", hellip: "…", copy: "©", reg: "®",
  trade: "™", deg: "°", euro: "€", pound: "£", yen: "¥", cent: "¢", times: "×", middot: "·", bull: "•", lsquo: "‘", rsquo: "’",
  ldquo: "“", rdquo: "”", laquo: "«", raquo: "»", sect: "§", plusmn: "±", frac12: "½", auml: "ä", ouml: "ö", uuml: "ü",
  Auml: "Ä", Ouml: "Ö", Uuml: "Ü", szlig: "ß", eacute: "é", egrave: "è", agrave: "à", ccedil: "ç", ntilde: "ñ",
};

/** The character of a name, or false for a name that stays text. Stands in for a module of the same export. */
export function decodeNamedCharacterReference(name: string): string | false {
  return Object.hasOwn(NAMES, name) ? NAMES[name]! : false;
}
