"""The closed vocabulary of questions: every word here has one job, and any other word must come from the data."""

from __future__ import annotations

from agent.builtin.spelled import mapped, phrases, several
from warehouse.model.bags import bag

AGGREGATES = mapped(
    "total => sum | sum => sum | overall => sum | combined => sum | cumulative => sum | average => avg | avg => "
    "avg | mean => avg | typical => avg | median => median | maximum => max | max => max | minimum => min | min "
    "=> min | summed => sum | aggregate => sum | averaged => avg"
)
FIGURE_WORDS = bag("number count highest lowest different") | AGGREGATES.keys()
COUNT_LEADS = phrases(
    "how many | the number of | number of | count of | counts of | numbers of | count the number of | count all | "
    "count the | # of | the count of | quantity of | amount of times | volume of | counting | nr of | no of | "
    "count"
)
DISTINCT = bag("different distinct separate unique")
GRAINS = mapped(
    "daily => day | weekly => week | monthly => month | quarterly => quarter | yearly => year | annual => year | "
    "annually => year | hourly => hour"
)
UNIT_WORDS = mapped(
    "hour => hour | day => day | date => day | week => week | month => month | quarter => quarter | year => year"
)
CALENDARS = mapped(
    "calendar => civil | fiscal => fiscal | financial => fiscal | retail => retail | trading => retail | iso => iso"
)
TREND_WORDS = phrases(
    "over time | trend of | trends of | trend in | trend for | trend | trends | timeline | evolution of | "
    "development of | time series | develop | developed | evolve | evolved | developing | history of | through "
    "time"
)
HIGH = bag("most highest largest biggest greatest top best maximum max strongest leading")
LOW = bag("least lowest smallest fewest bottom worst minimum min weakest poorest")
GROUP_LEADS = phrases(
    "broken down by | break down by | breakdown by | split up by | split by | split out by | grouped by | group "
    "by | segmented by | divided by | separated by | sliced by | aggregated by | for each of the | for each | for "
    "every | in each | in every | from each | of each | at each | per | by each | across | across all | by | each "
    "| every | to each | does each | did each | do each | for all | within each | on each | with each | has each "
    "| had each | according to | depending on"
)
GROUP_TAILS = bag("breakdown distribution mix split wise")
OUTPUT_LEADS = bag(
    "add along calculate compute determine display fetch find get give identify include including list output "
    "present print provide report retrieve return returning see select show showing tell view"
)
LIST_VERBS = bag("display fetch find get give list output print provide retrieve return see select show view")
COMPARATORS = mapped(
    "greater than or equal to => >= | more than or equal to => >= | less than or equal to => <= | equal to or "
    "greater than => >= | equal or greater than => >= | no less than => >= | not less than => >= | no more than "
    "=> <= | not more than => <= | at least => >= | at most => <= | a minimum of => >= | minimum of => >= | a "
    "maximum of => <= | up to => <= | more than => > | greater than => > | higher than => > | larger than => > | "
    "bigger than => > | longer than => > | older than => > | above => > | over => > | exceeding => > | exceeds => "
    "> | exceed => > | exceeded => > | less than => < | fewer than => < | lower than => < | smaller than => < | "
    "shorter than => < | younger than => < | below => < | under => < | equal to => = | equals => = | equal => = | "
    "exactly => = | not equal to => != | > = => >= | < = => <= | ! = => != | > => > | < => < | = => = | beyond => "
    ">"
).items()
TEXT_OPS = mapped(
    "starts with the letter => starts_with | starting with the letter => starts_with | start with the letter => "
    "starts_with | starts with => starts_with | starting with => starts_with | start with => starts_with | begins "
    "with => starts_with | beginning with => starts_with | begin with => starts_with | ends with the letter => "
    "ends_with | ending with the letter => ends_with | ending in => ends_with | ends in => ends_with | ends with "
    "=> ends_with | ending with => ends_with | end with => ends_with | contains the substring => contains | "
    "containing the substring => contains | contains the word => contains | containing the word => contains | "
    "contains => contains | containing => contains | contain => contains | includes => contains | has the "
    "substring => contains | like => contains"
).items()
NEGATIONS = phrases(
    "other than | apart from | except for | except | excluding | exclude | is not | are not | was not | were not "
    "| not in | not from | without | not | non | but not | but | ignoring | outside | outside of | not "
    "counting | not including | not including any | leaving out | leave out | less those from"
)
MISSING = phrases(
    "is missing | are missing | is null | are null | is empty | are empty | is blank | is unknown | is not set"
)
PRESENT = phrases("is not null | is not missing | is set | is known | is not empty")
AUXILIARIES = bag("are be been did do does ever had has have is made make was were")
EVENT_VERBS = several(
    "make => | made => | have => | has => | had => | place => | placed => | received => | receive => | get => | "
    "got => | generate => | generated => | record => | recorded => | do => | did => | done => | contain => | "
    "process => | buy => purchase, order, sale, transaction | bought => purchase, order, sale, transaction | "
    "purchase => purchase, order, sale, transaction | purchased => purchase, order, sale, transaction | order => "
    "order, purchase, sale | ordered => order, purchase, sale | sell => sale, order, transaction | sold => sale, "
    "order, transaction | selling => sale, order, transaction | return => return | returned => return | pay => "
    "payment | paid => payment | visit => visit | visited => visit | book => booking, reservation | booked => "
    "booking, reservation | rent => rental | rented => rental | review => review | reviewed => review | trade => "
    "trade, transaction | traded => trade, transaction | ship => shipment | shipped => shipment | claim => claim "
    "| claimed => claim | gone => | went => | go => | undergone => | undergo => | underwent => "
)
PURCHASE_NOUNS = several(
    "signup => customer, user, member, subscriber | registration => customer, user, member | purchase => order, "
    "sale, transaction | buy => transaction, order | sell => transaction, sale"
)
TIME_VERBS = several(
    "joined => join, signup, sign, registration, registered, enrolment, enrollment, created | signed up => join, "
    "signup, sign, registration, registered, created | sign up => join, signup, sign, registration, registered, "
    "created | registered => registration, registered, join, signup, created | subscribed => subscription, "
    "subscribed, join, signup | hired => hire, hired | employed => hire, hired | terminated => termination, "
    "terminated | fired => termination, terminated | "
    "left => leave, left, leaving, exit, termination, departure, resignation | quit => leave, left, exit, "
    "termination, resignation | resigned => resignation, leave, exit | departed => departure, departed, leave, exit | "
    "created => created, creation | opened => open, opened, "
    "opening, created | closed => close, closed, closing | "
    "resolved => resolved, resolution, solved, closed, close | solved => solved, resolved, closed | "
    "completed => completed, completion, finished, closed | finished => finished, completed, finish | "
    ""
    "raised => created, raised, opened | submitted => submitted, submission, created | "
    "logged => logged, created | filed => filed, created | "
    "shipped => shipped, ship, shipping | delivered => delivered, "
    "delivery | returned => returned, return | ordered => ordered, order | placed => ordered, order, placed | "
    "sold => sale, sold | paid => paid, payment | born => birth, born, dob | published => published, publication "
    "| updated => updated, update | due => due | launched => launch, launched, release | released => release, "
    "released | invoiced => invoice | refunded => refund, returned | signed => signed, contract | admitted => "
    "admission, admitted, admit | discharged => discharge, discharged | enrolled => enrolment, enrollment, "
    "enrolled | bought => order, sale, purchase | purchased => purchase, order, sale"
)
COLUMN_WORDS: tuple[tuple[str, ...], ...] = (
    ("salary", "pay", "wage", "compensation", "earnings", "remuneration", "income"),
    ("occupation", "job", "profession"),
    ("gender", "sex"),
    ("nationality", "citizenship"),
    ("weight", "mass"),
)
"""Words for the same field, taken for one another where only one of them names a field of the data."""
ENTITY_WORDS: tuple[tuple[str, ...], ...] = (
    (
        "salesperson",
        "sales person",
        "sales rep",
        "sales representative",
        "seller",
        "rep",
        "sales agent",
        "salesman",
        "sales people",
    ),
    ("customer", "client", "buyer", "shopper", "user", "consumer"),
    ("product", "item", "article", "sku"),
    ("store", "shop", "outlet", "branch"),
    ("employee", "staff", "staff member", "worker"),
    ("supplier", "vendor"),
    ("order", "purchase"),
)
VALUE_FORMS = mapped(
    "bought => buy | buying => buy | sold => sell | selling => sell | paid => pay | successful => success"
)
SHARE_LEADS = phrases(
    "share of total | percentage of total | percent of total | proportion of total | share of the total | "
    "percentage of the total | % of total | as a share of total | as a percentage of total | as percentage of "
    "total | share of | percentage share"
)
COMPARE_LEADS = phrases(
    "compared to | compared with | in comparison to | in comparison with | relative to | versus | vs | against"
)
STOP_PHRASES = phrases(
    "can you | could you | would you | please | i want to see | i want to know | i would like to see | i would "
    "like to know | i want | i need | let me know | tell me | show me | give me | what is | what are | what was | "
    "what were | who is | who are | who was | who were | which are | which is | did we have | do we have | have "
    "we had | we have | did we make | did we get | did we do | did we sell | are there | is there | were there | "
    "was there | there are | there were | did we | do we | we had | we made | has there been | have there been | "
    "the list of | list of | a list of | the names of all | in descending order of time | in our data | in the "
    "data | in the dataset | in the database | in total | in all | as well | of "
    "these | of all time | all time | so far | to date | based on | the value of | value of | the values of | "
    "figures for | figure for | how much | how much was | how much is | how did | how does | how is | how are | "
    "look like | looking at | do you have | you have | were made | was made | have been made | made by | were "
    "placed | placed by | have been placed | that were made | that have been made | on record | in "
    "the system | we currently have | currently have | were recorded | did they | the following | for me | me | "
    "hi | hello | hey | thanks | thank you | ok | okay | and also | also | starting from the top | as columns | "
    "as the columns | the details and | a table of | table of | chart of | a chart of | graph of | plot of | plot "
    "| chart | graph | for the company | overall | in terms of | in dollars | in usd | in euros | in eur | whose "
    "| did we take in | do we take in | we took in | how high is | how high was | how high are | how low is | how low "
    "was | how big is | how big was | how large is | how large was | each one of | together "
    "| came from | came through | come through | went through | came in through | came via | perform | performed "
    "| performing | come from | comes from | generated by | in this period | during this period"
)
STOP_WORDS = bag(
    "corresponding respective "
    "a all an and any are as at based be been being can could currently data did display do does entire entries "
    "entry figure figures find for from get give had happened has have he her here his how i in is it its just "
    "list live lived lives living located made me my occurred of on our placed please record records reside "
    "residing respectively result results return row rows s she show situated some tell that the their them there "
    "these they this those to us value values was we were what whats where which who whole whom with would you"
)
SHORT_WORDS = bag(
    "act add age ago aim air all and any apr are art ask ate aug bad bar bed big bit box boy bus but buy can car "
    "cat cost cut day dec did die dog dry due each ear eat egg end ever far fax feb fee few fit fix fly for fri "
    "from fun gas get got had has have her high him his hit hot how hub ice ill its jan job joy jul jun key kid "
    "lab last law lay led less let lie lot low mad man map mar may men met mix mon more most net new next nor not "
    "nov now nut oct odd off oil old once one only open ore our out over own paid pay per pet pie pin post pot "
    "put ran rare rate raw red rest rid rise row run sad said same sat saw say sea see sep set she sir sit six "
    "sky some son sort spot star stop sum sun tax tea tell ten than that the them then they this thu tip toe too "
    "top toy try tue two use via war was way web wed wet what when who why win wise with won yes yet you"
)
"""Everyday words that the first letters of a figure's name may happen to spell; they keep their own meaning."""
ORDER_WORDS = {
    " ".join(words): True
    for words in phrases(
        "reverse alphabetical | reversed alphabetical | reverse lexicographical | reversed lexicographical | "
        "oldest to the youngest | highest to the lowest | largest to the smallest | newest to the oldest | "
        "descending | desc | highest to lowest | most to least | largest to smallest | newest to oldest | latest to "
        "earliest | high to low | best to worst | most recent first | highest first | newest first | oldest to "
        "youngest"
    )
} | {
    " ".join(words): False
    for words in phrases(
        "lexicographical | lexicographic | lowest to the highest | youngest to the oldest | smallest to the largest | "
        "ascending | asc | alphabetical | alphabetically | lowest to highest | least to most | smallest to largest | "
        "oldest to newest | earliest to latest | low to high | worst to best | lowest first | oldest first | youngest "
        "to oldest"
    )
}
UNSUPPORTED = mapped(
    "why => explaining why something happened | forecast => forecasting | predict => forecasting | prediction => "
    "forecasting | projected => forecasting | projection => forecasting | anomaly => finding anomalies | "
    "anomalous => finding anomalies | outlier => finding anomalies | unusual => finding anomalies | cluster => "
    "finding segments | segmentation => finding segments | correlation => correlations | correlate => "
    "correlations | correlated => correlations | regression => statistical models | cohort => cohorts | driver => "
    "explaining why something happened | drove => explaining why something happened | because => explaining why "
    "something happened | explain => explaining why something happened | tomorrow => forecasting | "
    "will => forecasting | upcoming => forecasting | churn => churn | churned => churn | retention => retention | "
    "funnel => funnels | segment => finding segments | "
    "seasonal => seasonality | simulate => what-if questions | scenario => what-if questions | rolling => "
    "moving averages | moving => moving averages | correlates => correlations | significant => statistical tests | "
    "recommend => advice | should => advice"
)
WRITE_VERBS = bag("alter delete drop erase grant insert modify overwrite remove rename truncate update wipe")
