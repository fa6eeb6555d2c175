"""Tables that a person keeps: a wrong row is named with its file and line."""

import pytest

from wacost.contacts.typed import people, requests
from wacost.errors import PayloadError


@pytest.mark.parametrize("number", ["112", "-1", "011 98765-4321"])
def test_a_contact_that_is_no_number_is_named_with_its_place(tmp_path, number):
    rows = f"contact,person\n+5511987654321,Ana\n{number},Bia\n"
    (tmp_path / "contacts.csv").write_text(rows)
    with pytest.raises(PayloadError, match=r"contacts\.csv, line 3: .* is not a phone number"):
        people(tmp_path)
    asked = f"requested_at,contact\n2026-10-05T14:00,{number}\n"
    (tmp_path / "permission_requests.csv").write_text(asked)
    with pytest.raises(PayloadError, match=r"requests\.csv, line 2: .* is not a phone number"):
        requests(tmp_path, "UTC")
