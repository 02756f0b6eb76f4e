/* Plainsay tracker: page, track, identify. Configure: <script async src=".../v1/tracker.js" data-key="wk-..."></script> */
(function (w, d) {
  "use strict";
  var me = d.currentScript || {}, set = me.dataset || {}, early = w.plainsay && w.plainsay.q || [];
  var url = set.url || (me.src ? new URL("events", me.src).href : ""), key = set.key || "";
  var asked = set.consent === "ask", store = safe(function () { return w.localStorage; }), P = "plainsay.";
  var MOST = 1000, BATCH = 50, queue = [], timer, busy, wait = 0, memory = {};

  function safe(f) { try { return f(); } catch (e) { return null; } }
  function get(k) { return store ? safe(function () { return store.getItem(P + k); }) : memory[k]; }
  function put(k, v) {
    memory[k] = v;
    if (store) safe(function () { v === null ? store.removeItem(P + k) : store.setItem(P + k, v); });
  }
  function id() {
    return w.crypto && crypto.randomUUID ? crypto.randomUUID()
      : "xxxxxxxxxxxxxxxx".replace(/x/g, function () { return (Math.random() * 36 | 0).toString(36); }) + Date.now();
  }
  function allowed() {
    var said = get("consent");
    return said === "no" ? false : said === "yes" || !asked;
  }
  function who() {
    var anonymous = get("anon");
    if (!anonymous) put("anon", anonymous = id());
    return anonymous;
  }
  function session() {
    var now = Date.now(), parts = (get("session") || "").split(" ");
    var s = parts[1] && now - parts[1] < 18e5 ? parts[0] : id();
    put("session", s + " " + now);
    return s;
  }
  function context() {
    var q = new URLSearchParams(location.search), ua = navigator.userAgent;
    var c = {
      page_url: location.origin + location.pathname, page_title: d.title, referrer: d.referrer || undefined,
      language: navigator.language,
      device: /iPad|Tablet/i.test(ua) ? "tablet" : /Mobi|Android/i.test(ua) ? "mobile" : "desktop"
    };
    ["source", "medium", "campaign"].forEach(function (n) { c["utm_" + n] = q.get("utm_" + n) || undefined; });
    if (set.country) c.country = set.country;
    return c;
  }
  function keep() { put("queue", queue.length ? JSON.stringify(queue) : null); }
  function add(type, name, properties) {
    if (!allowed()) return;
    var e = { id: id(), type: type, timestamp: new Date().toISOString(), anonymous_id: who(), session_id: session(), context: context() };
    if (name) e.event = name;
    if (get("user")) e.user_id = get("user");
    if (properties) e[type === "identify" ? "traits" : "properties"] = properties;
    queue.push(e);
    if (queue.length > MOST) queue.splice(0, queue.length - MOST);
    keep();
    if (queue.length >= BATCH) flush(); else later(1000);
  }
  function later(ms) { if (!timer) timer = setTimeout(flush, ms); }
  function body(events) { return JSON.stringify({ write_key: key, sent_at: new Date().toISOString(), batch: events }); }
  function flush() {
    clearTimeout(timer); timer = 0;
    if (busy || !queue.length || !allowed()) return;
    var sent = queue.slice(0, BATCH);
    busy = true;
    fetch(url, { method: "POST", body: body(sent), headers: { "Content-Type": "text/plain" }, credentials: "omit", keepalive: true })
      .then(function (r) { if (r.status === 429 || r.status > 499) throw r; drop(sent); wait = 0; })
      .catch(function () { wait = Math.min(wait ? wait * 2 : 2000, 6e4); })
      .then(function () { busy = false; if (queue.length) later(wait || 1); });
  }
  function drop(sent) {
    var gone = {};
    sent.forEach(function (e) { gone[e.id] = 1; });
    queue = queue.filter(function (e) { return !gone[e.id]; });
    keep();
  }
  var api = {
    page: function (properties) { add("page", "", properties); },
    track: function (name, properties) { add("track", String(name), properties); },
    identify: function (user, traits) { if (allowed()) { put("user", String(user)); add("identify", "", traits); } },
    reset: function () { ["user", "anon", "session"].forEach(function (k) { put(k, null); }); },
    consent: function (yes) {
      put("consent", yes ? "yes" : "no");
      if (!yes) { queue = []; keep(); api.reset(); } else if (set.auto !== "off") api.page();
    },
    flush: flush,
    init: function (options) { url = options.url || url; key = options.key || key; for (var k in options) set[k] = options[k]; }
  };
  if (navigator.doNotTrack === "1" && set.dnt === "respect") put("consent", "no");
  queue = safe(function () { return JSON.parse(get("queue")); }) || [];
  w.plainsay = api;
  early.forEach(function (c) { api[c[0]].apply(api, [].slice.call(c, 1)); });
  if (set.auto !== "off") api.page();
  if (queue.length) later(1);
  w.addEventListener("online", function () { wait = 0; flush(); });
  d.addEventListener("visibilitychange", function () {
    if (d.visibilityState === "hidden" && queue.length && allowed() && navigator.sendBeacon) {
      var sent = queue.slice(0, BATCH);
      if (navigator.sendBeacon(url, body(sent))) drop(sent);
    }
  });
})(window, document);
