"""The exception tree, and `Problem`: a bad row as a value.

::

    WacostError                    everything that wacost raises on purpose; `.hint` says what to do
    ├── InputError                 what was given cannot be used
    │   ├── RateCardError          a rate card: file, line, column, the text found
    │   ├── PayloadError           a webhook file or body
    │   └── ConfigError            wacost.toml, or an account or month that is not there
    ├── RefusedError               a document cannot be final; `.reasons` says why
    ├── RatingError                a price cannot be made (a missing rate is a status)
    │   └── CurrencyMismatchError  two currencies in one sum
    ├── StoreError                 the DuckDB file
    │   ├── StoreLockedError       another process holds it
    │   └── StoreVersionError      written by a newer wacost, or no wacost store
    └── MissingExtraError          an optional library is not installed

An error is one sentence that says what happened, and a hint that says what to do.
Rows that are merely bad are never exceptions: they are collected as `Problem` values and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class WacostError(Exception):
    """Everything that wacost raises on purpose.

    Args:
        message: one sentence: what happened, to what.
        hint: one sentence: what to do about it, or "".
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(WacostError):
    """What was given cannot be used."""


class RateCardError(InputError):
    """A rate card is wrong at a place that can be named.

    Args:
        message: what was expected.
        file: the file's path as the user knows it, or "" for rows given in Python.
        line: 1-based line in the file (the head counts), or number of a row given in Python.
        column: the column's name.
        text: the text found there.
        hint: what to do.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str = "",
        line: int | None = None,
        column: str = "",
        text: str | None = None,
        hint: str = "",
    ) -> None:
        where = ", ".join(
            part
            for part in (
                file,
                f"line {line}" if line is not None else "",
                f"column {column}" if column and line is not None else column,
            )
            if part
        )
        found = f"found {text!r}: " if text is not None else ""
        super().__init__(f"{where}: {found}{message}" if where else f"{found}{message}", hint=hint)
        self.file, self.line, self.column, self.text = file, line, column, text
        self.sentence = f"{found}{message}"


class PayloadError(InputError):
    """A webhook file or body cannot be read at all."""


class ConfigError(InputError):
    """wacost.toml is wrong, or names something that is not there."""


class RefusedError(WacostError):
    """A document cannot be final, and nothing was written.

    Args:
        reasons: one sentence each.
    """

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons), hint="nothing was written")
        self.reasons = tuple(reasons)


class RatingError(WacostError):
    """A price cannot be made."""


class CurrencyMismatchError(RatingError):
    """Two currencies would meet in one sum."""


class StoreError(WacostError):
    """The DuckDB file cannot be used."""


class StoreLockedError(StoreError):
    """Another process holds the store; `.pid` is its process id where DuckDB tells it."""

    def __init__(self, message: str, *, hint: str = "", pid: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.pid = pid


class StoreVersionError(StoreError):
    """The store was written by a newer wacost, or is no wacost store."""


class MissingExtraError(WacostError):
    """An optional library is not installed.

    >>> str(MissingExtraError("frames", "polars"))
    'polars is not installed'
    >>> MissingExtraError("frames", "polars").hint
    "pip install 'wacost[frames]'"
    """

    def __init__(self, extra: str, library: str) -> None:
        super().__init__(f"{library} is not installed", hint=f"pip install 'wacost[{extra}]'")


@dataclass(frozen=True, slots=True)
class Problem:
    """One bad row, as a value that is collected, counted and shown.

    Attributes:
        source: the file (or "<stdin>") it came from.
        line: 1-based line in that source.
        reason: a short code that never changes, e.g. "not_json".
        message: a sentence for a person.
        text: the original text, bounded, with personal text removed.
    """

    source: str
    line: int
    reason: str
    message: str
    text: str = ""
