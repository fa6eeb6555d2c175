"""The simulated world: businesses, the countries they talk to, their hours, how long calls last.

All of it is made up. Where a country sets numbers aside for fiction (Australia, France, Germany,
Ireland, North America, Sweden, the United Kingdom) they are used; elsewhere a number has the
right length and a mobile prefix, and whoever might own it is never called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wacost.simulate.chance import Weighted, below

if TYPE_CHECKING:
    from random import Random


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A business number that makes and takes calls.

    Attributes:
        id: Meta's phone number id.
        digits: E.164 digits.
        display: the same, as a person writes it.
        share: its weight in the whole traffic.
        outbound: how many of 100 of its calls the business makes itself.
    """

    id: str
    digits: str
    display: str
    share: int
    outbound: int


@dataclass(frozen=True, slots=True)
class Business:
    """A WhatsApp Business account (WABA) and its numbers.

    Attributes:
        waba_id: Meta's id of the account.
        title: the company's name.
        account: the wacost account that a demonstration bills it to.
        timezone: IANA name; its working hours and months are local to it.
        country: ISO 3166 code of its numbers (one where calling is offered).
        numbers: its phone numbers.
        markets: the countries it talks to, with weights.
    """

    waba_id: str
    title: str
    account: str
    timezone: str
    country: str
    numbers: tuple[PhoneNumber, ...]
    markets: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Businesses that are billed together: one account of the demonstration.

    Attributes:
        name: account name.
        title: name of the company that is billed.
        timezone: the account's zone.
        waba_ids: the WABAs it claims.
    """

    name: str
    title: str
    timezone: str
    waba_ids: tuple[str, ...]


def _markets(text: str) -> tuple[tuple[str, int], ...]:
    words = text.split()
    return tuple((word[:2], int(word[3:])) for word in words)


BUSINESSES: Final = (
    Business(
        waba_id="104920731165840",
        title="Loja Aurora Ltda",
        account="aurora",
        timezone="America/Sao_Paulo",
        country="BR",
        numbers=(
            PhoneNumber("118450273916624", "551155500101", "+55 11 5550-0101", 26, 62),
            PhoneNumber("118450273916731", "551155500102", "+55 11 5550-0102", 14, 30),
        ),
        markets=_markets(
            "BR:640 AR:62 UY:30 PY:26 CL:34 CO:26 PE:20 BO:14 PT:36 US:24 ES:10 IT:8 DE:6 AO:8 MZ:6"
            " JP:4"
        ),
    ),
    Business(
        waba_id="104920731165977",
        title="Tiendas Aurora SA de CV",
        account="aurora",
        timezone="America/Mexico_City",
        country="MX",
        numbers=(PhoneNumber("118450273918055", "525555500103", "+52 55 5550 0103", 16, 55),),
        markets=_markets(
            "MX:560 CO:90 US:60 GT:40 CR:30 DO:30 EC:40 PE:50 AR:30 ES:40 CA:8 PA:14 HN:12 CL:20"
        ),
    ),
    Business(
        waba_id="106133508472210",
        title="Atlântico Viagens SA",
        account="atlantico",
        timezone="Europe/Lisbon",
        country="PT",
        numbers=(
            PhoneNumber("119337182450096", "351210550104", "+351 21 055 0104", 20, 52),
            PhoneNumber("119337182450188", "351220550105", "+351 22 055 0105", 8, 35),
        ),
        markets=_markets(
            "PT:430 ES:120 FR:80 DE:50 GB:60 IT:40 NL:30 IE:12 CH:20 BE:14 SE:8 BR:70 AO:40 MZ:20"
            " CV:12 MA:20 PL:14 UA:24 TR:10 RO:8 ZA:8 AE:10"
        ),
    ),
    Business(
        waba_id="106133508472366",
        title="Nila Tours Private Limited",
        account="atlantico",
        timezone="Asia/Kolkata",
        country="IN",
        numbers=(PhoneNumber("119337182453301", "918055500106", "+91 80 5550 0106", 16, 58),),
        markets=_markets(
            "IN:620 AE:80 SA:40 LK:30 NP:26 BD:26 SG:24 MY:20 GB:24 KW:14 OM:14 QA:10 ID:14 AU:10"
            " KE:8 NG:6 HK:6 KZ:6 TH:8 PH:8"
        ),
    ),
)
"""The simulated WABAs: two companies, four time zones."""

GROUPS: Final = (
    Group(
        "aurora",
        "Aurora Comércio Ltda",
        "America/Sao_Paulo",
        tuple(each.waba_id for each in BUSINESSES if each.account == "aurora"),
    ),
    Group(
        "atlantico",
        "Atlântico Viagens SA",
        "Europe/Lisbon",
        tuple(each.waba_id for each in BUSINESSES if each.account == "atlantico"),
    ),
)
"""The accounts of a demonstration: one that buys, one that resells."""

_PLANS: Final = """
    AE 97150:7 97155:7            | AO 24492:7 24493:7          | AR 549115:7 5493515:6 5493416:6
    AU 61491570006:0 61491570156:0 61491570157:0 61491570158:0 61491570159:0 61491570110:0
    BD 88017:8 88019:8            | BE 3247:7 3248:7            | BO 5917:7
    BR 55119:8 55219:8 55319:8 55419:8 55519:8 55719:8 55819:8 55318:7 55418:7
    CA 141655501:2 160455501:2 151455501:2                      | CH 4178:7 4179:7
    CL 569:8                      | CO 57310:7 57315:7 57320:7  | CR 5068:7
    CV 2389:6                     | DE 4917139200:2 49176040690:2
    DO 180955501:2 182955501:2 184955501:2                      | EC 5939:8
    ES 34611:6 34655:6 34699:6    | FR 3363998:4                | GB 447700900:3
    GT 5025:7                     | HK 8526:7 8529:7            | HN 5049:7
    ID 62812:8 62813:8            | IE 3532091:5                | IN 919:9 918:9 917:9
    IT 39333:7 39347:7            | JP 8190:8 8180:8            | KE 2547:8
    KW 9659:7 9656:7              | KZ 7701:7 7777:7            | LK 9477:7 9471:7
    MA 2126:8                     | MX 5255:8 5281:8 5233:8 52155:8
    MY 6012:7 6017:7              | MZ 25884:7 25882:7          | NG 234803:7 234806:7
    NL 316:8                      | NP 97798:8                  | OM 9689:7
    PA 5076:7                     | PE 519:8                    | PH 63917:7
    PL 48501:6 48601:6            | PT 35191:7 35192:7 35196:7  | PY 5959:8
    QA 9745:7 9746:7              | RO 407:8                    | SA 96650:7 96655:7
    SE 467017406:2                | SG 658:7 659:7              | TH 668:8
    TR 90532:7 90542:7            | UA 38067:7 38050:7
    US 121255501:2 130555501:2 131055501:2 140755501:2 161755501:2 171355501:2
    UY 5989:7                     | ZA 2782:7 2783:7
"""


def _number_plans() -> dict[str, tuple[tuple[str, int], ...]]:
    plans: dict[str, tuple[tuple[str, int], ...]] = {}
    for plan in _PLANS.replace("\n", "|").split("|"):
        country, *prefixes = plan.split() or [""]
        if country:
            split = (prefix.split(":") for prefix in prefixes)
            plans[country] = tuple((prefix, int(rest)) for prefix, rest in split)
    return plans


NUMBER_PLANS: Final = _number_plans()
"""Country -> prefixes of its mobile numbers, each with the count of digits that follow."""

HOURS: Final = Weighted(
    enumerate(
        (2, 1, 1, 1, 1, 2, 4, 12, 40, 78, 92, 90, 62, 58, 84, 88, 80, 70, 52, 34, 22, 14, 8, 4)
    )
)
"""Local hours by how many calls begin in them."""

WEEKDAYS: Final = (96, 100, 98, 94, 88, 34, 14)
"""Weights of the days, Monday first."""

MONTH_GROWTH: Final = 6
"""Parts of 100 by which traffic grows from month to month."""

DURATIONS: Final = (
    (0, 1), (40, 5), (100, 12), (250, 32), (500, 70), (650, 118), (780, 205), (880, 370),
    (940, 640), (975, 1080), (990, 1700), (997, 2900), (1000, 5400),
)  # fmt: skip
"""Seconds talked, as (parts per 1000, seconds): median 70 s, a long tail above 20 minutes."""

NAMES: Final = (
    "Ana Souza", "José Ramírez", "Priya Nair", "João Almeida", "Lucía Fernández", "Omar Haddad",
    "Mei Tan", "Zoë Müller", "Nuno Gonçalves", "Sofía Peña", "Arjun Rao", "Chloé Lefèvre",
    "Тарас Коваль", "فاطمة علي", "आरव शर्मा", "王小明", "Maria \"Mia\" O'Neil",
)  # fmt: skip
"""Profile names: what Meta sends and wacost must not keep."""


def draw_number(rng: Random, country: str) -> str:
    """Draw E.164 digits of a mobile number of a country.

    >>> from random import Random
    >>> draw_number(Random(1), "GB").startswith("447700900")
    True
    """
    plans = NUMBER_PLANS[country]
    prefix, rest = plans[below(rng, len(plans))]
    return prefix + (str(below(rng, 10**rest)).zfill(rest) if rest else "")
