"""What the words of a table mean: directions, outcomes, countries and total rows.

COMPLETED is no outcome: Meta says it of calls that nobody answered too. Whoever knows that a
provider means "answered" by it says so in `words`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from wacost.config import ImportMapping
from wacost.dialplan import COUNTRIES

_DIRECTIONS: Final = {
    "inbound": "inbound incoming in received user_initiated recebida entrada entrante recibida"
    " receptiva de_entrada",
    "outbound": "outbound outgoing out made dialed dialled placed business_initiated realizada"
    " efetuada saida saliente realizada_pelo_agente ativa de_saida",
}
_OUTCOMES: Final = {
    "answered": "answered connected picked_up accepted atendida atendido contestada contestado"
    " respondida aceita aceptada conectada",
    "missed": "missed no_answer unanswered not_answered noanswer not_picked_up perdida perdido"
    " nao_atendida nao_atendido sem_resposta no_contestada no_atendida no_respondida"
    " sin_respuesta abandoned abandonada cancelled canceled cancelada",
    "rejected": "rejected declined busy recusada rejeitada ocupado rechazada",
    "failed": "failed error falhou falha fallida fallo erro",
}
_SHORT: Final = {
    "US": "usa eua ee_uu eeuu",
    "GB": "uk u_k",
    "AE": "uae eau",
}
"""What countries are called for short, where that is no ISO code."""
_TOTALS: Final = frozenset(
    [
        "total",
        "totals",
        "grand_total",
        "sub_total",
        "subtotal",
        "sum",
        "total_geral",
        "total_general",
        "soma",
        "suma",
        "totais",
        "totales",
        "summe",
        "gesamt",
    ]
)


@cache
def plain(text: str) -> str:
    """Write a word or a header so that spelling does not matter.

    >>> plain("Não  atendida"), plain("Call-Start:"), plain("startedAt")
    ('nao_atendida', 'call_start', 'startedat')
    """
    bare = unicodedata.normalize("NFKD", text.replace("ß", "ss").casefold())
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "_", letters).strip("_")


class Words:
    """The words of one mapping."""

    def __init__(self, mapping: ImportMapping) -> None:
        self._directions = _meanings(_DIRECTIONS, mapping)
        self._outcomes = _meanings(_OUTCOMES, mapping)

    def direction(self, cell: str) -> str | None:
        """Return inbound or outbound; None where the word is not known."""
        return self._directions.get(plain(cell))

    def outcome(self, cell: str) -> str | None:
        """Return answered, missed, rejected or failed; None where the word is not known.

        >>> Words(ImportMapping("x", {}, words={"answered": ("Completed",)})).outcome("COMPLETED")
        'answered'
        """
        return self._outcomes.get(plain(cell))


def _meanings(known: dict[str, str], mapping: ImportMapping) -> dict[str, str]:
    found = {word: meaning for meaning, words in known.items() for word in words.split()}
    for meaning in known:
        found |= {plain(word): meaning for word in mapping.words.get(meaning, ())}
    return found


def is_total(cell: str) -> bool:
    """Tell a cell that heads a row of sums.

    >>> is_total("TOTAL:"), is_total("Grand total"), is_total("Total calls of Ana")
    (True, True, False)
    """
    return plain(cell) in _TOTALS


def country_of(cell: str) -> str:
    """Return the ISO country of a code or of a name in English, Portuguese or Spanish; else "".

    >>> country_of("br"), country_of("Brasil"), country_of("EE. UU."), country_of("Atlantis")
    ('BR', 'BR', 'US', '')
    """
    told = cell.strip()
    if told.upper() in COUNTRIES:
        return told.upper()
    return _names().get(plain(told), "")


@cache
def _names() -> dict[str, str]:
    from babel import Locale  # noqa: PLC0415 - only tables with names of countries need it

    short = {word: code for code, words in _SHORT.items() for word in words.split()}
    return short | {
        plain(name): code
        for language in ("es", "pt", "en")
        for code, name in Locale(language).territories.items()
        if code in COUNTRIES
    }
