"""Sums of an invoice never round behind its back."""

from decimal import Decimal, Inexact

import pytest

from wacost.billing.exact import add, at_places


def test_an_amount_is_shown_at_fewer_places_only_where_zeros_are_dropped():
    assert str(at_places(Decimal("1.500"), 1)) == "1.5"
    with pytest.raises(Inexact):
        at_places(Decimal("1.501"), 2)


def test_a_sum_of_more_digits_than_the_standard_context_keeps_is_exact():
    long = Decimal("123456789012345678901234567890.123456789")
    assert str(add([long, Decimal("0.001")])) == "123456789012345678901234567890.124456789"
    assert str(add([Decimal(1), Decimal(2)])) == "3"
