"""What else a question may mean before it is declined: a typing slip, two questions in one, plain shop talk."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain, product

from agent.brain import PlanContext
from agent.builtin.durations import duration
from agent.builtin.lexicon import Lexicon
from agent.builtin.nameless import rows_by_noun
from agent.builtin.phrasings import plainly
from agent.builtin.ratios import defined, order_value, ratio
from agent.builtin.rewriting import overview, parts, without_aside, without_echo
from agent.builtin.shop_talk import managers_way
from agent.builtin.spelling import corrections
from agent.plan import Assumption, Clarify, Decision, Option, Plan

_MOST_OPTIONS = 4
_LITTLE = 3
Replan = Callable[[str], Decision]


def second_try(context: PlanContext, lexicon: Lexicon, unknown: list[str], replan: Replan) -> Decision | None:
    """A plan or a question back for another reading of the text; None when there is none."""
    shop_talk = overview(context.question, lexicon)
    if shop_talk is not None:
        found = replan(shop_talk)
        if isinstance(found, Plan):
            said = Assumption(key="reading", label="Read as", value="overview", display=shop_talk)
            return found.model_copy(update={"assumptions": [*found.assumptions, said], "confidence": 0.75})
    shorter = without_aside(context.question, lexicon)
    if shorter is not None and isinstance(found := replan(shorter), Plan):
        return found
    echoed = without_echo(context.question)
    if echoed is not None and (told := _ranked_by_echo(echoed, replan)) is not None:
        return told
    lasted = duration(context, lexicon, replan)
    if lasted is not None:
        return lasted
    worked_out = order_value(context.question, replan, lexicon) or ratio(context.question, replan, lexicon.model)
    worked_out = worked_out or defined(context.question, context.glossary, replan)
    if worked_out is not None:
        return worked_out
    ways = (managers_way(context.question, lexicon), plainly(context.question, lexicon, context.as_of.year))
    for written in chain.from_iterable(ways):
        found = replan(written)
        if isinstance(found, Plan):
            said = Assumption(key="reading", label="Read as", value="plain", display=written)
            return found.model_copy(update={"assumptions": [*found.assumptions, said], "confidence": 0.8})
    named = rows_by_noun(context.question, lexicon, unknown, replan)
    if named is not None:
        return named
    return _one_of_two(context.question, replan) or _corrected(context, lexicon, unknown, replan)


def _ranked_by_echo(echoed: tuple[str, str], replan: Replan) -> Plan | None:
    """The ranking alone, where it shows the very figure that was asked for again."""
    main, figure = replan(echoed[0]), replan(echoed[1]) if echoed[1] else None
    if not isinstance(main, Plan) or main.intent != "top":
        return None
    shown = main.steps["s1"].args["query"]["metrics"][0]["metric"]
    if figure is None:
        return main
    same = isinstance(figure, Plan) and figure.steps["s1"].args.get("query", {}).get("metrics", [{}])[0]
    counted = shown.startswith("count_distinct:")  # the same records, counted where the groups are
    return main if same and (counted or same.get("metric") == shown) else None


def _one_of_two(question: str, replan: Replan) -> Decision | None:
    """Two questions in one text: each of them, to choose from."""
    found = [(text, replan(text)) for text in parts(question)]
    plans = [(text, p) for text, p in found if isinstance(p, Plan)]
    if len(plans) < 2:
        return None
    options = [
        Option(value=str(n), label=f"{text[:1].upper()}{text[1:]}?", patch=p.model_dump(mode="json"))
        for n, (text, p) in enumerate(plans, start=1)
    ]
    return Clarify(question="These are two questions. Which one first?", options=options)


def _corrected(context: PlanContext, lexicon: Lexicon, unknown: list[str], replan: Replan) -> Decision | None:
    """The question with its unknown words spelled as known ones: the answer when there is one way, else a choice."""
    words = [w for w in dict.fromkeys(unknown) if len(w) > _LITTLE]  # little words wait for the others to be known
    if not words or len(words) > 2:
        return None
    ways = [corrections(w, lexicon, context.values)[:_MOST_OPTIONS] for w in words]
    found: dict[str, tuple[str, Plan]] = {}
    for choice in list(product(*ways))[:_MOST_OPTIONS]:
        text = context.question
        for word, other in zip(words, choice, strict=True):
            text = re.sub(rf"\b{re.escape(word)}\b", other, text, count=1)
        decision = replan(text)
        if isinstance(decision, Plan):
            query = str([s.args for s in decision.steps.values()])
            found.setdefault(query, (" and ".join(choice), decision))
    if not found:
        return None
    said = " and ".join(words)
    if len(found) == 1:
        choice_text, one = next(iter(found.values()))
        note = Assumption(key="spelling", label=f"“{said}” is read as", value=choice_text, display=choice_text)
        return one.model_copy(update={"assumptions": [*one.assumptions, note], "confidence": 0.7})
    options = [Option(value=c, label=c, patch=p.model_dump(mode="json")) for c, p in found.values()]
    return Clarify(question=f"I do not know “{said}”. Which of these do you mean?", options=options)
