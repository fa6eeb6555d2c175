"""`wacost init` makes a workspace that says every key there is."""

import re

from wacost.config import parse_config, template
from wacost.config.strict import known_paths
from wacost.config.tree import ROOT


def test_init_makes_a_workspace(wacost, tmp_path):
    result = wacost("init", tmp_path / "acme")
    assert result.code == 0
    assert sorted(path.name for path in (tmp_path / "acme").iterdir()) == [
        "inbox",
        "invoices",
        "notebooks",
        "rates",
        "wacost.toml",
    ]


def test_init_never_replaces_a_workspace(wacost, tmp_path):
    (tmp_path / "wacost.toml").write_text("# mine")
    result = wacost("init", tmp_path)
    assert result.code == 1
    assert "is a workspace already" in result.err
    assert (tmp_path / "wacost.toml").read_text() == "# mine"


def test_the_template_is_read_as_it_is(tmp_path):
    config = parse_config(template(), tmp_path)
    assert config.accounts["main"].card == "meta-usd"


def test_the_template_shows_every_key_and_each_is_right_once_uncommented(tmp_path):
    lines = template().splitlines()
    bare = [re.sub(r"^# (?=[\w.\[\]]+( =|$|\]))", "", line) for line in lines]
    text = "\n".join(bare)
    parse_config(text, tmp_path)
    for path in known_paths(ROOT):
        key = path.rpartition(".")[2]
        if re.search(r"call_hours\.|columns\.(caller|callee|business|phone|waba)", path):
            continue
        assert re.search(rf"\b{re.escape(key)}\b", text), path
