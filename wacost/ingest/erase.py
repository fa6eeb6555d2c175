"""Take the person out of webhook bodies: what stays is what the bill needs, under new names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from wacost.dialplan import country_of
from wacost.ingest.bare import MOST_ID, bare_change, bare_entry, is_word, listed, plain, refused
from wacost.ingest.bystanders import is_left_out
from wacost.ingest.formats import META, REWRITTEN, format_of, taken
from wacost.ingest.reshape import ARRIVAL, ITEMS, OBJECTS

CALL_KEYS: Final = (
    "id", "event", "timestamp", "direction", "status", "start_time", "end_time", "duration", "type",
    "wacost_held",
)  # fmt: skip
"""Of a call's item: what is no person's."""
MESSAGE_KEYS: Final = ("event", "timestamp", "type", "status", "pricing")
NAME_KEYS: Final = (
    "from", "to", "recipient_id", "wa_id", "from_user_id", "to_user_id", "recipient_user_id",
    "user_id", "from_parent_user_id", "to_parent_user_id", "recipient_parent_user_id",
)  # fmt: skip
"""Where an item or a contact names people."""

_NEW_ID: Final = re.compile(r"redacted\.(\d{8}\.)?[0-9a-f]{32}", re.ASCII)
_NEW_BAD_ID: Final = re.compile(r"redacted\.[0-9a-f]{32} x", re.ASCII)
_WORD_OR_TIME: Final = re.compile(r"[A-Za-z_]{0,40}|\d{1,10}", re.ASCII)
_PREFIX: Final = re.compile(r"([A-Z]{2})\.")
_CHANGED: Final = "*"  # marks among names: something of a value has changed,
_SOMEBODY: Final = "?"  # and somebody is meant who is not named here
_REPLY_KEYS: Final = (
    "response",
    "is_permanent",
    "expiration_timestamp",
    "expiration_time",
    "response_source",
)


@dataclass(frozen=True, slots=True)
class Gone:
    """A call as the store has it since it was redacted.

    Attributes:
        call_id: its new id.
        contact: its new contact; None where it never had one.
        business: the digits of the business's number.
        whole: the contact is gone too, not only the id.
    """

    call_id: str
    contact: str | None
    business: str | None
    whole: bool


@dataclass(frozen=True)
class Eraser:
    """What to take out of bodies.

    Attributes:
        call: an id as it was told -> what has become of the call; None: leave it as it is.
        is_over: whether a message's item is to be taken out, by its time and the names in it.
        rename: (kind, text) -> its keyed hash; None: somebody is forgotten, whose messages are
            dropped, not renamed.
        hide: the same for what was refused, which is kept in any case.
        is_empty_over: whether a body, entry or change that holds no item is to be emptied.
        stays: which calls that are told by their old ids are not to be touched.
        over: everything else is to be taken out too: records that were refused.
    """

    call: Callable[[str], Gone | None]
    is_over: Callable[[Mapping[str, Any], frozenset[str]], bool]
    rename: Callable[[str, str], str] | None
    hide: Callable[[str, str], str]
    is_empty_over: Callable[[Any], bool]
    stays: frozenset[str] = frozenset()
    over: bool = False

    def where_over(self, *, over: bool) -> Eraser:
        """Return the same for a file in which everything is to be redacted, or not."""
        return replace(self, over=over)

    def body(self, body: Any) -> Any:
        """Return a body without the persons that are gone; the very same where there is none."""
        if isinstance(body, list):
            bodies = [self._one(one) for one in body]
            same = all(
                len(made) == 1 and made[0] is one for made, one in zip(bodies, body, strict=True)
            )
            return body if same else [one for made in bodies for one in made]
        made = self._one(body)
        return made[0] if len(made) == 1 else made

    def _one(self, body: Any) -> list[Any]:
        """Return what stands for a body: of another format's, once it is changed, Meta's bodies."""
        name = format_of(body)
        if name in ("", META):
            return [self.body(body) if isinstance(body, list) else self._meta(body)]
        (told,) = taken(body)
        made = [self._told(one, body) for one in told.bodies]
        if all(a is b for a, b in zip(made, told.bodies, strict=True)):
            return [body]
        kept = {key: body[key] for key in (ARRIVAL,) if key in body}
        return [{**one, **kept, REWRITTEN: name} for one in made]

    def _told(self, body: Any, original: Any) -> Any:
        if body and not is_left_out(body):
            return self._meta(body)
        is_over = body is not original and (self.over or self.is_empty_over(original))
        return {**body} if is_over else body

    def _meta(self, body: Any) -> Any:
        is_whole = isinstance(body, dict) and isinstance(body.get("entry"), list)
        if not is_whole or body.get("object") not in (*OBJECTS, None):
            return refused(body) if self._is_empty_over(body) else body
        entries = [self._entry(entry) for entry in body["entry"]]
        same = all(a is b for a, b in zip(entries, body["entry"], strict=True))
        kept = {key: body[key] for key in ("object", ARRIVAL) if key in body}
        return body if same else {**kept, "entry": entries}

    def _entry(self, entry: Any) -> Any:
        if not isinstance(entry, dict) or not isinstance(entry.get("changes"), list):
            return bare_entry(entry) if self._is_empty_over(entry) else entry
        changes = [self._change(change) for change in entry["changes"]]
        same = all(a is b for a, b in zip(changes, entry["changes"], strict=True))
        kept = {key: entry[key] for key in ("id", "time") if key in entry}
        return entry if same else {**kept, "changes": changes}

    def _change(self, change: Any) -> Any:
        value = change.get("value") if isinstance(change, dict) else None
        if not isinstance(value, dict) or not any(listed(value, kind) for kind in ITEMS):
            return bare_change(change) if self._is_empty_over(change) else change
        made, gone, living = dict(value), set[str](), set[str]()
        for kind in ITEMS:
            if isinstance(value.get(kind), list):
                made[kind] = list(self._items(kind, value, gone, living))
        if not gone:
            return change
        return {**change, "value": _without(made, gone, living)}

    def _items(
        self, kind: str, value: Mapping[str, Any], gone: set[str], living: set[str]
    ) -> Iterator[Any]:
        """Yield the items of a list; note who is named by those that go and by those that stay."""
        for item in value[kind]:
            if not isinstance(item, dict):
                yield item
                continue
            names = frozenset(_names(item))
            theirs = names - {_display(value)} or frozenset(_only_contact(value))
            found = self.call(item["id"]) if isinstance(item.get("id"), str) else None
            made = _told_by(found, item, kind, value)
            if found and not found.whole and made != item:
                living |= names
                gone.add(_CHANGED)
                yield made
            elif found and made != item:
                gone |= {_CHANGED, *names, *([_SOMEBODY] if found.contact else [])}
                yield made
            elif _is_message(kind, item) and self.is_over(item, names):
                gone |= {_CHANGED, _SOMEBODY, *names}
                if self.rename:
                    yield _message(item, kind, value, self.rename)
            elif self._is_refused_over(item, theirs):
                gone |= {_CHANGED, _SOMEBODY, *names}
                yield _unknown(item, kind, value, self.hide, forgets=self.rename is None)
            else:
                living |= names or {_SOMEBODY}
                yield item

    def _is_refused_over(self, item: Mapping[str, Any], names: frozenset[str]) -> bool:
        """Tell whether an item of no call that the store has is to tell nobody any more."""
        named = self.rename is None and (
            self.is_over(item, names) or (not names and self.is_empty_over(item))
        )
        return (self.over or named) and not self._is_known(item.get("id"))

    def _is_empty_over(self, told: Any) -> bool:
        return self.over or (told is not None and self.is_empty_over(told))

    def _is_known(self, call_id: Any) -> bool:
        return isinstance(call_id, str) and (call_id in self.stays or _is_done(call_id))


def _names(item: Mapping[str, Any]) -> Iterator[str]:
    for key in NAME_KEYS:
        told = item.get(key)
        if isinstance(told, int) or (isinstance(told, str) and told):
            yield name_of(str(told))


def name_of(told: str) -> str:
    """Return a contact's name in one form: a number's digits, or a user id as it is.

    >>> name_of("+55 11 98765-4321"), name_of("BR.123")
    ('5511987654321', 'BR.123')
    """
    digits = re.sub(r"[\s().\-/+]+", "", told)
    return digits.removeprefix("00") if digits.isdigit() else told


def _is_message(kind: str, item: Mapping[str, Any]) -> bool:
    return kind == "messages" or (kind == "statuses" and item.get("type") != "call")


def _without(value: dict[str, Any], gone: set[str], living: set[str]) -> dict[str, Any]:
    """Take the contacts that are gone out of a value; where nobody stays, all texts too."""
    contacts, errors = value.pop("contacts", None), value.pop("errors", None)
    kept = ("messaging_product", "metadata", "calls", "statuses", "messages")
    made = {key: one for key, one in value.items() if key in kept or living}
    if isinstance(contacts, list) and living:
        there = [one for one in contacts if isinstance(one, dict)]
        made["contacts"] = [one for one in there if not (gone - living).intersection(_names(one))]
    elif isinstance(contacts, list) and _SOMEBODY not in gone:  # a call that has no contact
        made["contacts"] = [_country(one) for one in contacts if isinstance(one, dict)]
    if isinstance(errors, list):
        made["errors"] = errors if living else [_code(error) for error in errors]
    return made


def _country(contact: Mapping[str, Any]) -> dict[str, Any]:
    profile = contact.get("profile")
    told = profile.get("country_code") if isinstance(profile, dict) else None
    return {"profile": {"country_code": told}} if isinstance(told, str) else {}


def _code(error: Any) -> dict[str, Any]:
    code = error.get("code") if isinstance(error, dict) else None
    return {"code": code} if isinstance(code, int | str) else {}


def _told_by(
    found: Gone | None, item: Mapping[str, Any], kind: str, value: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Write the item of a call as it is to be, which may be as it is."""
    if found is None:
        return item
    return _call(item, found, kind, value) if found.whole else {**item, "id": found.call_id}


def _call(
    item: Mapping[str, Any], gone: Gone, kind: str, value: Mapping[str, Any]
) -> dict[str, Any]:
    """Write the item of a call without its contact; what says nothing of a person stays."""
    made = {key: plain(item[key]) for key in CALL_KEYS if key in item}
    made["id"] = gone.call_id
    ours = {gone.business, _display(value)} - {None, ""}
    for key in ("from", "to"):
        if isinstance(item.get(key), str | int) and name_of(str(item[key])) in ours:
            made[key] = item[key]
    if gone.contact is not None:
        made["from_user_id" if kind == "calls" else "recipient_user_id"] = gone.contact
    if isinstance(item.get("session"), dict) and "sdp_type" in item["session"]:
        made["session"] = {"sdp_type": plain(item["session"]["sdp_type"])}
    if isinstance(item.get("errors"), list):
        made["errors"] = [_code(error) for error in item["errors"]]
    return made


def _unknown(
    item: Mapping[str, Any],
    kind: str,
    value: Mapping[str, Any],
    rename: Callable[[str, str], str],
    *,
    forgets: bool,
) -> dict[str, Any]:
    """Write a refused item so that it is refused again, without saying of whom it tells.

    Of somebody who is forgotten it may be a call that was never loaded: with its country it has its
    price.
    """
    strict = {key: _masked(one) if key in CALL_KEYS else one for key, one in item.items()}
    if kind == "messages":
        nameless = {key: one for key, one in strict.items() if key not in NAME_KEYS}
        made = _message(nameless, kind, {}, rename)
    else:
        ours = _display(value)
        all_names = (*_names(item), *_only_contact(value)) if ours and forgets else ()
        names = [name for name in all_names if name != ours]
        contact = new_name(names[0], rename) if names else None
        made = _call(strict, Gone("", contact, None, whole=True), kind, value)
    told = item.get("id")
    if isinstance(told, str) and told:
        made["id"] = _new_id(told, rename)
    elif "id" in item:
        made["id"] = plain(told)
    else:
        made.pop("id", None)
    return made


def _masked(told: Any) -> Any:
    """Keep a short word or time; of a longer word only its length, of other text nothing."""
    if isinstance(told, str) and is_word(told) and not _WORD_OR_TIME.fullmatch(told):
        return "x" * len(told)
    return told


def _new_id(told: str, rename: Callable[[str, str], str]) -> str:
    """Return what stands for an id; for one that is refused, one that is refused too."""
    if _is_done(told):
        return told
    return f"redacted.{rename('call', told)}{'' if is_word(told, MOST_ID) else ' x'}"


def _is_done(told: str) -> bool:
    return is_new_id(told) or _NEW_BAD_ID.fullmatch(told) is not None


def is_new_id(call_id: str) -> bool:
    """Tell an id that stands for a redacted call.

    >>> is_new_id("redacted.50000001." + "0" * 32), is_new_id("wacid.A")
    (True, False)
    """
    return _NEW_ID.fullmatch(call_id) is not None


def _display(value: Mapping[str, Any]) -> str | None:
    metadata = value.get("metadata")
    told = metadata.get("display_phone_number") if isinstance(metadata, dict) else None
    return name_of(str(told)) if told else None


def _message(
    item: Mapping[str, Any],
    kind: str,
    value: Mapping[str, Any],
    rename: Callable[[str, str], str],
) -> dict[str, Any]:
    """Write a message or its status as: somebody, of this country, at this time."""
    made = {key: plain(item[key]) for key in MESSAGE_KEYS if key in item}
    if isinstance(pricing := item.get("pricing"), dict):
        made["pricing"] = {key: plain(one) for key, one in pricing.items()}
    if isinstance(item.get("id"), str):
        made["id"] = _new_id(item["id"], rename)
    ours = _display(value)
    names = [name for name in (*_names(item), *_only_contact(value)) if name != ours]
    for key in ("from", "to"):
        if isinstance(item.get(key), str) and name_of(item[key]) == ours:
            made[key] = item[key]
    about = item.get("context")
    if isinstance(about, dict) and isinstance(about.get("id"), str):
        made["context"] = {"id": _new_id(about["id"], rename)}
    if isinstance(item.get("system"), dict):
        made["system"] = {"type": plain(item["system"].get("type"))}
    if isinstance(item.get("errors"), list):
        made["errors"] = [_code(error) for error in item["errors"]]
    if names:
        key = "from_user_id" if kind == "messages" else "recipient_user_id"
        made[key] = new_name(names[0], rename)
    if isinstance(item.get("interactive"), dict):
        made["interactive"] = _reply(item["interactive"])
    return made


def _reply(interactive: Mapping[str, Any]) -> dict[str, Any]:
    """Write an answer to a request for permission; of others only that they were one."""
    made: dict[str, Any] = {"type": plain(interactive.get("type"))}
    reply = interactive.get("call_permission_reply")
    if isinstance(reply, dict):
        made["call_permission_reply"] = {
            key: plain(reply[key]) for key in _REPLY_KEYS if key in reply
        }
    return made


def _only_contact(value: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of a value's contact, where it is one."""
    contacts = value.get("contacts")
    if isinstance(contacts, list) and len(contacts) == 1 and isinstance(contacts[0], dict):
        yield from _names(contacts[0])


def new_name(name: str, rename: Callable[[str, str], str]) -> str:
    """Return what stands for a contact: its country, where the name tells it, and a hash.

    >>> new_name("5511987654321", lambda kind, text: "00ff")
    'BR.redacted.00ff'
    """
    prefix = _PREFIX.match(name)
    country = country_of(name) if name.isdigit() else prefix[1] if prefix else None
    return f"{country + '.' if country else ''}redacted.{rename('contact', name)}"
