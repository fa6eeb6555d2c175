"""`card.toml` → the settings of a card, read strictly."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from wacost.cards.folder import CARD_NAME
from wacost.cards.model import CHOICES, RHYTHMS, STATUSES, Limits, Policies, Rounding, Tiers
from wacost.cards.report import FILL_IN, FILL_IN_HINT, Report, attempt, refuse
from wacost.errors import InputError, RateCardError
from wacost.money import MODES, minor_digits, parse_nanos
from wacost.names import nearest
from wacost.zones import zone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TOP: Final = (
    *("name", "title", "currency", "status", "source", "retrieved", "published_every", "timezone"),
)
_SECTIONS: Final = {
    "increments": ("first", "next"),
    "tiers": ("model", "scope", "accrual"),
    "rounding": ("at", "places", "mode"),
    "limits": ("min_charge", "max_charge"),
    "policies": (
        "month_of",
        "answered_zero_seconds",
        "failed_with_duration",
        "duration_conflict",
    ),
}
_MAX_PLACES: Final = 9
_MAX_INCREMENT_S: Final = 86_400


def read_settings(
    settings: Mapping[str, Any], file: str, report: Report = refuse
) -> dict[str, Any]:
    """Return the arguments of `RateCard` that `card.toml` decides.

    Args:
        settings: the keys of card.toml.
        file: what errors are told of.
        report: takes each mistake; what is wrong is then as a card that says nothing has it.

    Raises:
        RateCardError: an unknown or missing key, or a value that is not what it must be.
    """
    _check_keys(settings, file, report)
    currency = attempt(report, lambda: _currency(settings, file))
    places = minor_digits(currency or "USD")
    readers: dict[str, tuple[Callable[[], Any], Any]] = {
        "name": (lambda: _name(settings, file), "card"),
        "title": (lambda: _text(settings, "title", file, default=settings.get("name")), ""),
        "status": (lambda: _status(settings, file), "contract"),
        "source": (lambda: _text(settings, "source", file, default=""), ""),
        "retrieved": (lambda: _retrieved(settings, file), None),
        "published_every": (lambda: _rhythm(settings, file), ""),
        "timezone": (lambda: _zone(settings, file), "account"),
        "increments": (lambda: _increments(settings, file), (6, 6)),
        "tiers": (lambda: Tiers(**_choices(settings, "tiers", file)), Tiers()),
        "rounding": (
            lambda: _rounding(settings, file, places),
            Rounding("line", places, "half_up"),
        ),
        "limits": (lambda: _limits(settings, file), Limits()),
        "policies": (lambda: Policies(**_choices(settings, "policies", file)), Policies()),
    }
    read = {key: (attempt(report, reader), default) for key, (reader, default) in readers.items()}
    found = {key: default if value is None else value for key, (value, default) in read.items()}
    return {"currency": currency or "USD", **found}


def check_filled(settings: Mapping[str, Any], file: str, report: Report) -> None:
    """Refuse what a template left open."""
    parts = {k: v for k, v in settings.items() if isinstance(v, dict)}
    tops = {"": {k: v for k, v in settings.items() if k not in parts}}
    for section, values in {**tops, **parts}.items():
        for key, value in values.items():
            if isinstance(value, str) and FILL_IN in value:
                where = f"{section}.{key}" if section else key
                report(_error(file, where, value, ""))


def _name(settings: Mapping[str, Any], file: str) -> str:
    name = _text(settings, "name", file)
    if not CARD_NAME.fullmatch(name):
        raise _error(file, "name", name, "expected small letters, digits and - . _")
    return name


def _currency(settings: Mapping[str, Any], file: str) -> str:
    currency = _text(settings, "currency", file)
    try:
        minor_digits(currency)
    except InputError as error:
        raise _error(file, "currency", currency, str(error), error.hint) from None
    return currency


def _check_keys(settings: Mapping[str, Any], file: str, report: Report) -> None:
    for key, value in settings.items():
        known = _SECTIONS.get(key)
        if known is None and key not in _TOP:
            hint = nearest(key, (*_TOP, *_SECTIONS), "key")
            report(_error(file, key, None, "not a key of card.toml", hint))
        if known is None:
            continue
        if not isinstance(value, dict):
            report(_error(file, key, str(value), f"expected a table [{key}]"))
            continue
        for part in value:
            if part not in known:
                hint = nearest(part, known, "key")
                report(_error(file, f"{key}.{part}", None, "not a key of card.toml", hint))


def _text(settings: Mapping[str, Any], key: str, file: str, *, default: str | None = None) -> str:
    value = settings.get(key, default)
    if value is None:
        raise _error(file, key, None, "this key is missing", f'add {key} = "…"')
    if not isinstance(value, str):
        raise _error(file, key, str(value), "expected text in quotes")
    return value


def _status(settings: Mapping[str, Any], file: str) -> str:
    status = _text(settings, "status", file)
    if status not in STATUSES:
        raise _error(file, "status", status, "not a status", nearest(status, STATUSES, "status"))
    return status


def _retrieved(settings: Mapping[str, Any], file: str) -> date | None:
    value = settings.get("retrieved")
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise _error(file, "retrieved", str(value), "expected a date without quotes: 2026-11-22")


def _rhythm(settings: Mapping[str, Any], file: str) -> str:
    every = _text(settings, "published_every", file, default="")
    if every and every not in RHYTHMS:
        hint = f"one of {', '.join(RHYTHMS)}"
        raise _error(file, "published_every", every, "not a rhythm", hint)
    return every


def _zone(settings: Mapping[str, Any], file: str) -> str:
    name = _text(settings, "timezone", file, default="account")
    if name != "account":
        try:
            zone(name)
        except InputError as error:
            raise _error(
                file, "timezone", name, 'expected "account" or a zone', error.hint
            ) from None
    return name


def _increments(settings: Mapping[str, Any], file: str) -> tuple[int, int]:
    section = settings.get("increments")
    if section is None:
        raise _error(
            file,
            "increments",
            None,
            "this table is missing",
            "add [increments] with first = 6 and next = 6 for six-second pulses",
        )
    return _seconds(section, "first", file), _seconds(section, "next", file)


def _seconds(section: Mapping[str, Any], key: str, file: str) -> int:
    value = section.get(key)
    if type(value) is not int or not 1 <= value <= _MAX_INCREMENT_S:
        raise _error(
            file,
            f"increments.{key}",
            str(value),
            f"expected whole seconds, 1 to {_MAX_INCREMENT_S}",
        )
    return value


def _choices(settings: Mapping[str, Any], section: str, file: str) -> dict[str, str]:
    chosen = {}
    for key, value in settings.get(section, {}).items():
        if value not in CHOICES[key]:
            hint = f"one of {', '.join(CHOICES[key])}"
            raise _error(file, f"{section}.{key}", str(value), "not a choice here", hint)
        chosen[key] = value
    return chosen


def _rounding(settings: Mapping[str, Any], file: str, digits: int) -> Rounding:
    section = settings.get("rounding", {})
    at, mode, places = (
        section.get(k, d) for k, d in (("at", "line"), ("mode", "half_up"), ("places", digits))
    )
    if at not in CHOICES["at"]:
        raise _error(file, "rounding.at", str(at), "expected line or call")
    if mode not in MODES:
        raise _error(file, "rounding.mode", str(mode), f"expected one of {', '.join(MODES)}")
    if type(places) is not int or not 0 <= places <= _MAX_PLACES:
        raise _error(
            file, "rounding.places", str(places), f"expected a whole number, 0 to {_MAX_PLACES}"
        )
    return Rounding(at=at, places=places, mode=mode)


def _limits(settings: Mapping[str, Any], file: str) -> Limits:
    section = settings.get("limits", {})
    nanos = {}
    for key, value in section.items():
        try:
            nanos[key] = parse_nanos(value)
        except InputError as error:
            raise _error(
                file,
                f"limits.{key}",
                str(value),
                'expected a decimal in quotes: "0.05"',
                error.hint,
            ) from None
    limits = Limits(nanos.get("min_charge", 0), nanos.get("max_charge"))
    if limits.min_nanos < 0 or (
        limits.max_nanos is not None and limits.max_nanos < limits.min_nanos
    ):
        raise _error(file, "limits", None, "expected 0 <= min_charge <= max_charge")
    return limits


def _error(file: str, key: str, text: str | None, expected: str, hint: str = "") -> RateCardError:
    if text and FILL_IN in text:
        expected, hint = "this template is not filled in", FILL_IN_HINT
    return RateCardError(expected, file=file, column=key, text=text, hint=hint)
