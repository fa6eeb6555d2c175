"""Query results as frames: Polars, or pandas where the workspace says so, with exact money in both.

Whole numbers stay whole numbers and decimals stay decimals: a NULL turns no column into floats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from wacost.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Values = Sequence[Any] | Mapping[str, Any]


def need(library: str) -> None:
    """Check that a frame library can be used, before any work is done.

    Raises:
        MissingExtraError: the library, or pyarrow which hands the result over, is not installed.
    """
    for name in (library, "pyarrow"):
        if find_spec(name) is None:
            raise MissingExtraError("frames", name)


def frame(con: DuckDBPyConnection, sql: str, values: Values, library: str) -> Any:
    """Run a query and return its result as a frame of `library` ("polars" or "pandas").

    Args:
        con: an open store.
        sql: one SELECT; values go in as `?` or `$name`.
        values: the values.
        library: which frame.

    Raises:
        MissingExtraError: the library, or pyarrow which hands the result over, is not installed.
        InputError: the query is wrong.
    """
    import duckdb  # noqa: PLC0415

    need(library)
    try:
        relation: Any = con.sql(sql, params=values) if values else con.sql(sql)
        if relation is None:
            raise InputError("the statement gives no table", hint="the store is only read here")
        return _TO_FRAME[library](relation)
    except duckdb.Error as problem:
        raise InputError(f"the query cannot be run: {problem}") from problem


def pandas_frame(table: Any) -> Any:
    """Return an Arrow table as a pandas frame: decimals and whole numbers stay what they are."""
    return table.to_pandas(types_mapper=_pandas_types())


def as_pandas(frame: Any) -> Any:
    """Return a frame of either library as a pandas one; decimals stay exact.

    Raises:
        MissingExtraError: pandas is not installed.
    """
    need("pandas")
    return pandas_frame(frame.to_arrow()) if hasattr(frame, "to_arrow") else frame


def as_polars(frame: Any) -> Any:
    """Return a frame of either library as a Polars one; decimals stay exact.

    Raises:
        MissingExtraError: polars is not installed.
    """
    need("polars")
    import polars as pl  # noqa: PLC0415 - only for those who have it

    return frame if isinstance(frame, pl.DataFrame) else pl.from_pandas(frame)


_TO_FRAME: Final[dict[str, Callable[[Any], Any]]] = {
    "polars": lambda relation: relation.pl(),
    "pandas": lambda relation: pandas_frame(relation.to_arrow_table()),
}


def _pandas_types() -> Callable[[Any], Any]:
    """Map Arrow's types to pandas' so that no decimal and no gap in integers becomes a float."""
    import pandas as pd  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    def dtype(kind: Any) -> Any:
        exact = (
            pa.types.is_decimal(kind)
            or pa.types.is_integer(kind)
            or pa.types.is_boolean(kind)
            or pa.types.is_nested(kind)
            or pa.types.is_date(kind)
        )
        return pd.ArrowDtype(kind) if exact else None

    return dtype
