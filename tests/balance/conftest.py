"""A workspace with a prepaid balance in US dollars."""

import pytest
from balance.wallets import make


@pytest.fixture
def log(tmp_path):
    return make(tmp_path)
