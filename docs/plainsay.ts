// Written by scripts/typescript_client.py from /v1/openapi.json; edit that.
// A client for browsers and Node 20 and later; no dependencies.

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string | null,
    readonly retry: "never" | "adjusted" | "as_is",
  ) {
    super(message);
  }
}

export interface Options {
  url?: string;
  key?: string;
  fetch?: typeof fetch;
}

const AGAIN = new Set([429, 502, 503, 504]);
const ATTEMPTS = 4;
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

function query(values: Record<string, unknown>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : "";
}

export interface Answer {
  id: string;
  thread_id: string;
  question: string;
  status: "answered" | "clarify" | "declined";
  text: string;
  result: ResultTable | null;
  tables: (ResultTable)[];
  charts: (Chart)[];
  claims: (Claim)[];
  facts: (Fact)[];
  assumptions: (Assumption)[];
  evidence: (EvidenceItem)[];
  sources: (Source)[];
  warnings: (Caveat)[];
  confidence: number | null;
  clarification: Clarification | null;
  declined: Declined | null;
  suggestions: (Suggestion)[];
  receipt: Receipt;
}

export interface Assumption {
  key: string;
  label: string;
  value: string;
  display: string;
  options: (Option)[];
}

export interface Bridge {
  weight: string | null;
}

export interface Calendar {
  timezone: string;
  week_start: "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";
  fiscal_start_month: number;
  fiscal_label: "start_year" | "end_year";
  retail: WeekYear | null;
  default: "fiscal" | "civil" | "iso" | "retail";
  holidays: (string)[];
  data_from: string | null;
  data_through: string | null;
}

export interface Caveat {
  code: string;
  message: string;
  cells: (CellRef)[];
}

export interface CellRef {
  table: string;
  row: string;
  column: string;
}

export interface Chart {
  id: string;
  title: string;
  alt: string;
  table: string;
  spec: Record<string, unknown>;
}

export interface Check {
  code: string;
  ok: boolean;
  detail: string;
}

export interface Claim {
  text: string;
  value: unknown;
  table: string;
  row: string;
  column: string;
  style: string;
  rounding: number | null;
}

export interface Clarification {
  question: string;
  options: (Option)[];
  allow_other: boolean;
}

export interface Column {
  name: string;
  label: string;
  type: "text" | "integer" | "decimal" | "float" | "boolean" | "date" | "datetime" | "time";
  role: "dimension" | "time" | "measure" | "derived" | "record";
  unit: Unit | null;
  decimals: number | null;
  good: "up" | "down" | null;
  additive: boolean;
  grain: string | null;
  lineage: Lineage;
}

export interface ColumnPolicy {
  name: string;
  table: string | null;
  columns: (string)[];
  personal: boolean;
  action: "hide" | "mask";
  applies_to: (string)[];
  exempt: (string)[];
}

export interface Dashboard {
  id: string;
  title: string;
  workspace: string;
  version: number;
  created_at: string;
  updated_at: string;
  cards: (Record<string, unknown>)[];
}

export interface DashboardSummary {
  id: string;
  title: string;
  workspace: string;
  created_at: string;
  updated_at: string;
  cards: number;
}

export interface Declined {
  reason: string;
  code: string;
  nearest: (string)[];
}

export interface Delivery {
  id: string;
  type: string;
  state: "waiting" | "sending" | "sent" | "unknown" | "dead";
  attempts: number;
  due_at: string;
  created_at: string;
  ended_at: string | null;
  note: string | null;
  data: Record<string, unknown>;
}

export interface DerivedCell {
  row: string;
  formula: string;
  inputs: Record<string, CellRef>;
}

export interface Dimension {
  label: string | null;
  description: string | null;
  synonyms: (Synonym)[];
  confidence: number;
  origin: string | null;
  expr: string | null;
  type: "text" | "integer" | "decimal" | "float" | "boolean" | "date" | "datetime" | "time";
  unit: Unit | null;
  values: Record<string, (string)[]>;
  sample: number;
  groupable: boolean;
  pii: boolean;
  personal: "name" | "email" | "phone" | "address" | "bank account" | "payment card" | "government number" | null;
}

export interface DriverTree {
  operation: "product" | "sum" | "ratio";
  of: (string)[];
  minus: (string)[];
}

export interface Duration {
  start: string;
  end: string;
  unit: "minute" | "hour" | "day";
}

export interface EvidenceItem {
  id: string;
  tool: string;
  args: Record<string, unknown>;
  sql: string | null;
  engine: string | null;
  snapshot: string | null;
  rows: number;
  ms: number;
  tables: (string)[];
  checks: (Check)[];
  quality: Quality | null;
}

export interface Fact {
  kind: string;
  metric: string | null;
  values: Record<string, CellRef>;
  attributes: Record<string, string>;
  impact: number;
  identity: string;
}

export interface Figures {
  workspace: string;
  result: Record<string, unknown> | null;
  sql: string | null;
  notes: (unknown)[];
  checks: (unknown)[];
  snapshot: string | null;
  ms: number;
}

export interface Hierarchy {
  label: string | null;
  description: string | null;
  synonyms: (Synonym)[];
  confidence: number;
  origin: string | null;
  levels: (string)[];
}

export interface Job {
  id: string;
  state: "queued" | "running" | "done" | "failed";
  progress: Record<string, unknown>;
  result: Record<string, unknown> | null;
  error: Record<string, unknown> | null;
}

export interface Join {
  to: string;
  on: Record<string, string>;
  role: string | null;
  default: boolean;
  confidence: number;
}

export interface KnownEvent {
  name: string;
  dates: (string)[];
  days: number;
  metrics: (string)[];
}

export interface Lineage {
  metric: string | null;
  formula: string | null;
  measures: (string)[];
  columns: (string)[];
  transform: string | null;
}

export interface Measure {
  label: string | null;
  description: string | null;
  synonyms: (Synonym)[];
  confidence: number;
  origin: string | null;
  agg: "sum" | "count" | "count_distinct" | "avg" | "min" | "max" | "median";
  expr: string | null;
  where: string | null;
  weight: string | null;
  semi_additive: SemiAdditive | null;
  unit: Unit | null;
  good: "up" | "down" | null;
  additive: "all" | "none";
  decimals: number | null;
  blank: "zero" | "unknown";
}

export interface Metric {
  label: string | null;
  description: string | null;
  synonyms: (Synonym)[];
  confidence: number;
  origin: string | null;
  kind: "simple" | "ratio" | "derived" | "cumulative" | "conversion";
  measure: string | null;
  where: string | null;
  numerator: string | null;
  denominator: string | null;
  expr: string | null;
  metric: string | null;
  reset: "week" | "month" | "quarter" | "year" | null;
  window: Stretch | null;
  entity: string | null;
  base: string | null;
  then: string | null;
  within: Stretch | null;
  unit: Unit | null;
  good: "up" | "down" | null;
  decimals: number | null;
}

export interface NamedFilter {
  label: string | null;
  description: string | null;
  synonyms: (Synonym)[];
  confidence: number;
  origin: string | null;
  where: string;
}

export interface NumberColumn {
  label: string | null;
  description: string | null;
  synonyms: (Synonym)[];
  confidence: number;
  origin: string | null;
  expr: string | null;
  duration: Duration | null;
  type: "integer" | "decimal" | "float";
  unit: Unit | null;
  additive: "all" | "none";
  good: "up" | "down" | null;
  decimals: number | null;
}

export interface Option {
  value: string;
  label: string;
  hint: string | null;
  patch: Record<string, unknown>;
}

export interface Policy {
  name: string;
  table: string;
  where: string;
  roles: "all" | (string)[];
  facts_without_path: "deny";
  applies_to: (string)[];
  exempt: (string)[];
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string | null;
  instance?: string | null;
  error: Record<string, unknown>;
}

export interface Quality {
  trust: "high" | "medium" | "low";
  n: number;
  period: string;
  method: string;
  baseline: string;
  figures: Record<string, number>;
  caveats: (string)[];
}

export interface Queued {
  job_id: string;
}

export interface Receipt {
  brain: string;
  planned_by: "builtin" | "model" | "remembered" | "approved";
  model: string | null;
  ms: Record<string, number>;
  tokens: Record<string, number>;
  cost: Record<string, string>;
  model_calls: number;
  rows_scanned: number | null;
  cached: boolean;
}

export interface ResultTable {
  id: string;
  title: string;
  kind: "main" | "detail" | "derived" | "params";
  columns: (Column)[];
  rows: ((unknown)[])[];
  row_keys: (string)[];
  total_rows: number;
  truncated: boolean;
  partial: (string)[];
  lineage: (DerivedCell)[];
  evidence: string | null;
}

export interface SemanticModel {
  model: string;
  label: string | null;
  description: string | null;
  expr_dialect: string;
  currency: string | null;
  calendar: Calendar;
  tables: Record<string, Table>;
  metrics: Record<string, Metric>;
  filters: Record<string, NamedFilter>;
  terms: Record<string, string>;
  driver_trees: Record<string, DriverTree>;
  events: (KnownEvent)[];
  policies: (Policy)[];
  column_policies: (ColumnPolicy)[];
  public_facts: (string)[];
  small_cells: SmallCells | null;
  verified: (VerifiedQuery)[];
  starters: (string)[];
}

export interface SemiAdditive {
  over: string;
  take: "first" | "last" | "avg" | "min" | "max";
  per: "table" | (string)[];
}

export interface SmallCells {
  least: number;
  persons: Record<string, string>;
}

export interface Source {
  id: string;
  title: string;
  passage: string;
  origin: string;
  licence: string;
}

export interface Stretch {
  n: number;
  unit: "hour" | "day" | "week" | "month" | "quarter" | "year";
}

export interface Suggestion {
  question: string;
  why: string;
}

export interface Synonym {
  text: string;
  state: "authored" | "generated" | "suggested" | "deleted";
  weight: number;
}

export interface Table {
  label: string | null;
  description: string | null;
  synonyms: (Synonym)[];
  confidence: number;
  origin: string | null;
  source: string;
  where: string | null;
  record: string | null;
  records: string | null;
  name_column: string | null;
  key: (string)[];
  joins: (Join)[];
  bridge: Bridge | null;
  time: TimeSpec | null;
  dimensions: Record<string, Dimension>;
  numbers: Record<string, NumberColumn>;
  measures: Record<string, Measure>;
  hierarchies: Record<string, Hierarchy>;
}

export interface Thread {
  id: string;
  title: string;
  workspace: string;
  pinned: boolean;
  created_at: string;
  updated_at: string;
}

export interface ThreadWithTurns {
  id: string;
  title: string;
  workspace: string;
  turns: (Turn)[];
}

export interface TimeColumn {
  label: string | null;
  description: string | null;
  synonyms: (Synonym)[];
  confidence: number;
  origin: string | null;
  kind: "date" | "timestamp" | "instant";
  stored_tz: string;
}

export interface TimeSpec {
  default: string;
  columns: Record<string, TimeColumn>;
}

export interface Turn {
  run_id: string;
  question: string;
  status: "running" | "done" | "failed" | "cancelled";
  created_at: string;
  answer: Answer | null;
  error: Record<string, unknown> | null;
}

export interface Unit {
  currency: string | null;
  currency_column: string | null;
  percent: boolean;
  ratio: boolean;
  name: string | null;
}

export interface Usage {
  since: string;
  everybody: boolean;
  requests: (Record<string, unknown>)[];
  questions: (Record<string, unknown>)[];
}

export interface VerifiedQuery {
  question: string;
  query: Record<string, unknown>;
  by: string | null;
  at: string | null;
  starter: boolean;
  meaning: string | null;
}

export interface Webhook {
  id: string;
  workspace: string;
  url: string;
  events: (string)[];
  active: boolean;
  created_at: string;
}

export interface WebhookWithSecret {
  id: string;
  workspace: string;
  url: string;
  events: (string)[];
  active: boolean;
  created_at: string;
  secret: string;
}

export interface WeekYear {
  start_month: number;
  year_starts: "nearest" | "first" | "last";
  week_start: "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";
  periods: "4-4-5" | "4-5-4" | "5-4-4" | "calendar";
  year_label: "start_year" | "end_year";
}

export interface Workspace {
  name: string;
  label: string;
  tables: number;
  rows: number;
  updated_at: string | null;
  starters: (string)[];
  default: boolean;
}


export class Plainsay {
  private readonly url: string;
  private readonly key: string | undefined;
  private readonly fetch: typeof fetch;

  constructor(options: Options = {}) {
    this.url = (options.url ?? "http://127.0.0.1:8000").replace(/\/$/, "");
    this.key = options.key;
    this.fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  }

  private headers(more: Record<string, string> = {}): Record<string, string> {
    return this.key ? { ...more, authorization: `Bearer ${this.key}` } : more;
  }

  /** Any request; a POST carries a key, so that sending it again does it once. Throws `ApiError`. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = this.headers(body === undefined ? {} : { "content-type": "application/json" });
    if (method === "POST") headers["idempotency-key"] = crypto.randomUUID();
    for (let attempt = 0; ; attempt++) {
      const last = attempt + 1 === ATTEMPTS;
      let answer: Response | undefined;
      try {
        const sent = body === undefined ? undefined : JSON.stringify(body);
        answer = await this.fetch(this.url + path, { method, headers, body: sent });
      } catch (error) {
        if (last) throw error;
      }
      if (answer && (last || !AGAIN.has(answer.status))) return (await read(answer)) as T;
      const told = Number(answer?.headers.get("retry-after") ?? "");
      await sleep(told > 0 ? told * 1000 : 250 * 2 ** attempt);
    }
  }

  /** The AG-UI events of an answer, each once, also when the connection breaks. Throws `ApiError`. */
  async *stream(
    question: string,
    options: { workspace?: string; threadId?: string } = {},
  ): AsyncGenerator<Record<string, unknown>> {
    const runId = `r-${crypto.randomUUID()}`;
    const threadId = options.threadId ?? `th-${crypto.randomUUID()}`;
    const messages = [{ id: "m", role: "user", content: question }];
    const forwardedProps = { plainsay: { workspace: options.workspace } };
    const body = JSON.stringify({ threadId, runId, messages, forwardedProps });
    const first = { method: "POST", headers: this.headers({ "content-type": "application/json" }), body };
    let last = 0;
    for (let failures = 0; failures < ATTEMPTS; failures++) {
      try {
        const answer = last
          ? await this.fetch(`${this.url}/v1/runs/${runId}/events`, {
              headers: this.headers({ "last-event-id": String(last) }),
            })
          : await this.fetch(`${this.url}/v1/chat`, first);
        if (!answer.ok) await read(answer);
        for await (const [number, event] of events(answer)) {
          last = number;
          failures = 0;
          yield event;
          if (event.type === "RUN_FINISHED" || event.type === "RUN_ERROR") return;
        }
      } catch (error) {
        if (error instanceof ApiError) throw error;
      }
      await sleep(250 * 2 ** failures);
    }
    throw new Error("The stream broke too often.");
  }

  /** The asker's alerts, oldest first, each with what lasts now and how its last look came out. */
  listAlerts(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/alerts${query(options)}`);
  }

  /** Watch something from now on. */
  createAlert(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/alerts`, body);
  }

  /** What a rule finds now, or at a moment on the rows of then. */
  previewAlert(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/alerts/preview`, body);
  }

  /** The rule that a sentence in plain English asks for, said back to be confirmed. */
  readAlert(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/alerts/read`, body);
  }

  /** Which messages a rule would have sent in the last days, each on the rows of its own day. */
  rehearseRule(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/alerts/rehearsal`, body);
  }

  /** Switch an alert off by the link of its mail, without signing in. */
  stopAlert(options: { alert?: string; mark?: string } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/alerts/stop${query(options)}`);
  }

  /** How the asker wants to be told: messages a week that go further than the inbox, and hours of rest. */
  showWishes(): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/alerts/wishes`);
  }

  /** Say how one wants to be told. */
  changeWishes(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("PUT", `/v1/alerts/wishes`, body);
  }

  /** Watch it no more. */
  deleteAlert(alertId: string): Promise<null> {
    return this.call("DELETE", `/v1/alerts/${encodeURIComponent(alertId)}`);
  }

  /** One alert. */
  showAlert(alertId: string): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/alerts/${encodeURIComponent(alertId)}`);
  }

  /** Change what is watched, when and where it is told, snooze it, or switch it off and on. */
  changeAlert(alertId: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("PATCH", `/v1/alerts/${encodeURIComponent(alertId)}`, body);
  }

  /** Look at it now, beside its regular times. */
  checkAlert(alertId: string): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/alerts/${encodeURIComponent(alertId)}/check`);
  }

  /** Its looks, newest first, with what came of each: news, lasts, quiet, waiting (for data), failed. */
  listAlertHistory(alertId: string, options: { limit?: number; cursor?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/alerts/${encodeURIComponent(alertId)}/history${query(options)}`);
  }

  /** Which messages it would have sent in the last days, each on the rows of its own day. */
  rehearseAlert(alertId: string, options: { days?: number } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/alerts/${encodeURIComponent(alertId)}/rehearsal${query(options)}`);
  }

  /** An answer given before. */
  showAnswer(answerId: string): Promise<Answer> {
    return this.call("GET", `/v1/answers/${encodeURIComponent(answerId)}`);
  }

  /** Questions that go on from one row of an answer: why it changed, its parts, its course, it alone. */
  showWays(answerId: string, options: { table?: string; row?: string } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/answers/${encodeURIComponent(answerId)}/ways${query(options)}`);
  }

  /** The whole answer of a question or of a changed assumption. */
  ask(body: Record<string, unknown>): Promise<Answer> {
    return this.call("POST", `/v1/ask`, body);
  }

  /** Entries, newest first, of the workspaces whose log one may read. */
  listAudit(options: { actor?: string | null; action?: string | null; workspace?: string | null; q?: string | null; since?: string | null; until?: string | null; before?: number | null; limit?: number } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/audit${query(options)}`);
  }

  /** Whether every entry fits the one before. */
  verifyAudit(): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/audit/verify`);
  }

  /** The brains a question may name, and the model that is set up (its name alone), if any. */
  showBrain(): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/brain`);
  }

  /** Try the model server: reachable, streaming, token counts, tools, JSON. */
  checkBrain(): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/brain/check`);
  }

  /** The settings of the language model, and where each comes from. */
  showModelSettings(): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/brain/settings`);
  }

  /** Change the language model for all who ask here from the next question on. */
  changeModelSettings(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("PUT", `/v1/brain/settings`, body);
  }

  /** One's own budget and what of it is spent today. */
  showBudgets(): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/budgets`);
  }

  /** Set or take away the budget of a person, a workspace, or of each. */
  setBudget(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("PUT", `/v1/budgets`, body);
  }

  /** Dashboards of the asker and those shared with everybody, latest change first. */
  listDashboards(options: { workspace?: string | null; limit?: number; cursor?: string | null } = {}): Promise<{ items: DashboardSummary[]; next?: string | null }> {
    return this.call("GET", `/v1/dashboards${query(options)}`);
  }

  /** Make an empty dashboard. */
  createDashboard(body: Record<string, unknown>): Promise<Dashboard> {
    return this.call("POST", `/v1/dashboards`, body);
  }

  /** Delete a dashboard. */
  deleteDashboard(dashboardId: string): Promise<null> {
    return this.call("DELETE", `/v1/dashboards/${encodeURIComponent(dashboardId)}`);
  }

  /** A dashboard with its cards in order. */
  showDashboard(dashboardId: string): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/dashboards/${encodeURIComponent(dashboardId)}`);
  }

  /** Give a dashboard another title, share it, or keep it to oneself again. */
  changeDashboard(dashboardId: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("PATCH", `/v1/dashboards/${encodeURIComponent(dashboardId)}`, body);
  }

  /** Keep an answer on a dashboard of the same workspace. */
  addCard(dashboardId: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/dashboards/${encodeURIComponent(dashboardId)}/cards`, body);
  }

  /** Take a card off a dashboard. */
  removeCard(dashboardId: string, cardId: string): Promise<null> {
    return this.call("DELETE", `/v1/dashboards/${encodeURIComponent(dashboardId)}/cards/${encodeURIComponent(cardId)}`);
  }

  /** Rename, move, widen a card, or show it another way. */
  changeCard(dashboardId: string, cardId: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("PATCH", `/v1/dashboards/${encodeURIComponent(dashboardId)}/cards/${encodeURIComponent(cardId)}`, body);
  }

  /** What the card's question answers now, for who asks. */
  answerCard(dashboardId: string, cardId: string, options: { period?: string | null; field?: string | null; value?: string | null } = {}): Promise<Answer> {
    return this.call("GET", `/v1/dashboards/${encodeURIComponent(dashboardId)}/cards/${encodeURIComponent(cardId)}/answer${query(options)}`);
  }

  /** The asker's digests, oldest first. */
  listDigests(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/digests${query(options)}`);
  }

  /** Be told regularly from now on. */
  createDigest(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/digests`, body);
  }

  /** The message as it would be now, or at a moment on the rows of then. */
  previewDigest(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/digests/preview`, body);
  }

  /** Digests that the installed packs propose, in figures that the asker sees. */
  listRecipes(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/digests/recipes${query(options)}`);
  }

  /** Switch a digest off by the link of its mail, without signing in. */
  stopDigest(options: { digest?: string; mark?: string } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/digests/stop${query(options)}`);
  }

  /** Be told no more, and forget what was said. */
  deleteDigest(digestId: string): Promise<null> {
    return this.call("DELETE", `/v1/digests/${encodeURIComponent(digestId)}`);
  }

  /** One digest. */
  showDigest(digestId: string): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/digests/${encodeURIComponent(digestId)}`);
  }

  /** Change what is told, when and where, mute it, or switch it off and on. */
  changeDigest(digestId: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("PATCH", `/v1/digests/${encodeURIComponent(digestId)}`, body);
  }

  /** What it said, newest first, with how each channel took it. */
  listHistory(digestId: string, options: { limit?: number; cursor?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/digests/${encodeURIComponent(digestId)}/history${query(options)}`);
  }

  /** Which messages would have gone out in the last days, each on the rows of its own day. */
  rehearseDigest(digestId: string, options: { days?: number } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/digests/${encodeURIComponent(digestId)}/rehearsal${query(options)}`);
  }

  /** Send it now, beside the regular ones. */
  sendDigest(digestId: string): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/digests/${encodeURIComponent(digestId)}/send`);
  }

  /** Tell a browser that pages elsewhere may send events. */
  maySendEvents(): Promise<null> {
    return this.call("OPTIONS", `/v1/events`);
  }

  /** Keep events: one, a list, {“batch”: […]} or a line each, plain or gzipped. */
  sendEvents(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/events`, body);
  }

  /** The write keys of a workspace, newest first. */
  listWriteKeys(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/events/keys${query(options)}`);
  }

  /** Make a write key. */
  createWriteKey(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/events/keys`, body);
  }

  /** End a write key. */
  revokeWriteKey(writeKeyId: string): Promise<null> {
    return this.call("DELETE", `/v1/events/keys/${encodeURIComponent(writeKeyId)}`);
  }

  /** What happens now, once a second, as server-sent events: {at, last_second, last_minute, visitors, events}. */
  liveEvents(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/events/live${query(options)}`);
  }

  /** How many bytes of events wait to be loaded, and how many events this process took since it started. */
  eventsStatus(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/events/status${query(options)}`);
  }

  /** Verdicts in a workspace, newest first: everybody's for editors of the model, else one's own. */
  listFeedback(options: { workspace?: string | null; state?: "open" | "done" | "noted" | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/feedback${query(options)}`);
  }

  /** Say what an answer was worth. */
  say(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/feedback`, body);
  }

  /** Take one's own verdict on an answer back. */
  takeBack(answerId: string): Promise<null> {
    return this.call("DELETE", `/v1/feedback/${encodeURIComponent(answerId)}`);
  }

  /** Mark a verdict as dealt with, or open it again. */
  review(feedbackId: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/feedback/${encodeURIComponent(feedbackId)}/review`, body);
  }

  /** Fields with few values that answers can be narrowed by, the tables of figures first. */
  listFields(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/fields${query(options)}`);
  }

  /** The values of a field (`table.name`) among the rows that the reader may see, in order. */
  listValues(field: string, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/fields/${encodeURIComponent(field)}/values${query(options)}`);
  }

  /** Read dashboards, their cards and what these answer now, with the asker's rights. */
  askGraph(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/graphql`, body);
  }

  /** Take a provider's call: checked, on disk, then acknowledged. */
  hook(sourceId: string, options: { workspace?: string | null; key?: string } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/hooks/${encodeURIComponent(sourceId)}${query(options)}`);
  }

  /** Messages to the asker in workspaces that are open to them, and how many are unread. */
  listMessages(options: { limit?: number; cursor?: string | null; kind?: "digest" | "alert" | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/inbox${query(options)}`);
  }

  /** A message as it was sent, with its findings, questions and chart. */
  showMessage(messageId: string): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/inbox/${encodeURIComponent(messageId)}`);
  }

  /** Go on from a finding: a conversation whose first answer is the figures behind it, with the asker's rights of now. */
  followMessage(messageId: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/inbox/${encodeURIComponent(messageId)}/follow`, body);
  }

  /** Note that the asker opened it. */
  readMessage(messageId: string): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/inbox/${encodeURIComponent(messageId)}/read`);
  }

  /** A message as a file: a page to print, or a workbook with its figures as numbers. */
  downloadReport(messageId: string, options: { as?: "pdf" | "xlsx" } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/inbox/${encodeURIComponent(messageId)}/report${query(options)}`);
  }

  /** The asker's incidents, newest first. */
  listIncidents(options: { workspace?: string | null; state?: "open" | "acknowledged" | "resolved" | null; alert_id?: string | null; limit?: number; cursor?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/incidents${query(options)}`);
  }

  /** Acknowledge it, keep it quiet for a while, or say that it is over. */
  changeIncident(incidentId: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("PATCH", `/v1/incidents/${encodeURIComponent(incidentId)}`, body);
  }

  /** Invitations that can still be accepted, newest first. */
  listInvitations(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/invitations${query(options)}`);
  }

  /** Invite somebody: a link to pass on, shown this once. */
  invite(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/invitations`, body);
  }

  /** Make the account that an invitation is for, and sign in with it. */
  acceptInvitation(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/invitations/accept`, body);
  }

  /** What a link invites to. */
  lookAtInvitation(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/invitations/look`, body);
  }

  /** Take an invitation back. */
  takeBackInvitation(invitationId: string): Promise<null> {
    return this.call("DELETE", `/v1/invitations/${encodeURIComponent(invitationId)}`);
  }

  /** Your last jobs in a workspace, the newest first: loads, refreshes, trainings, with state and result. */
  listJobs(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/jobs${query(options)}`);
  }

  /** How far a job is, and what came of it. */
  showJob(jobId: string): Promise<Job> {
    return this.call("GET", `/v1/jobs/${encodeURIComponent(jobId)}`);
  }

  /** Stop a job that waits or runs. */
  cancelJob(jobId: string): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/jobs/${encodeURIComponent(jobId)}/cancel`);
  }

  /** One's own keys, and for who looks after people everybody's. */
  listKeys(): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/keys`);
  }

  /** Make a key. */
  createKey(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/keys`, body);
  }

  /** End a key for good. */
  revokeKey(keyId: string): Promise<null> {
    return this.call("DELETE", `/v1/keys/${encodeURIComponent(keyId)}`);
  }

  /** Packs and documents that the asker may look after or read, with how many passages each has. */
  listKnowledge(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/knowledge${query(options)}`);
  }

  /** Read documents (multipart field `files`) in a limited process and make them searchable for `reader`s. */
  addDocuments(options: { workspace?: string | null; reader?: (string)[] | null; licence?: string; updated?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/knowledge/documents${query(options)}`);
  }

  /** Take a document away. */
  removeDocument(document: string, options: { workspace?: string | null } = {}): Promise<null> {
    return this.call("DELETE", `/v1/knowledge/documents/${encodeURIComponent(document)}${query(options)}`);
  }

  /** The passages that fit best, by meaning and by words, of those that the asker may read. */
  searchKnowledge(options: { q?: string; workspace?: string | null; limit?: number } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/knowledge/search${query(options)}`);
  }

  /** Words and answers that were taught, newest first. */
  listLearned(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/learned${query(options)}`);
  }

  /** Keep a word or an answer aside until someone approves it. */
  teach(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/learned`, body);
  }

  /** Take it out of force. */
  unlearn(learnedId: string, options: { workspace?: string | null } = {}): Promise<null> {
    return this.call("DELETE", `/v1/learned/${encodeURIComponent(learnedId)}${query(options)}`);
  }

  /** Put it in force, for its person or for everyone. */
  approve(learnedId: string, body: Record<string, unknown>, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/learned/${encodeURIComponent(learnedId)}/approve${query(options)}`, body);
  }

  /** Where a common table comes from: sources, lists and rows, and for each column the place it is read at. */
  lineage(table: string, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/lineage/${encodeURIComponent(table)}${query(options)}`);
  }

  /** Change what one is called. */
  changeName(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("PATCH", `/v1/me`, body);
  }

  /** Delete all that is known of one's own interests here. */
  forgetInterests(options: { workspace?: string | null } = {}): Promise<null> {
    return this.call("DELETE", `/v1/me/interests${query(options)}`);
  }

  /** One's own interests here: favourites, what was learned from questions, and the detail one prefers. */
  showInterests(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/me/interests${query(options)}`);
  }

  /** Change one's own interests here. */
  changeInterests(body: Record<string, unknown>, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("PATCH", `/v1/me/interests${query(options)}`, body);
  }

  /** Change one's password. */
  changePassword(body: Record<string, unknown>): Promise<null> {
    return this.call("POST", `/v1/me/password`, body);
  }

  /** A secret for an authenticator app. */
  beginSecondFactor(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/me/second-factor`, body);
  }

  /** Turn the second factor on. */
  confirmSecondFactor(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/me/second-factor/confirm`, body);
  }

  /** Turn the second factor off. */
  endSecondFactor(body: Record<string, unknown>): Promise<null> {
    return this.call("POST", `/v1/me/second-factor/off`, body);
  }

  /** Where one is signed in. */
  listSessions(): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/me/sessions`);
  }

  /** Sign one of one's browsers out. */
  endSession(sessionId: string): Promise<null> {
    return this.call("DELETE", `/v1/me/sessions/${encodeURIComponent(sessionId)}`);
  }

  /** Be no Slack user any more. */
  unlinkSlack(): Promise<null> {
    return this.call("DELETE", `/v1/me/slack`);
  }

  /** Be the Slack user who was told this code. */
  linkSlack(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/me/slack`, body);
  }

  /** The figures of a metric query: table, SQL, notes, checks. */
  queryMetrics(body: Record<string, unknown>): Promise<Figures> {
    return this.call("POST", `/v1/metrics/query`, body);
  }

  /** The semantic model with the shape of the data behind it. */
  showModel(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/model${query(options)}`);
  }

  /** Try a model on the data without putting it in force: its faults, and the metrics whose values would change. */
  checkModelText(body: Record<string, unknown>, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/model/check${query(options)}`, body);
  }

  /** The versions of the model, oldest first: number, when, who and why. */
  listVersions(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/model/history${query(options)}`);
  }

  /** Put an older version in force again. */
  restoreVersion(number: string, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/model/history/${encodeURIComponent(number)}/restore${query(options)}`);
  }

  /** Put a new figure in the model, once it could be computed. */
  makeMetric(body: Record<string, unknown>, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/model/metrics${query(options)}`, body);
  }

  /** What a new figure would be, over all time and over the last full month, without putting it in the model. */
  tryMetric(body: Record<string, unknown>, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/model/metrics/check${query(options)}`, body);
  }

  /** Take a figure out of the model, unless something else is made of it. */
  removeMetric(metric: string, options: { workspace?: string | null } = {}): Promise<null> {
    return this.call("DELETE", `/v1/model/metrics/${encodeURIComponent(metric)}${query(options)}`);
  }

  /** Change what people call a table, a column, a measure or a metric. */
  changeNames(body: Record<string, unknown>, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("PATCH", `/v1/model/names${query(options)}`, body);
  }

  /** What was assumed about the data and nobody has decided yet, the least sure first. */
  listReview(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/model/review${query(options)}`);
  }

  /** Accept, correct or reject an assumption for good. */
  decideReview(item: string, body: Record<string, unknown>, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/model/review/${encodeURIComponent(item)}${query(options)}`, body);
  }

  /** The JSON Schema of model files. */
  modelSchema(): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/model/schema`);
  }

  /** The model file as it is written, with a `state` that changes whenever it does. */
  showModelText(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/model/text${query(options)}`);
  }

  /** Put a model file in force as a new version. */
  saveModelText(body: Record<string, unknown>, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("PUT", `/v1/model/text${query(options)}`, body);
  }

  /** The packs that can be installed and those that are, with what they hold. */
  listPacks(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/packs${query(options)}`);
  }

  /** For each pack bound before the data last changed: which figures binding it again would add and take away. */
  packNews(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/packs/news${query(options)}`);
  }

  /** The rules of the installed packs held against the data the asker may see, broken ones first. */
  packQuality(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/packs/quality${query(options)}`);
  }

  /** The JSON Schema of pack files. */
  packSchema(): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/packs/schema`);
  }

  /** Take a pack out. */
  removePack(pack: string, options: { workspace?: string | null } = {}): Promise<null> {
    return this.call("DELETE", `/v1/packs/${encodeURIComponent(pack)}${query(options)}`);
  }

  /** How an installed pack is bound: what can be asked, what waits for review, what is missing, own changes. */
  showPack(pack: string, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/packs/${encodeURIComponent(pack)}${query(options)}`);
  }

  /** Match a pack to the workspace's tables and put its metrics, words and driver trees to use. */
  installPack(pack: string, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/packs/${encodeURIComponent(pack)}${query(options)}`);
  }

  /** Say which table or column is meant where the pack was not sure, or wrong. */
  bindPack(pack: string, body: Record<string, unknown>, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/packs/${encodeURIComponent(pack)}/bind${query(options)}`, body);
  }

  /** Change any part of an installed pack for this workspace. */
  overridePack(pack: string, body: Record<string, unknown>, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("PUT", `/v1/packs/${encodeURIComponent(pack)}/overrides${query(options)}`, body);
  }

  /** How a pack would be bound. */
  previewPack(pack: string, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/packs/${encodeURIComponent(pack)}/preview${query(options)}`);
  }

  /** Bring an installed pack to the newest version at hand and bind it again. */
  upgradePack(pack: string, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/packs/${encodeURIComponent(pack)}/upgrade${query(options)}`);
  }

  /** Set a new password with the link that an administrator made. */
  setPassword(body: Record<string, unknown>): Promise<null> {
    return this.call("POST", `/v1/password`, body);
  }

  /** Take a person out of everything, earlier versions too. */
  erase(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/persons/erase`, body);
  }

  /** All rows that are held of a person, by source and table: the copy that they may ask for. */
  held(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/persons/held`, body);
  }

  /** The policies in force, with the tables and columns that they can be about, and where personal data was found. */
  listPolicies(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/policies${query(options)}`);
  }

  /** Put these policies in the place of those in force. */
  setPolicies(body: Record<string, unknown>, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("PUT", `/v1/policies${query(options)}`, body);
  }

  /** The reporting currency, the newest stated rates, and the amounts that have none. */
  rates(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/rates${query(options)}`);
  }

  /** State exchange rates and choose the reporting currency. */
  stateRates(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("PUT", `/v1/rates`, body);
  }

  /** Stop a run. */
  cancelRun(runId: string): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/runs/${encodeURIComponent(runId)}/cancel`);
  }

  /** Sign out. */
  signOut(): Promise<null> {
    return this.call("DELETE", `/v1/session`);
  }

  /** Who sits at this browser, what they may, and how to sign in. */
  showSession(): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/session`);
  }

  /** Sign in with a password. */
  signIn(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/session`, body);
  }

  /** Be oneself again. */
  viewAsOneself(): Promise<null> {
    return this.call("DELETE", `/v1/session/view-as`);
  }

  /** See what another person would be told, in the workspaces where you may. */
  viewAs(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/session/view-as`, body);
  }

  /** Make the first owner account and sign in with it. */
  makeOwner(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/setup`, body);
  }

  /** A shared conversation. */
  readShare(shareId: string): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/shared/${encodeURIComponent(shareId)}`);
  }

  /** Send the browser to the provider. */
  setOut(options: { next?: string } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/sign-on${query(options)}`);
  }

  /** Come back from the provider. */
  comeBack(options: { state?: string; code?: string; error?: string } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/sign-on/return${query(options)}`);
  }

  /** The connected sources of a workspace: health, freshness, rows. */
  listSources(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/sources${query(options)}`);
  }

  /** Try a source, keep the connection, and begin to load it. */
  connect(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/sources`, body);
  }

  /** Every source that can be connected, with the form that it asks for and how far its connector is proven. */
  catalogue(): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/sources/catalogue`);
  }

  /** Try a source and tell what it offers, with the columns that may tell what is new. */
  look(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/sources/look`, body);
  }

  /** Forget a connection and its secrets. */
  remove(sourceId: string, options: { workspace?: string | null; rows?: boolean } = {}): Promise<Record<string, unknown>> {
    return this.call("DELETE", `/v1/sources/${encodeURIComponent(sourceId)}${query(options)}`);
  }

  /** Change settings or secrets of a connection. */
  change(sourceId: string, body: Record<string, unknown>, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("PATCH", `/v1/sources/${encodeURIComponent(sourceId)}${query(options)}`, body);
  }

  /** Load what is new. */
  refresh(sourceId: string, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/sources/${encodeURIComponent(sourceId)}/refresh${query(options)}`);
  }

  /** What a connection brings: resources, rows held, and the common tables and columns that they become. */
  schema(sourceId: string, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/sources/${encodeURIComponent(sourceId)}/schema${query(options)}`);
  }

  /** Completions of what was typed: questions, figures, fields and values. */
  suggest(options: { q?: string; workspace?: string | null; limit?: number } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/suggest${query(options)}`);
  }

  /** Version, health, the model that can answer beside the built-in brain (null when none is set up), and where messages can . */
  showSystem(): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/system`);
  }

  /** Take a table that came from a file out of the workspace, a sheet that is no data for instance. */
  removeTable(table: string, options: { workspace?: string | null } = {}): Promise<null> {
    return this.call("DELETE", `/v1/tables/${encodeURIComponent(table)}${query(options)}`);
  }

  /** What a column would be, with the values that would be lost. */
  correctColumn(table: string, column: string, body: Record<string, unknown>, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/tables/${encodeURIComponent(table)}/columns/${encodeURIComponent(column)}${query(options)}`, body);
  }

  /** Some rows of a table, as a table of results. */
  showRows(table: string, options: { workspace?: string | null; limit?: number } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/tables/${encodeURIComponent(table)}/rows${query(options)}`);
  }

  /** Threads of the asker, pinned ones first, then the latest. */
  listThreads(options: { workspace?: string | null; q?: string | null; limit?: number; cursor?: string | null } = {}): Promise<{ items: Thread[]; next?: string | null }> {
    return this.call("GET", `/v1/threads${query(options)}`);
  }

  /** Stop what runs in a thread and forget it. */
  deleteThread(threadId: string): Promise<null> {
    return this.call("DELETE", `/v1/threads/${encodeURIComponent(threadId)}`);
  }

  /** A thread with its turns in order. */
  showThread(threadId: string): Promise<ThreadWithTurns> {
    return this.call("GET", `/v1/threads/${encodeURIComponent(threadId)}`);
  }

  /** Rename a thread, or keep it on top. */
  changeThread(threadId: string, body: Record<string, unknown>): Promise<Thread> {
    return this.call("PATCH", `/v1/threads/${encodeURIComponent(threadId)}`, body);
  }

  /** Go on from an earlier answer in a conversation of its own. */
  branchThread(threadId: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/threads/${encodeURIComponent(threadId)}/branch`, body);
  }

  /** Take the link back. */
  unshareThread(threadId: string): Promise<null> {
    return this.call("DELETE", `/v1/threads/${encodeURIComponent(threadId)}/share`);
  }

  /** The link of a conversation, or null. */
  showShare(threadId: string): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/threads/${encodeURIComponent(threadId)}/share`);
  }

  /** Make a link under which others of this house may read a conversation. */
  shareThread(threadId: string): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/threads/${encodeURIComponent(threadId)}/share`);
  }

  /** The analytic skills: an example question, what data each needs, the JSON Schema of its arguments. */
  listTools(): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/tools`);
  }

  /** The script that pages send events with. */
  tracker(): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/tracker.js`);
  }

  /** What was trained on which snapshot with which error, last first. */
  listTrained(options: { workspace?: string | null; check?: boolean } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/trained${query(options)}`);
  }

  /** Train again on the newest data, as a job: `job_id` says how far it is. */
  retrain(modelId: string, options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/trained/${encodeURIComponent(modelId)}/retrain${query(options)}`);
  }

  /** Requests by day, person and route, questions and a model's tokens by day, workspace and person. */
  showUsage(options: { days?: number } = {}): Promise<Usage> {
    return this.call("GET", `/v1/usage${query(options)}`);
  }

  /** The members of a workspace. */
  listUsers(options: { workspace?: string | null; q?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/users${query(options)}`);
  }

  /** Make a service account. */
  createService(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/users`, body);
  }

  /** Remove a person with their conversations, dashboards, keys and sessions. */
  deleteUser(userId: string): Promise<null> {
    return this.call("DELETE", `/v1/users/${encodeURIComponent(userId)}`);
  }

  /** One person. */
  showUser(userId: string): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/users/${encodeURIComponent(userId)}`);
  }

  /** Change a person's roles, attributes, groups or name. */
  changeUser(userId: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("PATCH", `/v1/users/${encodeURIComponent(userId)}`, body);
  }

  /** A link under which a person sets a new password, good for a day and for once. */
  makePasswordLink(userId: string): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/users/${encodeURIComponent(userId)}/password-link`);
  }

  /** End all sessions of a person. */
  signOutEverywhere(userId: string): Promise<null> {
    return this.call("POST", `/v1/users/${encodeURIComponent(userId)}/sign-out`);
  }

  /** Questions whose answers a person approved, those of the model first. */
  listVerified(options: { workspace?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/verified${query(options)}`);
  }

  /** The webhooks of a workspace, oldest first. */
  listWebhooks(options: { workspace?: string | null } = {}): Promise<{ items: Webhook[]; next?: string | null }> {
    return this.call("GET", `/v1/webhooks${query(options)}`);
  }

  /** Tell an address of events from now on. */
  createWebhook(body: Record<string, unknown>): Promise<WebhookWithSecret> {
    return this.call("POST", `/v1/webhooks`, body);
  }

  /** Tell the address nothing any more. */
  deleteWebhook(webhookId: string): Promise<null> {
    return this.call("DELETE", `/v1/webhooks/${encodeURIComponent(webhookId)}`);
  }

  /** A webhook with its secret. */
  showWebhook(webhookId: string): Promise<WebhookWithSecret> {
    return this.call("GET", `/v1/webhooks/${encodeURIComponent(webhookId)}`);
  }

  /** Change its address or events, switch it off or on, or give it a new secret. */
  changeWebhook(webhookId: string, body: Record<string, unknown>): Promise<WebhookWithSecret> {
    return this.call("PATCH", `/v1/webhooks/${encodeURIComponent(webhookId)}`, body);
  }

  /** What was sent, waits or failed, newest first. */
  listDeliveries(webhookId: string, options: { limit?: number; cursor?: string | null } = {}): Promise<{ items: Delivery[]; next?: string | null }> {
    return this.call("GET", `/v1/webhooks/${encodeURIComponent(webhookId)}/deliveries${query(options)}`);
  }

  /** Send an event once more, as it was. */
  replayDelivery(webhookId: string, deliveryId: string): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/webhooks/${encodeURIComponent(webhookId)}/deliveries/${encodeURIComponent(deliveryId)}/replay`);
  }

  /** Send an event of the type `ping`, to try the address. */
  pingWebhook(webhookId: string): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/webhooks/${encodeURIComponent(webhookId)}/ping`);
  }

  /** All workspaces with their size and opening questions. */
  listWorkspaces(): Promise<{ items: Workspace[]; next?: string | null }> {
    return this.call("GET", `/v1/workspaces`);
  }

  /** Make an empty workspace. */
  createWorkspace(body: Record<string, unknown>): Promise<Workspace> {
    return this.call("POST", `/v1/workspaces`, body);
  }

  /** Queue the making of a workspace with realistic data. */
  makeDemo(body: Record<string, unknown>): Promise<Record<string, string | null>> {
    return this.call("POST", `/v1/workspaces/demo`, body);
  }

  /** Make a workspace from an exported file (multipart field `files`). */
  importWorkspace(options: { name?: string } = {}): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/workspaces/import${query(options)}`);
  }

  /** Remove a workspace with its data and its conversations. */
  deleteWorkspace(name: string): Promise<null> {
    return this.call("DELETE", `/v1/workspaces/${encodeURIComponent(name)}`);
  }

  /** Make another workspace with the same data, model and policies. */
  copyWorkspace(name: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("POST", `/v1/workspaces/${encodeURIComponent(name)}/copy`, body);
  }

  /** All tables and the model of a workspace as one file. */
  exportWorkspace(name: string, options: { data?: boolean } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/workspaces/${encodeURIComponent(name)}/export${query(options)}`);
  }

  /** How far along the asker's goals are, those of their digests and alerts, each with its pace and a question. */
  showGoals(name: string, options: { as_of?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/workspaces/${encodeURIComponent(name)}/goals${query(options)}`);
  }

  /** The weightiest findings of a workspace, each with a headline, a sentence, its claims and a next question. */
  showInsights(name: string, options: { limit?: number; grain?: "day" | "week" | "month" | "quarter" | null; as_of?: string | null } = {}): Promise<Record<string, unknown>> {
    return this.call("GET", `/v1/workspaces/${encodeURIComponent(name)}/insights${query(options)}`);
  }

}

async function read(answer: Response): Promise<unknown> {
  const text = await answer.text();
  const body = text ? JSON.parse(text) : null;
  if (answer.ok) return body;
  const told = body?.error ?? {};
  const code = told.code ?? `http_${answer.status}`;
  throw new ApiError(answer.status, code, told.message ?? answer.statusText, told.hint ?? null, told.retry ?? "never");
}

async function* events(answer: Response): AsyncGenerator<[number, Record<string, unknown>]> {
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let number = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("id: ")) number = Number(line.slice(4));
      if (line.startsWith("data: ")) yield [number, JSON.parse(line.slice(6)) as Record<string, unknown>];
    }
  }
}
