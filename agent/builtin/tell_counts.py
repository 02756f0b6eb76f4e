"""How many there are, in one sentence; people who are counted by one of their dates are said to be."""

from __future__ import annotations

from agent.builtin.meaning import is_of_people
from agent.builtin.scene import Scene
from agent.builtin.wording import metric
from agent.claims import Ref, Sentence, escape
from tools.evidence import Fact
from warehouse.model.adhoc import humanize


def there_are(scene: Scene, fact: Fact) -> Sentence:
    """ "There were 12 orders in May 2026", "There is 1 store", "31 employees have a hire date in 2024"."""
    noun = metric(fact).removeprefix("number of ")
    one = str(scene.value(fact.values["value"])) == "1"
    table = next((t for t in scene.context.model.tables.values() if t.record and t.records == noun), None)
    if one and table is None:
        return [metric(fact, start=True), *scene.for_whom(), " came to ", Ref(fact.values["value"]), *scene.when(), "."]
    noun = escape(table.record or "") if one and table else noun
    date = _their_date(scene, noun) if scene.when() else ""
    if date:
        date = f"{'an' if date[:1] in 'aeiou' else 'a'} {date}"
        whom = [f" {noun}", *scene.for_whom()]
        return [Ref(fact.values["value"], "auto"), *whom, f" {'has' if one else 'have'} {date}", *scene.when(), "."]
    be = {(True, True): "was", (True, False): "is", (False, True): "were", (False, False): "are"}[
        one, bool(scene.when())
    ]
    return [f"There {be} ", Ref(fact.values["value"], "auto"), f" {noun}", *scene.for_whom(), *scene.when(), "."]


def by_their_date(scene: Scene, fact: Fact) -> str:
    """ " by hire date", where a course counts people by it; empty for what happens over time."""
    counted = metric(fact).startswith("number of ")
    date = _their_date(scene, metric(fact).removeprefix("number of ")) if counted else ""
    return f" by {date}" if date else ""


def _their_date(scene: Scene, noun: str) -> str:
    """ "hire date", where people are counted by it: 31 employees in 2024 would say that there were no others."""
    tables = scene.context.model.tables.values()
    counted = next((t for t in tables if noun in (escape(t.record or ""), escape(t.records or ""))), None)
    if counted is None or counted.time is None or not is_of_people(counted):
        return ""
    chip = next((a for a in scene.context.plan.assumptions if a.key == "time_column"), None)
    default = counted.time.columns[counted.time.default].label or humanize(counted.time.default)
    return escape((chip.display if chip else default).lower())
