"""The kinds of frame: how each gives its columns as Arrow, and takes new ones.

A library is asked about a frame only where it is loaded already: whoever has a pandas frame has
loaded pandas.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from wacost.errors import InputError
from wacost.frames import pandas_frame

PREFIX: Final = "charge_"


@dataclass(frozen=True, slots=True)
class Taken:
    """A frame that was given: its names, its rows, its columns as Arrow, and the way back.

    Attributes:
        names: of its columns; what is no text is none that could be meant.
        rows: how many.
        column: place of a column -> its values as a pyarrow ChunkedArray.
        add: Arrow table with new columns -> a frame of the same kind with old and new ones.
    """

    names: Sequence[Any]
    rows: int
    column: Callable[[int], Any]
    add: Callable[[Any], Any]

    def with_charges(self, charges: Any) -> Any:
        """Return the frame with the columns of an Arrow table; taken names get a prefix."""
        return self.add(charges.rename_columns(free_names(charges.column_names, self.names)))


def free_names(wanted: Sequence[str], held: Sequence[Any]) -> list[str]:
    """Return names for new columns beside those that a frame has.

    >>> free_names(["status", "amount"], ["status", "charge_status"])
    ['charge_charge_status', 'amount']
    """
    found: list[str] = []
    for name in wanted:
        free = name
        while free in held:
            free = PREFIX + free
        found.append(free)
    return found


def taken(frame: Any) -> Taken:
    """Return what a frame gives.

    Raises:
        InputError: it is no frame.
    """
    for module, name, take in _KINDS:
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(frame, kind):
            return take(frame)
    return _any(frame)


def _pandas(frame: Any) -> Taken:
    def column(place: int) -> Any:
        values = pa.Array.from_pandas(frame.iloc[:, place])
        return values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])

    def add(charges: Any) -> Any:
        made = pandas_frame(charges)
        return frame.assign(**{name: made[name].array for name in made.columns})

    return Taken(list(frame.columns), len(frame), column, add)


def _polars(frame: Any) -> Taken:
    import polars as pl  # noqa: PLC0415 - it is loaded: the frame is one of its

    def column(place: int) -> Any:
        return pa.chunked_array([frame.to_series(place).to_arrow()])

    def add(charges: Any) -> Any:
        return frame.hstack(pl.DataFrame(charges).get_columns())

    return Taken(frame.columns, frame.height, column, add)


def _lazy(frame: Any) -> Taken:
    found = _polars(frame.collect())
    return Taken(found.names, found.rows, found.column, lambda charges: found.add(charges).lazy())


def _table(frame: Any) -> Taken:
    def add(charges: Any) -> Any:
        whole = frame
        for field, values in zip(charges.schema, charges.columns, strict=True):
            whole = whole.append_column(field, values)
        return whole

    return Taken(frame.column_names, frame.num_rows, frame.column, add)


def _batch(frame: Any) -> Taken:
    found = _table(pa.Table.from_batches([frame]))

    def add(charges: Any) -> Any:
        whole = found.add(charges)
        arrays = [_one_array(values) for values in whole.columns]
        return pa.RecordBatch.from_arrays(arrays, schema=whole.schema)

    return Taken(found.names, found.rows, found.column, add)


def _one_array(values: Any) -> Any:
    return pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], values.type)


def _reader(frame: Any) -> Taken:
    found = _table(frame.read_all())
    add = found.add
    return Taken(found.names, found.rows, found.column, lambda charges: add(charges).to_reader())


def _any(frame: Any) -> Taken:
    """Take whatever has the Arrow PyCapsule interface."""
    if not hasattr(frame, "__arrow_c_stream__") and not hasattr(frame, "__arrow_c_array__"):
        raise _no_frame(frame)
    try:
        table = pa.table(frame)
    except (pa.ArrowException, TypeError, ValueError) as problem:
        raise _no_frame(frame) from problem
    found = _table(table)
    maker = getattr(type(frame), "from_arrow", None)
    if maker is None:
        return found
    return Taken(found.names, found.rows, found.column, lambda charges: maker(found.add(charges)))


def _no_frame(frame: Any) -> InputError:
    return InputError(
        f"a {type(frame).__name__} is no frame",
        hint="a pandas or Polars frame, an Arrow table, or whatever has __arrow_c_stream__;"
        " one call is priced by card.quote",
    )


_KINDS: Final[tuple[tuple[str, str, Callable[[Any], Taken]], ...]] = (
    ("pandas", "DataFrame", _pandas),
    ("polars", "DataFrame", _polars),
    ("polars", "LazyFrame", _lazy),
    ("pyarrow", "Table", _table),
    ("pyarrow", "RecordBatch", _batch),
    ("pyarrow", "RecordBatchReader", _reader),
)
