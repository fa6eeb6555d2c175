"""Small tables that a person keeps in the workspace: who is who, what was asked, who answered.

They are read whenever a report is made and are never copied into the store. A file that is not
there has no rows; one that is wrong stops the report with its line.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from wacost.dialplan import digits_of
from wacost.errors import InputError, PayloadError
from wacost.zones import instant_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PEOPLE: Final = "contacts.csv"
REQUESTS: Final = "permission_requests.csv"
AGENTS: Final = "agents.csv"
SETTINGS: Final = "channel_settings.csv"
FORMS: Final = ("", "free_form", "template")
SWITCHES: Final = {"": None, "on": "ENABLED", "off": "DISABLED"}
_SWITCHED: Final = ("calling", "inbound", "callback_permission")
Switched = tuple[str, datetime, str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for permission to call that no webhook tells of.

    Attributes:
        asked_at: UTC, without an offset.
        contact: digits or a user id.
        phone_number_id: of the business; "" where the file does not say.
        id: of the message; made of the row where the file does not say.
        form: template, free_form or "".
    """

    asked_at: datetime
    contact: str
    phone_number_id: str
    id: str
    form: str


def people(folder: Path) -> list[tuple[str, str]]:
    """Return (contact, person) of `contacts.csv`: numbers that are one person's.

    Raises:
        PayloadError: a row is wrong, or a number has two persons.
    """
    found: dict[str, str] = {}
    file = folder / PEOPLE
    for line, row in _rows(file, ("contact", "person")):
        contact, person = _contact(file, line, row["contact"]), row["person"]
        if found.setdefault(contact, person) != person:
            raise _wrong(
                file, line, f"{row['contact']} has two persons: {found[contact]}, {person}"
            )
    return sorted(found.items())


def requests(folder: Path, zone: str) -> list[Asked]:
    """Return the rows of `permission_requests.csv`, sorted, each once.

    Args:
        folder: the workspace.
        zone: of times without an offset.

    Raises:
        PayloadError: a row is wrong.
    """
    file = folder / REQUESTS
    found = {
        _asked(file, line, row, zone) for line, row in _rows(file, ("requested_at", "contact"))
    }
    return sorted(found, key=lambda asked: (asked.asked_at, asked.contact, asked.id))


def agents(folder: Path) -> list[tuple[str, str, str]]:
    """Return (call id, tracking, agent) of `agents.csv`; a row has one of the first two.

    Raises:
        PayloadError: a row is wrong, or one key has two agents.
    """
    found: dict[tuple[str, str], str] = {}
    file = folder / AGENTS
    for line, row in _rows(file, ("agent",)):
        key = (row.get("call_id", ""), row.get("tracking", ""))
        if bool(key[0]) == bool(key[1]):
            raise _wrong(file, line, "expected a call_id or a tracking, one of them")
        if found.setdefault(key, row["agent"]) != row["agent"]:
            raise _wrong(file, line, f"{''.join(key)} has two agents: {found[key]}, {row['agent']}")
    return sorted((*key, agent) for key, agent in found.items())


def settings(folder: Path, zone: str) -> list[Switched]:
    """Return `channel_settings.csv`: (phone number id, from, calling, inbound, callback).

    The last three are ENABLED, DISABLED or None where the row does not say; the time is UTC.

    Args:
        folder: the workspace.
        zone: of times without an offset.

    Raises:
        PayloadError: a row is wrong.
    """
    file = folder / SETTINGS
    found: set[Switched] = set()
    for line, row in _rows(file, ("phone_number_id", "from")):
        words = [row.get(name, "").lower() for name in _SWITCHED]
        if wrong := [word for word in words if word not in SWITCHES]:
            raise _wrong(file, line, f"{wrong[0]!r} is neither on nor off")
        at = _moment(file, line, row["from"], zone)
        calling, inbound, callback = (SWITCHES[word] for word in words)
        found.add((row["phone_number_id"], at, calling, inbound, callback))
    return sorted(found, key=repr)


def contact_name(text: str) -> str:
    """Return a contact as the store names it: digits of a number, or a user id as it is.

    >>> contact_name("+55 (11) 98765-4321"), contact_name(" BR.7f ")
    ('5511987654321', 'BR.7f')
    """
    stripped = text.strip()
    is_number = bool(stripped) and not any(one.isalpha() for one in stripped)
    return digits_of(stripped) or stripped if is_number else stripped


def _asked(file: Path, line: int, row: dict[str, str], zone: str) -> Asked:
    form = row.get("form", "")
    if form not in FORMS:
        raise _wrong(file, line, f"{form!r} is no form: template or free_form")
    at = _moment(file, line, row["requested_at"], zone)
    contact = _contact(file, line, row["contact"])
    name = row.get("message_id") or f"{at.isoformat()} {contact}"
    return Asked(at, contact, row.get("phone_number_id", ""), name, form)


def _contact(file: Path, line: int, text: str) -> str:
    try:
        return contact_name(text)
    except InputError as problem:
        raise PayloadError(f"{file}, line {line}: {problem.message}", hint=problem.hint) from None


def _moment(file: Path, line: int, text: str, zone: str) -> datetime:
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise _wrong(file, line, f"{text!r} is no time: write 2026-10-05T14:00") from None
    return datetime.fromtimestamp(instant_of(told, zone), UTC).replace(tzinfo=None)


def _rows(file: Path, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, cells by column) of a table; cells are stripped."""
    if not file.exists():
        return
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            names = reader.fieldnames or []
            if missing := [name for name in needed if name not in names]:
                raise _wrong(file, 1, f"no column {missing[0]}")
            for row in reader:
                cells = {key: (value or "").strip() for key, value in row.items() if key}
                if empty := [name for name in needed if not cells[name]]:
                    raise _wrong(file, reader.line_num, f"{empty[0]} is empty")
                yield reader.line_num, cells
    except (csv.Error, UnicodeDecodeError, OSError) as problem:
        raise PayloadError(
            f"{file} cannot be read: {problem}", hint="a CSV file in UTF-8"
        ) from None


def _wrong(file: Path, line: int, what: str) -> PayloadError:
    return PayloadError(f"{file}, line {line}: {what}", hint="correct the row, or take it out")
