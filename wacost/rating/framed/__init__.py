"""`wacost.rate`: a frame of calls in, the same frame with their charges out.

The calls go through the set kernel in a store of their own in memory; nothing here prices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, overload

from wacost.cards import RateCard, load_card
from wacost.errors import InputError
from wacost.frames import need

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa


class ArrowStream(Protocol):
    """Any table that hands itself over by the Arrow PyCapsule interface."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with an ArrowArrayStream."""


External = Iterable[Mapping[str, Any]]


@overload
def rate(
    frame: pl.DataFrame,
    card: RateCard | str,
    *,
    timezone: str | Mapping[str, str] = ...,
    external_minutes: External = ...,
) -> pl.DataFrame: ...
@overload
def rate(
    frame: pl.LazyFrame,
    card: RateCard | str,
    *,
    timezone: str | Mapping[str, str] = ...,
    external_minutes: External = ...,
) -> pl.LazyFrame: ...
@overload
def rate(
    frame: pd.DataFrame,
    card: RateCard | str,
    *,
    timezone: str | Mapping[str, str] = ...,
    external_minutes: External = ...,
) -> pd.DataFrame: ...
@overload
def rate(  # type: ignore[overload-cannot-match]  # where the library has no types
    frame: pa.Table,
    card: RateCard | str,
    *,
    timezone: str | Mapping[str, str] = ...,
    external_minutes: External = ...,
) -> pa.Table: ...
@overload
def rate(  # type: ignore[overload-cannot-match]  # where the library has no types
    frame: pa.RecordBatch,
    card: RateCard | str,
    *,
    timezone: str | Mapping[str, str] = ...,
    external_minutes: External = ...,
) -> pa.RecordBatch: ...
@overload
def rate(  # type: ignore[overload-cannot-match]  # where the library has no types
    frame: pa.RecordBatchReader,
    card: RateCard | str,
    *,
    timezone: str | Mapping[str, str] = ...,
    external_minutes: External = ...,
) -> pa.RecordBatchReader: ...
@overload
def rate(  # type: ignore[overload-cannot-match]  # where the library has no types
    frame: ArrowStream,
    card: RateCard | str,
    *,
    timezone: str | Mapping[str, str] = ...,
    external_minutes: External = ...,
) -> Any: ...
def rate(
    frame: Any,
    card: RateCard | str,
    *,
    timezone: str | Mapping[str, str] = "UTC",
    external_minutes: External = (),
) -> Any:
    """Price the calls of a frame and return it with the columns of `charges` added.

    Rows, their order, the index and the columns stay as they are; the frame given is not changed.
    A new column whose name is taken is called `charge_<name>`. Money is exact: Decimal in Polars
    and Arrow, Arrow-backed decimals in pandas; what cannot be priced is null, never 0, and its
    `status` says why.

    Volume tiers add up the calls of the frame: per account, group and month, in the order of
    (end, call id), whatever the order of the rows. So give all calls of a month at once.

    Columns needed: `call_id` (each once), `direction` ("inbound" or "outbound", or Meta's
    USER_INITIATED and BUSINESS_INITIATED), `duration_s` (whole seconds); `contact` (a number in
    any usual writing with its calling code, or a business-scoped user id; what is neither, like
    -1 or a calling code alone, counts as no number) or `country` (ISO);
    `answered_at` or `ended_at`; `answered` (bool) where `answered_at` does not say it: a null
    `answered_at` is an unanswered call. A row that contradicts itself (a negative duration, not
    answered but with `answered_at`, answered without a time that tells when) is `held`, as is one
    of which nothing tells whether it was answered. One whose direction is null is `no_rate`, as in
    a workspace: a card's rows are for one direction each, so none applies.

    Read where they are there: `account`; `terminate_status`; `disposition`, of which "open" and
    "incomplete" matter: whether such a call was answered is not known, and it has no price;
    `first_event_at`, the time of a call that was not answered. So the frame of `Workspace.calls`
    can be priced, with its `started_at` called `answered_at`.

    Times without a time zone are UTC, as in every table of wacost; `timezone` does not shift them.

    Args:
        frame: a pandas or Polars frame (lazy, too), an Arrow table, record batch or reader: the
            same kind comes back. From anything else with `__arrow_c_stream__` an Arrow table
            does, or what its class makes of one by `from_arrow`.
        card: the rate card, or the name of a bundled one.
        timezone: the zone in which months, days and effective dates are: of all calls, or of each
            account.
        external_minutes: minutes that an account used elsewhere: mappings with `month` ("2026-10"),
            `minutes`, `market` or `country` as the card's scope asks for, and `account` where the
            frame has that column.

    Raises:
        InputError: a column is missing, of a wrong type, or holds what it cannot.
        MissingExtraError: pyarrow is not installed.

    >>> import polars as pl
    >>> from datetime import UTC, datetime
    >>> calls = pl.DataFrame({"call_id": ["a"], "direction": ["outbound"], "duration_s": [61],
    ...     "contact": ["+55 11 98765-4321"], "answered_at": [datetime(2026, 11, 1, tzinfo=UTC)]})
    >>> rate(calls, "meta-usd")["amount"].sum()
    Decimal('0.011880000000')
    """
    need("pyarrow")
    from wacost.rating.framed.kinds import taken  # noqa: PLC0415 - they bring pyarrow
    from wacost.rating.framed.priced import priced  # noqa: PLC0415

    if isinstance(card, str):
        card = load_card(card)
    if not isinstance(card, RateCard):
        raise InputError(
            f"a {type(card).__name__} is no rate card",
            hint='wacost.load_card("meta-usd"), or RateCard.from_rows(...)',
        )
    found = taken(frame)
    charges = priced(found, card, timezone=timezone, external_minutes=external_minutes)
    return found.with_charges(charges)
