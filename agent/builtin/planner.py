"""Plain English to a plan without any model: right or silent, the same on every run, in milliseconds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from agent.brain import PlanContext
from agent.builtin import glossary, own_filters, patches, shorthand
from agent.builtin.ahead import along_time
from agent.builtin.assemble import Draft, assemble, default_time
from agent.builtin.audit import audit
from agent.builtin.clauses.door import clause_plan
from agent.builtin.conditions import related_words
from agent.builtin.dates import Today
from agent.builtin.deeds import in_places, named_deed
from agent.builtin.describe import definition_beside, describe
from agent.builtin.end_dates import counted_date
from agent.builtin.first_doors import asked_first
from agent.builtin.forced import forced_to, quoted_in
from agent.builtin.lexicon import Lexicon, lexicon_of
from agent.builtin.listing import is_listing, listing
from agent.builtin.looking_up import looked_up, meaning_beside
from agent.builtin.placing import place
from agent.builtin.reading import Reading
from agent.builtin.refusals import decline, refuse_early, unknown_words
from agent.builtin.resolve import Resolver, Unresolved
from agent.builtin.scan import scan
from agent.builtin.second_tries import second_try
from agent.builtin.skill_needs import missing
from agent.builtin.skill_wordings import in_other_words
from agent.builtin.skills import asked_of_skills
from agent.builtin.text import fold, stem, tokenize
from agent.builtin.why import explained
from agent.plan import Assumption, Clarify, Decision, Decline, Option, Plan, Step
from store.errors import PlainsayError
from warehouse.compiled import Compiled
from warehouse.query import MetricQuery, RecordQuery

_UNSURE = ("ambiguous_field", "ambiguous_value", "ambiguous_base")
_MOST_OPTIONS = 4
_MOST_NEAREST = 3
_JUDGED = "rate_or_amount"
_JUDGING = ("best", "worst", "strongest", "weakest", "poorest")
_FRESH_DAYS = 7
_RANKED_BY = ("revenue", "sales", "units", "quantity", "orders", "profit", "transactions")


def plan(context: PlanContext) -> Decision:
    """The decision on a question. Deterministic; never raises for any text."""
    context, lexicon = replace(context, question=shorthand.written_out(context.question)), lexicon_of(context.model)
    early = refuse_early(context.question)
    if early:
        return decline(lexicon, context.question, early[1], early[0])
    decision = _planned(context, lexicon)
    return (missing(context, decision) if isinstance(decision, Decline) else None) or decision


def _planned(context: PlanContext, lexicon: Lexicon) -> Decision:
    try:
        known = looked_up(context, plan) or describe(context.question, lexicon) or asked_first(context, plan)
        known = known or explained(context, plan) or along_time(context, plan)
        known = known or asked_of_skills(context, plan)
        known = known or _explained_too(context, lexicon, _Planning(context, lexicon).decide())
        return (in_other_words(context, known, plan) if isinstance(known, Decline) else None) or known
    except (PlainsayError, ValueError, LookupError, ArithmeticError) as error:
        reason = error.message if isinstance(error, PlainsayError) else "I could not read this question."
        return decline(lexicon, context.question, reason, getattr(error, "code", "not_understood"))


def _explained_too(context: PlanContext, lexicon: Lexicon, decision: Decision) -> Decision:
    """The figure and its definition, where “what is …?” may ask for either."""
    beside = meaning_beside(context) or definition_beside(context.question, lexicon)
    meaning = beside if isinstance(decision, Plan) else None
    if meaning is None or not isinstance(decision, Plan) or decision.intent not in ("total", "count"):
        return decision
    return decision.model_copy(update={"steps": {**decision.steps, "s2": meaning}})


@dataclass
class _Planning:
    """One question on its way to a decision."""

    context: PlanContext
    lexicon: Lexicon
    forced: dict[str, str] = field(default_factory=dict)
    used_terms: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    retried: bool = False
    written: str = ""

    def decide(self) -> Decision:
        try:
            return self._plan()
        except PlainsayError as error:
            return self._otherwise(Unresolved(error.message, error.code))
        except Unresolved as gap:
            return self._otherwise(gap)

    def _otherwise(self, gap: Unresolved) -> Decision:
        """A question back, another reading of the same words, or a decline."""
        read = (self._ask_back(gap) if gap.code in _UNSURE else None) or self._by_clauses()
        if read is not None:
            return read
        if self.retried:
            return self._ask_back(gap) or self._no(gap.reason, gap.code)
        wording = replace(self.context, question=self.written or self.context.question)
        tried = second_try(wording, self.lexicon, self.unknown, self._again)
        if isinstance(tried, Plan):
            tried.assumptions += self._definitions()
        return self._ask_back(gap) or tried or self._no(gap.reason, gap.code)

    def _by_clauses(self) -> Plan | None:
        """The plan of a question whose clauses stand inside one another, which is read as a whole or not at all."""
        wording = replace(self.context, question=self.written or self.context.question)
        found = clause_plan(wording, self.lexicon, self.today(self.context.as_of.date()), self._compile)
        if found is not None:
            found.assumptions += self._definitions()
        return found

    def _definitions(self) -> list[Assumption]:
        return [
            Assumption(key="definition", label=f"“{term}” means", value=body, display=body)
            for term, body in self.used_terms.items()
        ]

    def _again(self, question: str) -> Decision:
        """The decision on another wording of the question, in the same surroundings."""
        try:
            return _Planning(self.context.asking(question), self.lexicon, retried=True).decide()
        except (PlainsayError, ValueError, LookupError, ArithmeticError):
            return self._no("I could not read this question.", "not_understood")

    def _no(self, reason: str, code: str) -> Decline:
        return decline(self.lexicon, self.context.question, reason, code)

    # reading ---------------------------------------------------------------------------------------------------

    def today(self, day: date) -> Today:
        rules = self.context.model.calendar
        return Today(
            day, rules.first_weekday, rules.fiscal_start_month, day != self.context.as_of.date(), rules
        )  # fmt: skip

    def read(self, text: str, day: date) -> Reading:
        """The reading of a text with glossary terms written out and forced choices applied."""
        written, used = glossary.apply(text, self.context.glossary, self._one_each)
        self.used_terms.update(used)
        written = named_deed(written, self.lexicon) or in_places(written, self.lexicon) or written
        self.written = written
        reading = scan(tokenize(fold(written)), self.lexicon, self.context.values, self.today(day))
        return forced_to(reading, self.forced) if self.forced else reading

    def _one_each(self, total: str, count: str) -> bool:
        """Whether each record that `count` names has exactly one stored value of what `total` adds up."""
        added, counted = (self.lexicon.lookup(tuple(t.stem for t in tokenize(fold(x)))) for x in (total, count))
        tables = {r.table for r in counted if r.kind == "table"}
        for ref in added:
            table = self.context.model.tables.get(ref.table)
            measure = table.measures.get(ref.name) if table and ref.kind == "measure" else None
            column = (measure.expr or "").strip('"') if measure else ref.name
            stored = self.context.profile.tables.get(table.source) if table else None
            if ref.table in tables and stored and column in stored.columns and not stored.columns[column].nulls:
                return not (measure and measure.where)
        return False

    def _plan(self) -> Plan:
        day = self.context.as_of.date()
        reading = self.read(self.context.question, day)
        if reading.unsupported:
            raise Unresolved(f"I could not tell which figure {reading.unsupported} is about.", "not_supported_yet")
        if reading.unknown:
            self.unknown = list(reading.unknown)
            raise Unresolved(unknown_words(self.lexicon, reading.unknown), "not_understood")
        resolver = Resolver(self.context.model, self.lexicon, self.context.profile)
        place(reading, self.lexicon)
        if is_listing(reading):
            return self._records(resolver, reading, day)
        return self._metrics(resolver, reading, day)

    def _records(self, resolver: Resolver, reading: Reading, day: date) -> Plan:
        query = listing(resolver, reading, exact=False)
        anchor = self._anchor(reading, default_time(resolver, query.table))
        chips: list[Assumption] = []
        if anchor is not None:
            again = self.read(self.context.question, anchor)
            place(again, self.lexicon)
            query = listing(resolver, again, exact=True)
            reading = again
            chips.append(patches.anchor_chip(query, None, anchor, day))  # type: ignore[arg-type]
        audit(reading, query)
        self._compile(query)
        title = resolver.plural(query.table).capitalize()
        step = Step(tool="list_records", args={"query": patches.dump(query)}, title=title)
        return Plan(
            intent="records", steps={"s1": step}, assumptions=chips, confidence=0.9, hints={"table": query.table}
        )

    def _metrics(self, resolver: Resolver, reading: Reading, day: date) -> Plan:
        draft = assemble(resolver, reading, exact=False)
        self._rate_or_amount(reading, draft)
        anchor = self._anchor(reading, counted_date(draft.query, default_time(resolver, draft.base)))
        chips: list[Assumption] = []
        if anchor is not None:
            today_query = draft.query
            reading = self.read(self.context.question, anchor)
            place(reading, self.lexicon)
            draft = assemble(resolver, reading, exact=True)
            chips.append(patches.anchor_chip(draft.query, today_query, anchor, day))
        self._prior_is_there(reading, draft.query, self._compile(draft.query))
        chips += self._chips(resolver, draft, anchor or day)
        chips += [patches.rate_chip(resolver, c, draft.base) for c in reading.rates]
        if reading.counted:
            counted = draft.chosen[0].figure.label
            chips.append(Assumption(key="reading", label="Read as", value="count", display=counted))
        return self._wrap(draft.query, draft.intent, chips, resolver, draft)

    def _anchor(self, reading: Reading, time: str | None) -> date | None:
        """The last day with data, when today was not given, lies beyond it and the question speaks of today."""
        relative = any(w.hit.relative for w in reading.whens) or bool(
            reading.compare_hit and reading.compare_hit.relative
        )
        if self.context.as_of_given or time is None or not relative:
            return None
        table, column = time.split(".", 1)
        end = self.context.profile.bounds(table, column)[1] or self.context.model.calendar.data_through
        today = self.context.as_of.date()
        if end is None or end >= today:
            return None
        said = [w.hit.period for w in reading.whens if w.hit.relative and w.hit.period]
        if said and all(p.end is not None and p.end <= end + timedelta(days=1) for p in said):
            return None  # last month is last month when the data holds all of it
        starts = [p.start for p in said if p.start]
        return end if (today - end).days > _FRESH_DAYS or any(s > end for s in starts) else None

    # answers ---------------------------------------------------------------------------------------------------

    def _compile(self, query: MetricQuery | RecordQuery) -> Compiled:
        """Prove that the compiler takes the query. Raises what it raises."""
        from warehouse import compiler

        context = self.context
        shared: dict[str, Any] = {"profile": context.profile, "as_of": context.as_of, "principal": context.principal}
        if isinstance(query, MetricQuery):
            return compiler.compile_apart(self.context.model, query, **shared)[1]
        return compiler.compile_records(self.context.model, query, **shared)

    def _rate_or_amount(self, reading: Reading, draft: Draft) -> None:
        """Raises `Unresolved` where the best or worst may be by an amount or by the rate it is the numerator of."""
        top = reading.top
        if self.retried or top is None or top.word not in _JUDGING or top.by is None:
            return
        figure = next((c.figure for c in draft.chosen if c.ask is top.by), None)
        metrics = self.context.model.metrics
        rates = [m for m in metrics.values() if figure and m.numerator == figure.metric and m.unit and m.unit.ratio]
        if figure is None or not rates:
            return
        said = top.by.noun.text
        options = [
            Option(value=said, label=label) for label in (figure.label, *(m.label or "" for m in rates)) if label
        ]
        raise Unresolved(f"“{said}” can be an amount or a rate.", _JUDGED, options)

    @staticmethod
    def _prior_is_there(reading: Reading, query: MetricQuery, compiled: Compiled) -> None:
        """Raises `Unresolved` where growth is to be ranked and there is nothing, or not all, to compare with."""
        ranks = reading.growth and query.top is not None and query.top.by.endswith((".growth", ".delta"))
        missing = next((n for n in compiled.notes if n.code == "prior_outside_data"), None) if ranks else None
        if missing is not None:
            raise Unresolved(f"Growth cannot be told here. {missing.text}", "no_prior")

    def _chips(self, resolver: Resolver, draft: Draft, today: date) -> list[Assumption]:
        chips = [c for chosen in draft.chosen[:2] if (c := patches.metric_chip(draft.query, chosen))]
        if default_time(resolver, draft.base):
            chips.append(patches.period_chip(draft.query, today, draft.window_label))
        for chip in (patches.top_chip(draft.query), patches.time_column_chip(resolver, draft.query, draft.base)):
            if chip:
                chips.append(chip)
        if draft.split is not None:
            chips.append(patches.per_chip(draft.query, draft.split))
        return chips + self._definitions()

    def _wrap(
        self, query: MetricQuery, intent: str, chips: list[Assumption], resolver: Resolver, draft: Draft | None = None
    ) -> Plan:
        hints: dict[str, Any] = {"metric": query.metrics[0].column} if query.metrics else {}
        if query.dimensions:
            hints["dimension"] = query.dimensions[-1].field.split(".", 1)[-1]
        if draft is not None and draft.entity:
            hints["entity"] = draft.entity
        if draft is not None and draft.focus is not None and draft.focus.field is not None:
            hints |= {"focus": draft.focus.values[0], "focus_dimension": draft.focus.field.field}
        if draft is not None and (related := related_words(resolver, draft.base, query.filters)):
            hints["related"] = related
        if query.top is not None:
            hints |= {"direction": "worst" if query.top.bottom else "best", "asked_n": query.top.n}
        title = _title(query, resolver)
        step = Step(tool="query_metrics", args={"query": patches.dump(query)}, title=title)
        confidence = 0.8 if any(len(c.options) > 1 and c.key == "metric" for c in chips) else 0.95
        return Plan(intent=intent, steps={"s1": step}, assumptions=chips, confidence=confidence, hints=hints)

    def _ask_back(self, gap: Unresolved) -> Decision | None:
        """A question with one whole plan per option; a single workable option is the answer."""
        if gap.code == "unranked":
            return self._ask_rank(gap)
        if gap.code == _JUDGED:
            return self._ask_figure(gap)
        if gap.code == own_filters.CODE:
            return self._other_figures(gap)
        if gap.code not in _UNSURE or len(self.forced) > 1:
            return None
        found: list[tuple[Option, Plan]] = []
        for option in gap.options[:_MOST_OPTIONS]:
            trial = replace(self, forced={**self.forced, quoted_in(gap.reason): option.value})
            try:
                found.append((option, trial._plan()))
            except (Unresolved, PlainsayError, ValueError):
                continue
        if len(found) == 1:
            return found[0][1].model_copy(update={"confidence": 0.75})
        if len(found) < 2:
            return None
        options = [Option(value=o.value, label=o.label, patch=p.model_dump(mode="json")) for o, p in found]
        return Clarify(question=f"{gap.reason} Which one do you mean?", options=options)

    def _ask_rank(self, gap: Unresolved) -> Decision | None:
        """`best selling products`: offer the usual figures to rank by, each as a whole plan."""
        found: dict[str, Option] = {}
        for word in _RANKED_BY:
            if not any(r.is_figure for r in self.lexicon.lookup((stem(word),))):
                continue
            text = f"{self.context.question.rstrip(' ?.!')} by {word}"
            trial = _Planning(replace(self.context, question=text, history=()), self.lexicon)
            try:
                plan_ = trial._plan()
            except (Unresolved, PlainsayError, ValueError):
                continue
            metric = str(plan_.hints.get("metric"))
            label = f"By {word}"
            found.setdefault(metric, Option(value=metric, label=label, patch=plan_.model_dump(mode="json")))
        options = list(found.values())[:_MOST_OPTIONS]
        return Clarify(question=gap.reason, options=options) if len(options) > 1 else None

    def _ask_figure(self, gap: Unresolved) -> Clarify | None:
        """The same question about each of the figures that a word may mean."""
        said = self.written or self.context.question
        texts = {o.label: re.sub(rf"\b{re.escape(o.value)}\b", o.label, said, count=1) for o in gap.options}
        plans = {label: plan for label, text in texts.items() if isinstance(plan := self._again(text), Plan)}
        options = [Option(value=k, label=k, patch=p.model_dump(mode="json")) for k, p in plans.items()]
        return Clarify(question=f"{gap.reason} Which one do you mean?", options=options) if len(options) > 1 else None

    def _other_figures(self, gap: Unresolved) -> Decline:
        """No, with the same question about figures that do hold the rows that were asked for."""
        said = self.written or self.context.question
        texts = [re.sub(rf"\b{re.escape(o.value)}\b", o.label, said, count=1, flags=re.I) for o in gap.options]
        texts = [" ".join(t.split()) for t in texts]
        found = [t for t in dict.fromkeys(texts) if t != said and isinstance(self._again(t), Plan)]
        found = [t for t in found if not any(t != other and t.endswith(other) for other in found)]
        declined = self._no(gap.reason, gap.code)
        return declined.model_copy(update={"nearest": [*found, *declined.nearest][:_MOST_NEAREST]})


def _title(query: MetricQuery, resolver: Resolver) -> str:
    names = [m.column.replace("_", " ") for m in query.metrics[:2]]
    groups = [patches.label_of(resolver, d.field).lower() for d in query.dimensions[-2:] if "." in d.field]
    text = " and ".join(names) + (f" by {' and '.join(groups)}" if groups else "")
    if query.time and query.time.grain:
        text += f" per {query.time.grain}"
    return text[:1].upper() + text[1:]
