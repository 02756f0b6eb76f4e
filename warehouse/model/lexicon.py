"""The small business dictionary behind inference: which words mean money, rates, codes, people's data and synonyms."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.model.bags import bag

MONEY = bag(
    "amount price cost revenue fee payment balance budget income wage salary commission tax charge refund spend spent "
    "spending bonus profit margin discount expense expenses turnover earnings payroll premium deposit loan debt "
    "sales gmv fare rent tip donation subtotal msrp mrr arr cogs invoice tuition"
)
QUANTITIES = bag(
    "quantity units count total volume shares items seats tickets orders visits clicks impressions views sessions "
    "sales stock population capacity steps hours minutes seconds days miles distance points "
    "downloads likes attendees guests employees users customers staff passengers"
)
RATES = bag(
    "rate ratio percent percentage pct price score rating age average avg mean median temperature speed density index "
    "gpa grade rank level mpg elevation altitude horsepower acceleration accelerate "
    "efficiency probability likelihood utilization utilisation share concentration magnitude pressure humidity "
    "satisfaction nps csat quality stress highest lowest maximum minimum high low open close "
    "aqi ppm ppb ph turbidity conductivity voltage glucose cholesterol bpm pulse decibel brightness visibility "
    "hardness moisture salinity pm25 pm10 no2 so2 o3 co2 spo2 nh3 "
    "per limit threshold target displacement bmi nearest farthest closest"
)
EXTENTS = bag(
    "height length width depth experience tenure duration weight size hours minutes days years salary wage time "
    "cylinders"
)
STOCKS = bag("balance stock inventory headcount hand backlog followers subscribers")
CODES = bag(
    "id key code zip postal postcode phone mobile fax ssn latitude longitude sku upc ean isbn vin iban epoch "
    "version uuid guid pin barcode hash sequence"
)
CODE_NUMBERS = bag(
    "invoice house account phone order flight room policy claim serial registration card tracking cell contact fax "
    "part model tax license licence passport street building apartment unit telephone po batch lot row"
)
CALENDAR = bag("year month week weekday quarter hour minute second weekofyear dayofweek fiscal yyyymm")
SINCE = bag(
    "since until from founded established built born expiry expires ends end start started season vintage joined"
)
NUMBERED = bag("order employee customer member student reference ticket case line")
FLAGS = bag("is has flag indicator active enabled deleted yn was can")
ORDINALS = bag("level rating grade class tier rank priority stars age score cylinders step stage floor")
FREE_TEXT = bag(
    "description comment comments note notes abstract text body message review summary remarks feedback bio details "
    "content"
)
EVENTS = bag(
    "sale order transaction booking purchase invoice payment subscription donation ticket reservation receipt checkout "
    "deal contract"
)
PLANNED = bag("target budget budgeted planned goal quota forecast forecasted projected")  # wished, not done
GOOD_UP = bag(
    "revenue sales profit income margin orders customers conversion conversions retention satisfaction rating nps csat "
    "visits signups subscribers bookings earnings growth gmv mrr arr turnover attendance"
)
GOOD_DOWN = bag(
    "cost costs refund refunds return returns churn complaint complaints expense expenses defect defects error errors "
    "cancellation cancellations delay delays downtime debt incident incidents fraud waste spend spending overdue "
    "accident accidents chargeback chargebacks claim claims"
)

_GROUPS: tuple[tuple[str, ...], ...] = (
    ("revenue", "sales", "turnover"),
    ("customer", "client", "buyer"),
    ("salesperson", "sales rep", "sales representative", "seller"),
    ("employee", "staff member", "worker"),
    ("product", "item", "article"),
    ("supplier", "vendor"),
    ("store", "shop", "outlet", "branch"),
    ("order", "purchase"),
    ("quantity", "units", "volume"),
    ("cost", "expense", "spend"),
    ("profit", "earnings"),
    ("salary", "pay", "wage"),
    ("category", "kind"),
    ("make", "brand", "manufacturer"),
    ("country", "nation"),
    ("state", "province"),
    ("refund", "return"),
    ("organization", "organisation", "company"),
    ("movie", "film"),
    ("doctor", "physician"),
    ("car", "vehicle", "automobile"),
    ("phone", "telephone", "phone number"),
    ("email", "email address", "e-mail"),
    ("zip code", "postal code", "postcode"),
    ("discount", "rebate"),
    ("shipment", "delivery"),
    ("ticker", "stock", "security"),
    ("patient", "case"),
    ("publication", "paper"),
    ("author", "writer"),
    ("capacity", "seats"),
    ("color", "colour"),
    ("gender", "sex"),
    ("job title", "position", "occupation"),
    ("cell number", "cell phone", "cell phone number", "mobile number", "mobile phone"),
    ("home phone", "home phone number", "landline"),
    ("birth date", "date of birth", "birthday", "dob"),
    ("mpg", "miles per gallon", "fuel economy"),
    ("acceleration", "accelerate"),
)
_BY_WORD = {word: group for group in reversed(_GROUPS) for word in group}


MEASURED = MONEY | QUANTITIES | RATES | EXTENTS | STOCKS | CALENDAR  # words that say a column holds numbers
WORDS = frozenset(
    word
    for among in (MONEY, QUANTITIES, RATES, EXTENTS, STOCKS, CODES, CODE_NUMBERS, CALENDAR, NUMBERED, ORDINALS, EVENTS)
    for word in among
) | bag(
    "account admit admission arrival birth booking category charge city close company contract country course "
    "delivery department discharge doctor due employee end entry event expiry first full group hire house item job "
    "join last location login logout middle order paper patient payment person product project purchase "
    "record region release report request review room sale school section ship shop sign start state stay stock "
    "store student subject supplier team trip unit user vehicle vendor visit ward work"
)


def synonyms(term: str) -> list[str]:
    """Other business words for a singular term, the term itself left out; empty when the dictionary has none."""
    return [word for word in _BY_WORD.get(term, ()) if word != term]


def wished(words: Sequence[str]) -> bool:
    """Whether a name says what somebody wanted (target revenue), which the bare word (revenue) never means."""
    return len(words) > 1 and has(words, PLANNED)


def has(words: Sequence[str], among: frozenset[str]) -> bool:
    """Whether any of the words is in a list of this module."""
    return not among.isdisjoint(words)
