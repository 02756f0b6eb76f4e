"""The closed words of clauses: what may lead one in, deny it, count in it or end it."""

from __future__ import annotations

from agent.builtin.spelled import mapped
from agent.builtin.verbs import EARNING, OWNING, TRADING
from agent.builtin.vocabulary import EVENT_VERBS
from warehouse.model.bags import bag

RELATIVE = bag("who that which whose where when with having whom")
BEING = bag("is are was were be been being am")
HELPING = bag("have has had do does did there ever also currently already actually together got gets get")
PREPOSITIONS = bag("about in at of from by for on to into through across during among within")
ARTICLES = bag("a an the all any some each every those these their its his her our single")
STRANDED = BEING | HELPING | PREPOSITIONS | bag("they he she it who that which them themselves")
DENYING = bag("not no never without")
EXCEPT = frozenset({("except", "for"), ("except",), ("excluding",), ("other", "than"), ("apart", "from")})
ENDING = bag("there yet it them here now currently ever respectively too today")
FLUFF = bag(
    "sort order describe what which is are was were find list show give me return tell us please the all display get "
    "can could you do we have and then also see print provide retrieve select out only just both i want to know would "
    "like let who whats their its his her or as well"
)
VERBS = (
    OWNING | EARNING | TRADING.keys() | EVENT_VERBS.keys()
    | bag(
        "live lives lived living come comes came go goes went going gone create creates created creating make makes "
        "made build built design designed produced founded born hosting starring named called done do did doing "
        "obtained gained found included include includes including appear appears appeared tied linked related "
        "connected belonging registered enrolled hired hiring released sold bought ordered placed sent shipped "
        "delivered opened closed finished completed started joined left listed recorded stored kept raised carried "
        "spent spend spends cost costs paid work works worked perform performs performed operate operates operated "
        "show shows showed shown use uses used award awards awarded"
    )
)  # fmt: skip
"""Verbs that only say that two kinds of records belong together; how they do is in the data."""

AGGREGATES = mapped(
    "average => avg | mean => avg | avg => avg | maximum => max | max => max | highest => max | largest => max | "
    "greatest => max | biggest => max | minimum => min | min => min | lowest => min | smallest => min | total => sum | "
    "sum => sum | latest => max | earliest => min | oldest => max | youngest => min"
)
EXTREMES = mapped(
    "most => max | highest => max | largest => max | biggest => max | greatest => max | maximum => max | max => max | "
    "top => max | best => max | least => min | lowest => min | smallest => min | fewest => min | minimum => min | "
    "min => min | earliest => min | latest => max | longest => max | shortest => min | first => min | last => max"
)
UNITS = bag("dollars dollar usd euros eur pounds years kg km percent points people")
PERSONS = bag("person people everybody everyone someone anybody anyone man woman men women those")
INVERSE = {
    "=": "!=", "!=": "=", "in": "not_in", "not_in": "in", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
    "is_null": "not_null", "not_null": "is_null",
}  # fmt: skip
JOINERS = (
    ("as", "well", "as"), ("along", "with"), ("together", "with"), ("and", "also"), (",", "and"), ("and",), (",",),
    ("&",), (",", "along", "with"), (",", "as", "well", "as"), (",", "together", "with"),
)  # fmt: skip
