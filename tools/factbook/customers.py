"""Kinds of facts about customers: which segments there are, what they will be worth, who is about to leave."""

from __future__ import annotations

from tools.factbook.kind import FactKind

_WHO = {"record": "", "records": ""}
_SEGMENT = _WHO | {"method": "", "fell_back": "", "valued": "yes|no", "meaning": "", "advice": ""}
_SIZE = "customers:count share:share value:amount value_share:share? each:amount days:amount away:count"
_SPLIT = {"split": "", "mostly": "yes|no", "few": "yes|no"}
_VALUED = _WHO | {"valued": "yes|no"}
_RISK = _WHO | {
    "worth": "", "timed": "yes|no", "usual": "yes|no", "order": "chance|loss", "by": "id|name", "reasoned": "yes|no",
}  # fmt: skip

KINDS: tuple[FactKind, ...] = (
    FactKind(
        "segments", "segments", "How many were grouped into how many segments, and what all of them are worth.",
        "customers:count groups:count value:amount left_out:share", "{groups} segments",
        "{customers} in {groups} segments, together {value}.", attributes=_SEGMENT, segment=(),
    ),
    FactKind(
        "segment", "segments", "One segment: its size, what it is worth, what is typical of it.",
        f"name:member {_SIZE}", "{name}: {customers}", "{name}: {customers} ({share})[, {value_share} of the value].",
        attributes=_SEGMENT,
    ),
    FactKind(
        "segment_members", "segments", "The segment that was asked about, with its first members.",
        f"name:member {_SIZE} who*:text worth*:amount", "{name}: {customers}",
        "{name}: {customers} ({share})[, {value_share} of the value].", attributes=_SEGMENT | {"by": "id|name"},
    ),
    FactKind(
        "segment_moved", "segments", "How many went from one segment to another.", "from:member to:member count:count",
        "{from} to {to}: {count}", "{count} went from {from} to {to}.", segment=("from", "to"),
    ),
    FactKind(
        "distinguishes", "segments", "The figure that tells a group apart most.",
        "name:member typical:amount overall:amount", "{name}: {typical}",
        "{name} stand out: {typical} against {overall} overall.",
        attributes={"feature": "", "words": ""},
    ),
    FactKind(
        "segments_quality", "segments", "How clear the groups are and how well they hold still (1 is best).",
        "silhouette:amount stability:amount", "Clarity {silhouette}",
        "The groups' silhouette is {silhouette} and their stability over resamples {stability}.", segment=(),
    ),
    FactKind(
        "value_total", "lifetime_value", "What customers are expected to bring over the time ahead.",
        "customers:count active:count expected:amount value:amount each:amount top:share ahead:text tenth:text "
        "discount:text", "{each} each", "{customers} are expected to bring {value} in the next {ahead}, {each} each.",
        attributes=_VALUED | {"one_month": "yes|no", "discounted": "yes|no"}, segment=(),
    ),
    FactKind(
        "value_concentration", "lifetime_value", "What the most valuable tenth holds.", "top:share tenth:text",
        "Top {tenth}: {top}", "The most valuable {tenth} hold {top} of the expected value.",
        attributes=_VALUED | {"one_month": "yes|no", "discounted": "yes|no"}, segment=(),
    ),
    FactKind(
        "value_top", "lifetime_value", "One of the most valuable.",
        "who:text expected:amount value:amount alive:share past:amount", "{who}: {value}",
        "{who}: {value} expected, {alive} likely to be still active.", attributes=_VALUED | {"by": "id|name"},
        segment=("who",),
    ),
    FactKind(
        "value_of", "lifetime_value", "The one customer asked about.",
        "who:text expected:amount value:amount alive:share past:amount", "{who}: {value}",
        "{who}: {value} expected, {alive} likely to be still active.", attributes=_VALUED | {"by": "id|name"},
        segment=("who",),
    ),
    FactKind(
        "value_by", "lifetime_value", "What one segment, or one group of the split asked for, is expected to bring.",
        "name:member value:amount each:amount customers:count share:share?", "{name}: {each} each",
        "{name}: {value}, {each} each[, {share} of the whole].", attributes=_VALUED | _SPLIT,
    ),
    FactKind(
        "lifetime_quality", "lifetime_value", "How far off such an estimate was in the last third of the data.",
        "total:share worth:share better:share top:share past_top:share", "Off by {total}",
        "In the last third of the data the total was off by {total}.",
        attributes={"way": "low|high", "beaten": "yes|no", "valued": "yes|no", "lift": "yes|no"}, segment=(),
    ),
    FactKind(
        "risk_total", "churn_risk", "How many are expected to leave, and what that would cost.",
        "judged:count expected:count high:count medium:count base:share from_high:share chance:share value:amount? "
        "value_share:share? horizon:text? definition:text", "{high} at high risk",
        "{high} of {judged} are at high risk of leaving; about {expected} are expected to go.", attributes=_RISK,
        segment=(),
    ),
    FactKind(
        "risk_top", "churn_risk", "One of those most likely to leave.",
        "who:text chance:share band:text reasons:text worth:amount? loss:amount?", "{who}: {chance}",
        "{who}: {chance}, like those who left in: {reasons}.", attributes=_RISK, segment=("who",),
    ),
    FactKind(
        "risk_of", "churn_risk", "The one customer asked about.",
        "who:text chance:share band:text reasons:text worth:amount? loss:amount?", "{who}: {chance}",
        "{who}: {chance}, like those who left in: {reasons}.", attributes=_RISK, segment=("who",),
    ),
    FactKind(
        "risk_by", "churn_risk", "How many of one group of the split asked for are expected to leave.",
        "name:member chance:share judged:count expected:count value:amount?", "{name}: {chance}",
        "{name}: {chance} are expected to leave, about {expected} of {judged}.",
        attributes=_WHO | _SPLIT | {"unlike": "yes|no"},
    ),
    FactKind(
        "risk_driver", "churn_risk", "A group whose people left more often; no cause.",
        "group:text rate:share base:share", "{group}: {rate}", "{group}: {rate} left, against {base} of everybody.",
        attributes=_RISK, segment=("group",),
    ),
    FactKind(
        "risk_quality", "churn_risk", "How well leaving is told on people the model had not seen.",
        "auc:share lift:amount off:share", "Right in {auc} of pairs",
        "Of two, one who left and one who stayed, the right one had the higher risk in {auc} of cases.",
        attributes=_RISK | {"model": "logistic|booster|both", "split": "time|folds"}, segment=(),
    ),
    FactKind(
        "segment_saved", "save_segment", "A segment was given a name that questions can use.",
        "name:text size:count share:share today:text", "Saved {name}", "Saved {size} as “{name}” on {today}.",
        attributes={"record": ""},
    ),
    FactKind(
        "segment_forgotten", "forget_segment", "A saved segment was forgotten.", "name:text size:count",
        "Forgot {name}", "Forgot “{name}”, which had {size} members.", attributes={"record": ""},
    ),
)  # fmt: skip
