"""The words a model's sentence may be made of: a closed list, so that what cannot be checked cannot be said."""

from __future__ import annotations

from warehouse.model.bags import bag

PLAIN = bag(
    "a an and as at but by came come comes for from had has have how in is it its of on s or reached recorded stood"
    " that the their there these this to total totalled totaled was were which with while across during also then"
    " compared against versus vs than figure figures here overall accounted made makes make reported saw posted brought"
    " showed shows madeup makesup makeup"
)
"""Words that say nothing by themselves."""

UP = bag("up rose risen rise grew grown grow increased increase climbed gained gain")
DOWN = bag("down fell fallen fall declined decline decreased decrease dropped drop shrank lost slipped")
ABOVE = bag("higher more above ahead exceeded exceeding larger greater bigger followed")
BELOW = bag("lower less fewer below behind trailed trailing smaller")
MOST = bag("highest most largest biggest greatest top leading led lead leads")
LEAST = bag("lowest least smallest fewest bottom")
THAN = bag("than compared against versus vs")

RISKY = UP | DOWN | ABOVE | BELOW | MOST | LEAST
ALLOWED = PLAIN | RISKY
TOTALS = bag("total totalled totaled")
CHANGED = UP | DOWN | bag("by")
SHARED = bag("madeup makesup makeup accounted")
NUMBER_WORDS = bag(
    "zero one two three four five six seven eight nine ten eleven twelve dozen twenty thirty forty fifty hundred"
    " thousand million billion half twice double doubled triple tripled halved third couple several"
    " tenfold percent percentage"
)
