"""One contact's history, out of the store and the requests that a person typed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from wacost.contacts.blocks import BUSINESS_NUMBERS, Block, blocks_of, business_country, unblocked
from wacost.contacts.history import REQUEST, Act, History, history, until
from wacost.contacts.permission import may_call, may_request
from wacost.contacts.typed import contact_name
from wacost.errors import InputError
from wacost.zones import instant_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from wacost.contacts.answer import Answer
    from wacost.contacts.policies import Rulebook
    from wacost.contacts.typed import Asked, Switched

_ACTS: Final = """
    SELECT
        phone_number_id, account, acted_at, kind, connected_at, coalesce(unanswered, false),
        coalesce(permanent, false), expires_at, coalesce(automatic, false), form, coalesce(id, ''),
        taken_at
    FROM contact_acts
    WHERE contact = $1
    ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A business number and a contact: between these two permissions and windows hold.

    Attributes:
        account: who is billed, or None.
        phone_number_id: of the business; "" where no record tells it.
        contact: digits or user id; of several names the one that stands for all.
        acts: what passed between them.
        blocks: when the number could not call anybody.
        country: of the business number, where its digits are known.
    """

    account: str | None
    phone_number_id: str
    contact: str
    acts: History
    blocks: tuple[Block, ...] = ()
    country: str | None = None

    def may_call(self, rules: Rulebook, at: int) -> Answer:
        """Tell whether the business may call the contact: by its number, permission and limits."""
        acts = until(self.acts, at)  # what comes later is not foreseen

        def decide(instant: int) -> Answer:
            return may_call(acts, rules, instant)

        return unblocked(decide, self.blocks, self.country, at)

    def may_request(self, rules: Rulebook, at: int, form: str = "free_form") -> Answer:
        """Tell whether the business may ask for permission to call; see `permission.py`."""
        acts = until(self.acts, at)

        def decide(instant: int) -> Answer:
            return may_request(acts, rules, instant, form)

        return unblocked(decide, self.blocks, self.country, at, asks=True)


def lines_of(
    con: DuckDBPyConnection,
    contact: str,
    asked: Sequence[Asked] = (),
    number: str | None = None,
    switched: Sequence[Switched] = (),
) -> list[Line]:
    """Return a contact's history with each business number, in the order of the numbers' ids.

    Args:
        con: an open store.
        contact: a number in any format, or a user id; another name of the same contact will do.
        asked: requests that are in no webhook.
        number: only with this phone number id, or with the business number of these digits.
        switched: settings of numbers that are in no webhook.

    Raises:
        InputError: nothing is known of the contact, or not with this number.
    """
    name = known_as(con, contact_name(contact))
    found: dict[str, list[Act]] = {}
    accounts: dict[str, str | None] = {}
    for row in con.execute(_ACTS, [name]).fetchall():
        accounts[row[0]] = row[1]
        found.setdefault(row[0], []).append(_act(row[2:]))
    for one in asked:
        if known_as(con, one.contact) == name:
            _add_asked(found, one)
    chosen = _chosen(con, found, number)
    if not chosen:
        raise _unknown(contact, number, sorted(found))
    return [
        Line(
            accounts.get(pnid),
            pnid,
            name,
            history(found[pnid]),
            tuple(blocks_of(con, pnid, switched)),
            business_country(con, pnid),
        )
        for pnid in chosen
    ]


def _unknown(contact: str, number: str | None, known: Sequence[str]) -> InputError:
    if number is None or not known:
        hint = "the number as in +55 11 98765-4321, or the user id"
        return InputError(f"nothing is known of the contact {contact}", hint=hint)
    return InputError(
        f"the contact {contact} has not dealt with the business number {number}",
        hint=f"with the phone number id {', '.join(known)}",
    )


def placed(con: DuckDBPyConnection, one: Asked) -> tuple[str, str | None, str, str, datetime, str]:
    """Return a typed request with its place: id, account, phone number id, contact, time, form.

    Where the row names no number, and the contact has dealt with one only, it is that one.
    """
    name = known_as(con, one.contact)
    query = "SELECT DISTINCT phone_number_id, account FROM contact_acts WHERE contact = $1"
    found = dict(con.execute(query, [name]).fetchall())
    where = one.phone_number_id or (next(iter(found)) if len(found) == 1 else "")
    account = found.get(where)
    return one.id, account, where, name, one.asked_at, one.form


def known_as(con: DuckDBPyConnection, name: str) -> str:
    """Return the name that stands for all names of a contact."""
    rows = con.execute("SELECT contact FROM aliases WHERE alias = $1", [name]).fetchall()
    return str(rows[0][0]) if rows else name


def _chosen(con: DuckDBPyConnection, found: dict[str, list[Act]], number: str | None) -> list[str]:
    if number is None:
        return sorted(found)
    ids = {number}
    try:
        digits = contact_name(number)
    except InputError:  # an id of a number may be longer or shorter than any number
        digits = number
    query = f"SELECT DISTINCT phone_number_id FROM {BUSINESS_NUMBERS} WHERE digits = $1"  # noqa: S608
    ids |= {row[0] for row in con.execute(query, [digits]).fetchall()}
    return sorted(pnid for pnid in found if pnid in ids)


def _add_asked(found: dict[str, list[Act]], one: Asked) -> None:
    """Add a typed request where its number is known: to the only line there is, or to the named."""
    where = one.phone_number_id or (next(iter(found)) if len(found) == 1 else "")
    acts = found.setdefault(where, [])
    if all(act.id != one.id for act in acts if act.kind == REQUEST):
        at = instant_of(one.asked_at, "UTC")
        acts.append(Act(at, REQUEST, form=one.form, id=one.id))


def _act(row: tuple[object, ...]) -> Act:
    at, kind, connected_at, unanswered, permanent, expires_at, automatic, form, name, taken_at = row
    began = _second(at)
    assert began is not None  # noqa: S101 - every record has a time
    return Act(
        began,
        str(kind),
        connected_at=_second(connected_at),
        unanswered=bool(unanswered),
        over_at=began if unanswered else None,
        permanent=bool(permanent),
        expires_at=_second(expires_at),
        automatic=bool(automatic),
        form=str(form),
        id=str(name),
        taken_at=_second(taken_at),
    )


def _second(at: object) -> int | None:
    return instant_of(at, "UTC") if isinstance(at, datetime) else None
