"""Fixtures of the billing tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from billing.books import Books, new_books


@pytest.fixture
def books() -> Iterator[Books]:
    made = new_books()
    yield made
    made.con.close()
