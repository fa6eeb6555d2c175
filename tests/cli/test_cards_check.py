"""`wacost cards check` writes what it found, and its exit code says whether something is wrong."""

from small_world import ACME


def card(folder, rate="0.01"):
    folder.mkdir(parents=True)
    (folder / "card.toml").write_text(
        f'name = "{folder.name}"\ncurrency = "USD"\nstatus = "contract"\n'
        "[increments]\nfirst = 6\nnext = 6\n"
    )
    (folder / "rates.csv").write_text(
        "direction,destination,rate_per_minute,effective_from\n"
        f"inbound,*,0,2026-01-01\noutbound,BR,{rate},2026-01-01\n"
    )
    return folder


def test_a_bundled_card_is_fine_and_its_gaps_are_notes(wacost):
    result = wacost("cards", "check", "meta-inr", "--on", "2026-11-26")
    assert result.code == 0
    assert "note: no outbound rate for 241 countries" in result.out
    assert result.err == "meta-inr: 2 notes\n"


def test_a_mistake_is_exit_1_with_file_line_and_hint(wacost, tmp_path):
    folder = card(tmp_path / "mine", rate="0,01")
    result = wacost("cards", "check", folder)
    assert result.code == 1
    assert f"{folder}/rates.csv:3: error: " in result.out
    assert "  hint: " in result.out
    assert "Traceback" not in result.out + result.err


def test_json_has_every_finding(wacost, tmp_path):
    card(tmp_path / "a")
    card(tmp_path / "b", rate="0.01,1")
    (result,) = [wacost("cards", "check", tmp_path, "--json")]
    assert result.code == 1
    good, bad = result.json
    assert (good["errors"], good["warnings"], good["notes"]) == (0, 0, 1)
    assert (bad["errors"], len(bad["findings"])) == (1, 1)
    assert list(bad["findings"][0]) == [
        *("severity", "kind", "file", "line", "column", "message", "hint"),
    ]


def test_a_card_of_the_workspace_is_found_by_name(wacost, tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME)
    card(tmp_path / "rates" / "mine")
    assert wacost("cards", "check", "mine", "-w", tmp_path).code == 0


def test_what_is_not_there_is_a_sentence(wacost, tmp_path):
    result = wacost("cards", "check", tmp_path / "nothing")
    assert (result.code, result.out) == (1, "")
    assert "no rate card" in result.err
    assert wacost("cards", "check").code == 2
    both = wacost("cards", "check", "meta-usd", tmp_path / "nothing", "--on", "2026-11-26")
    assert (both.code, "meta-usd: 1 note" in both.err) == (1, True)
    assert wacost("cards", "check", "meta-usd", "--on", "soon").code == 2


def test_templates_are_listed_and_copied(wacost, tmp_path):
    assert "twilio" in wacost("cards", "template").out
    result = wacost("cards", "template", "twilio", "--to", tmp_path / "mine")
    assert result.code == 0
    assert str(tmp_path / "mine" / "card.toml") in result.out
    assert wacost("cards", "check", tmp_path / "mine").code == 1
    assert wacost("cards", "template", "twilio", "--to", tmp_path / "mine").code == 1


def test_slots_and_fees_are_shown_where_a_card_has_them(wacost):
    shown = wacost("cards", "show", "botmaker-usd", "--country", "AR").out
    assert "from second" in shown
    assert "0.23" in shown
    plain = wacost("cards", "show", "meta-inr").out
    assert "from second" not in plain
    assert "fee" not in plain
