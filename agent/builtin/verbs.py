"""Verbs by the job they do in a question: earning, growing, owning; every other verb must come from the data."""

from __future__ import annotations

from agent.builtin.spelled import mapped
from warehouse.model.bags import bag

EARNING = bag(
    "account accounts accounted achieve achieves achieved attract attracts attracted bring brings brought contribute "
    "contributes contributed deliver delivers delivered drive drives drove driven earn earns earned gave generate "
    "generates generated give gives gross grosses grossed had has have make makes made pull pulls pulled "
    "produce produces produced "
    "record records recorded reach reaches reached receive receives received see sees saw show shows showed "
    "yield yields yielded get gets got take takes took do does did perform performs performed "
    "rank ranks ranked raise raises raised handle handles handled process processes processed"
)
"""Verbs that say of a group that it has a figure: which region brings in the most revenue."""

TRADING = mapped(
    "sell => sell | sells => sell | sold => sell | buy => buy | buys => buy | bought => buy | purchase => buy | "
    "purchases => buy | purchased => buy | order => buy | orders => buy | ordered => buy | spend => spend | "
    "spends => spend | spent => spend | pay => spend | pays => spend | paid => spend | doing => do | selling => sell | "
    "performing => do"
)
"""Verbs that say of a group that it trades; spending is money, the others may be pieces or money."""

GROWING = mapped(
    "grow => up | grows => up | grew => up | grown => up | growing => up | increase => up | increases => up | "
    "increased => up | rise => up | rises => up | rose => up | improve => up | improves => up | improved => up | "
    "gain => up | gains => up | gained => up | decline => down | declines => down | declined => down | drop => down | "
    "drops => down | dropped => down | fall => down | falls => down | fell => down | shrink => down | shrank => down | "
    "decrease => down | decreases => down | decreased => down | lose => down | loses => down | lost => down | "
    "change => both | changes => both | changed => both | move => both | "
    "moved => both"
)
"""Verbs of change and their direction."""

OWNING = bag(
    "associated presented located flow flows serve serves serving live born listed attend attends "
    " attended attending assign assigned award awarded awards belong belongs belonging bear build "
    "builds built compete competed contain contains containing create design designs designed direct directed "
    "drive employ employed employs enroll enrolled enrolling enrolls enrolment feature featured give given gives hire "
    "hires hired hold holds holding host hosts hosted lead leads led live lives lived living located locate "
    "maintain maintains manage managed manages manufacture manufactured manufactures offer offered offering offers "
    "operate operated operates own owned owning owns participate participated perform performed performs "
    "performing play played plays produce produced produces producing published publish reside resides residing "
    "register registered registers run runs serve served serves sign signed speak spoken study studied studies take "
    "taken takes taking taught teach teaches treat treated treats undergo undergone use used uses using visit visited "
    "visits visiting win won wins work worked working works write written writes wrote happened happen happens "
    "occurred occur occurs exist exists take place took receive received gone through done sing sings sang sung "
    "handle handled handles handling process processed processes processing transact transacted transacts "
    "fulfil fulfill fulfils fulfills fulfilled carry carries carried carrying"
)
"""Verbs that only say how two kinds of records belong together, where the data joins them in one way."""

FASTEST = mapped(
    "fastest => growth | quickest => growth | slowest => growth | most => delta | least => delta | best => growth | "
    "worst => growth | strongest => growth | strongly => growth"
)
"""How a growth is ranked: by its rate, or by the amount."""
SLOW = bag("slowest least worst")
