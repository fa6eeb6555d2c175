"""What is wrong with one account stops no other: it is named, and its charges stay as they were."""

import json

import pytest
from small_world import ACME, OTHER, put_calls

import wacost
from wacost.cli import main
from wacost.errors import ConfigError, InputError, RefusedError
from wacost.store import open_store

MONTH = "2026-10"
CHARGES = "FROM charges WHERE account = ? ORDER BY ALL"
COMMA = "direction,destination,rate_per_minute,effective_from\noutbound,*,0.01,2025-01-01\n"
HEAD = 'currency = "USD"\nstatus = "contract"\n'
GROUP = '[portfolios.group]\naccounts = ["acme", "other"]\n'


def opened(folder, text):
    (folder / "wacost.toml").write_text(text)
    return wacost.open(folder)


def charges(log, account):
    with log.reading() as con:
        return con.execute(CHARGES, [account]).fetchall()


@pytest.fixture
def log(tmp_path):
    """A workspace of two accounts that are rated."""
    log = opened(tmp_path, ACME + OTHER)
    put_calls(log.store_path)
    log.invoices(MONTH)
    return log


def break_acme(log, how="missing"):
    card = {"missing": "gone", "long": "x" * 400}.get(how, "mine")
    if how == "comma":
        folder = log.folder / "rates" / "mine"
        folder.mkdir(parents=True)
        folder.joinpath("card.toml").write_text(HEAD + 'name = "mine"\n')
        folder.joinpath("rates.csv").write_text(COMMA.replace("0.01", '"0,01"'))
    return opened(log.folder, ACME.replace("meta-usd", card) + OTHER)


def late_call(log, call_id, waba):
    with open_store(log.store_path) as con:
        con.execute(
            "INSERT INTO call_rows SELECT * REPLACE (? AS call_id, ? AS waba_id)"
            " FROM call_rows WHERE call_id = 'b1'",
            [call_id, waba],
        )


@pytest.mark.parametrize(
    ("how", "why"), [("missing", "no rate card"), ("long", "no rate card"), ("comma", "'0,01'")]
)
def test_one_broken_card_stops_no_other_account(log, how, why):
    before = charges(log, "acme")
    late_call(log, "b2", "2")
    late_call(log, "a9", "1")
    found = break_acme(log, how).drafts(MONTH)
    assert [one.account for one in found.invoices] == ["other"]
    assert found.invoices[0].calls == 2
    assert list(found.refused) == ["acme"]
    assert why in str(found.refused["acme"])
    assert charges(log, "acme") == before
    assert len(charges(log, "other")) == 2


def test_the_whole_month_is_right_again_once_the_card_is(log):
    late_call(log, "a9", "1")
    break_acme(log).drafts(MONTH)
    whole = opened(log.folder, ACME + OTHER)
    assert [one[0] for one in whole.stale_months()] == [MONTH]
    whole.invoices(MONTH)
    assert "a9" in {row[0] for row in charges(whole, "acme")}
    assert whole.stale_months() == []


def test_a_list_of_invoices_is_never_short_of_an_account(log):
    with pytest.raises(ConfigError, match=r"accounts\.acme: no rate card 'gone'"):
        break_acme(log).invoices(MONTH)


@pytest.mark.parametrize("month", [MONTH, "2026-11"])
def test_a_call_that_another_account_claims_now_is_charged_once(log, month):
    moved = 'phone_number_ids = ["9"]\n[accounts.acme]\nwaba_ids = ["3"]\n'
    text = OTHER.replace('card = "demo-two-way"', 'card = "demo-two-way"\n' + moved)
    log = opened(log.folder, text + ACME.split('waba_ids = ["1"]')[1].replace("meta-usd", "gone"))
    log.drafts(month)
    with log.reading() as con:
        found = con.execute("SELECT call_id, count(*) FROM charges GROUP BY ALL").fetchall()
    assert found
    assert {count for _, count in found} == {1}


def test_a_broken_sell_card_leaves_both_sides_of_its_account(tmp_path):
    sold = ACME + 'sell_card = "demo-two-way"\n'
    log = opened(tmp_path, sold + OTHER)
    put_calls(log.store_path)
    log.invoices(MONTH)
    before = charges(log, "acme")
    assert {row[2] for row in before} == {"cost", "sale"}
    opened(tmp_path, sold.replace("demo-two-way", "gone") + OTHER).drafts(MONTH)
    assert charges(log, "acme") == before


def test_accounts_that_share_volume_bands_wait_for_each_other(log):
    text = ACME.replace("meta-usd", "gone") + OTHER + GROUP
    found = opened(log.folder, text).drafts(MONTH)
    assert found.invoices == []
    assert "depend on acme, of the same portfolio 'group'" in str(found.refused["other"])


def test_cards_that_disagree_on_a_month_are_their_account_s_own_trouble(log):
    folder = log.folder / "rates" / "starts"
    folder.mkdir(parents=True)
    folder.joinpath("card.toml").write_text(
        HEAD
        + 'name = "starts"\n[increments]\nfirst = 6\nnext = 6\n[policies]\nmonth_of = "start"\n'
    )
    folder.joinpath("rates.csv").write_text(COMMA)
    told = ACME + 'terms = [{ from = 2026-12-01, card = "starts" }]\n' + OTHER
    found = opened(log.folder, told).drafts(MONTH)
    assert [one.account for one in found.invoices] == ["other"]
    assert "disagree on month_of" in str(found.refused["acme"])


def test_a_logo_that_is_gone_leaves_its_account_without_a_document_alone(log):
    text = ACME.replace("[accounts.acme]", '[accounts.acme]\ninvoice = { logo = "gone.svg" }')
    found = opened(log.folder, text + OTHER).drafts(MONTH)
    assert [one.account for one in found.invoices] == ["other"]
    assert "gone.svg" in str(found.refused["acme"])


def test_a_call_under_an_account_is_priced_whatever_another_one_s_card(log):
    charge = break_acme(log).quote("other", "+5511987654321", seconds=60)
    assert charge.status == "rated"
    with pytest.raises(InputError, match="gone"):
        break_acme(log).quote("acme", "+5511987654321", seconds=60)


def test_the_command_line_names_the_account_and_exits_with_1(log, capsys):
    break_acme(log)
    args = ["rate", "--month", MONTH, "-w", str(log.folder), "--format", "json"]
    assert main(args) == 1
    told = capsys.readouterr()
    assert "other-2026-10-expected.json" in told.out
    assert "wacost: acme has no document: no rate card 'gone'" in told.err
    assert not (log.folder / "invoices" / "acme-2026-10-expected.json").exists()
    assert main([*args, "--account", "other"]) == 0
    assert main([*args, "--account", "acme"]) == 1
    assert "no rate card 'gone'" in capsys.readouterr().err


def sold(log):
    """Let both accounts have final documents, and break the card of one."""
    final = 'invoice = { kind = "customer", accept_cards = ["demo-two-way"] }\n'
    text = ACME.replace("meta-usd", "gone") + final + OTHER
    return opened(log.folder, text.replace("[accounts.other]", f"[accounts.other]\n{final}"))


def test_a_final_document_waits_for_no_other_account_s_card(log, capsys):
    broken, before = sold(log), charges(log, "acme")
    args = ["rate", "--month", MONTH, "-w", str(log.folder), "--format", "csv", "--final"]
    assert main([*args, "--account", "other", "--account", "acme"]) == 1
    assert broken.issued() == []
    capsys.readouterr()
    assert main([*args, "--json"]) == 1
    told = capsys.readouterr()
    other, acme = json.loads(told.out)
    assert (other["account"], other["final"], len(other["files"])) == ("other", True, 1)
    assert (acme["account"], acme["final"], acme["error"]) == ("acme", False, "no rate card 'gone'")
    assert "wacost: acme has no document: no rate card 'gone'\nhint: " in told.err
    assert [row.account for row in broken.issued()] == ["other"]
    assert charges(log, "acme") == before
    late_call(log, "b2", "2")
    assert main([*args[:-1], "--correct"]) == 1
    assert [row.account for row in broken.issued()] == ["other", "other"]
    assert list(broken.issue(MONTH).refused) == ["acme"]


def test_whatever_keeps_a_document_from_being_final_is_told_at_once(log):
    late_call(log, "b2", "2")
    with open_store(log.store_path) as con:
        con.execute("UPDATE call_rows SET country = NULL, contact = NULL WHERE call_id = 'b2'")
    with pytest.raises(RefusedError) as caught:
        sold(log).issue(MONTH)
    reasons = caught.value.reasons
    assert "no_country" in reasons[0]
    assert reasons[1:] == ("acme: no rate card 'gone'",)


def test_the_only_account_is_an_error_and_no_document_left_out(log):
    alone = opened(log.folder, ACME.replace("meta-usd", "gone"))
    for take in (alone.issue, alone.correct, lambda month: alone.compare(month, ["meta-usd"])):
        with pytest.raises(ConfigError, match="no rate card 'gone'"):
            take(MONTH)


@pytest.mark.parametrize(
    "command",
    [
        ["compare", "--card", "meta-usd"],
        ["cards", "diff", "meta-usd", "demo-two-way"],
        ["rate", "--what-if", "meta-usd"],
    ],
)
def test_a_comparison_is_of_the_accounts_that_can_be_rated(log, capsys, command):
    command = [*command, "--month", MONTH, "-w", str(log.folder), "--json"]
    whole = main([*command, "--account", "other"])
    alone = wacost_json(capsys)
    break_acme(log)
    left = main(command)
    told = capsys.readouterr()
    assert (whole, left) == (0, 1)
    assert "wacost: acme is left out: no rate card 'gone'\nhint: known: " in told.err
    shown = json.loads(told.out)
    place, before = (one.get("effect", one) for one in (shown, alone))
    assert place.pop("not_rated") == [
        {"account": "acme", "reason": "accounts.acme: no rate card 'gone'"}
    ]
    assert before.pop("not_rated") == []
    assert shown == alone


def test_an_account_that_is_named_twice_is_billed_and_compared_once(log):
    assert len(log.invoices(MONTH, accounts=["other", "other"])) == 1
    assert log.compare(MONTH, ["meta-usd"], accounts=["other", "other"]).accounts == ("other",)


def test_json_has_a_place_for_the_account_that_was_left_out(log, capsys):
    break_acme(log)
    assert main(["rate", "--month", MONTH, "-w", str(log.folder), "--json"]) == 1
    other, acme = wacost_json(capsys)
    assert (other["account"], acme["account"]) == ("other", "acme")
    assert [*list(other)[:14], "error"] == list(acme)
    assert acme["error"] == "no rate card 'gone'"
    assert (acme["calls"], acme["unpriced"], acme["total"], acme["files"]) == (4, 4, "0", [])


def test_the_doctor_names_the_account_and_the_months_that_stay(log, capsys):
    break_acme(log)
    late_call(log, "b2", "2")
    assert main(["doctor", "-w", str(log.folder), "--json"]) == 1
    report = wacost_json(capsys)
    assert [(one["account"], one["months"]) for one in report["not_rated"]] == [("acme", [MONTH])]
    assert [(one["month"], one["account"]) for one in report["stale"]] == [(MONTH, "other")]
    assert main(["doctor", "-w", str(log.folder)]) == 1
    told = "account acme cannot be rated: no rate card 'gone'; its charges of 2026-10 stay as"
    assert told in capsys.readouterr().out


def test_what_was_charged_can_still_be_read_and_compared(log, capsys):
    broken = break_acme(log)
    told = ["--month", MONTH, "-w", str(log.folder)]
    assert main(["costs", *told, "--account", "acme"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("country ")
    assert "acme cannot be rated now; what it was charged stays: no rate card 'gone'" in shown.err
    assert main(["rate", *told, "--what-if", "meta-usd", "--account", "other"]) == 0
    assert [one.account for one in broken.all_in(MONTH)] == ["other"]
    assert [one.account for one in broken.cost_ranges(MONTH)] == ["other"]
    assert list(broken.compare(MONTH, ["meta-usd"]).refused) == ["acme"]
    with pytest.raises(ConfigError, match="gone"):
        broken.compare(MONTH, ["meta-usd"], accounts=["acme"])


def test_a_month_before_that_was_not_rated_is_named_where_it_is_compared_with(log, capsys):
    with open_store(log.store_path) as con:
        con.execute(
            "INSERT INTO call_rows SELECT * REPLACE ('b0' AS call_id, started_at -"
            " INTERVAL 30 DAY AS started_at, ended_at - INTERVAL 30 DAY AS ended_at,"
            " first_event_at - INTERVAL 30 DAY AS first_event_at)"
            " FROM call_rows WHERE call_id = 'b1'"
        )
    told = ["costs", "--month", MONTH, "-w", str(log.folder), "--account"]
    assert main([*told, "other"]) == 0
    assert "not rated in 2026-09, so not in the comparison: 1\n" in capsys.readouterr().err
    assert main([*told, "acme"]) == 0
    assert "not in the comparison" not in capsys.readouterr().err
    log.invoices("2026-09")
    assert main([*told, "other"]) == 0
    assert "not in the comparison" not in capsys.readouterr().err


def test_a_notebook_on_one_account_needs_no_other_one_s_card(log):
    late_call(log, "b2", "2")
    broken = break_acme(log)
    late_call(log, "a9", "1")
    assert broken.ensure_rated(MONTH, "other")
    assert not broken.ensure_rated(MONTH, "other")
    assert len(charges(broken, "other")) == 2
    with pytest.raises(ConfigError, match="gone"):
        broken.ensure_rated(MONTH, "acme")
    late_call(log, "b3", "2")
    assert broken.ensure_rated(MONTH)
    assert len(charges(broken, "other")) == 3
    assert broken.about(MONTH).caption.endswith(" · not priced anew: acme")
    assert "acme" not in broken.about(MONTH, "other").caption
    assert broken.config.card_names(without=["acme"]) == ["demo-two-way"]
    assert broken.config.card_names("other") == ["demo-two-way"]
    assert broken.config.card_names() == ["gone", "demo-two-way"]


def test_the_balance_of_another_account_is_told(log):
    log.balance_add("opening", "5", balance="other", at="2026-10-01T00:00")
    log.balance_add("opening", "5", balance="acme", at="2026-10-01T00:00")
    broken = break_acme(log)
    assert broken.balance("other").name == "other"
    with pytest.raises(InputError, match="no rate card 'gone'"):
        broken.balance("acme")
    assert broken.kept_balances() == ["other"]
    with log.reading() as con:
        assert len(con.execute("FROM ledger_shares").fetchall()) == 2


def wacost_json(capsys):
    return json.loads(capsys.readouterr().out)
