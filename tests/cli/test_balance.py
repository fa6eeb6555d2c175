"""`wacost balance` on the command line: the verdict first, an exit code for cron."""

import sys
from datetime import datetime
from decimal import Decimal

import pytest
from balance.wallets import TOML, make, put_days, put_open, put_traffic


@pytest.fixture
def log(tmp_path):
    return make(tmp_path)


def test_show_exits_with_1_when_calls_are_refused(wacost, log):
    log.balance_add("opening", "9.98", at="2026-10-01T00:00")
    result = wacost("balance", "show", "-w", log.folder)
    assert result.code == 1
    assert result.out.startswith(
        '9.98 < 10.00: calls are refused (shown by the supplier as "$10")\n'
    )
    told = wacost("balance", "show", "-w", log.folder, "--json")
    assert (told.code, told.json["amount"], told.json["verdict"]["state"]) == (1, "9.98", "refused")
    wacost("balance", "add", "topup", "--amount", "0.02", "-w", log.folder)
    assert wacost("balance", "show", "-w", log.folder).code == 0


def test_add_says_what_was_added_and_what_was_there(wacost, log):
    args = ("balance", "add", "topup", "--amount", "20", "--at", "2026-10-01", "--id", "r1")
    first, second = (wacost(*args, "-w", log.folder) for _ in range(2))
    assert first.out == "added topup 20 USD, 2026-10-01 03:00:00 UTC, acme, id r1\n"
    assert (second.code, second.out) == (0, "")
    assert "the ledger has it already" in second.err
    assert wacost(*args, "--json", "-w", log.folder).json["known"][0]["amount"] == "20"


def test_a_value_that_cannot_be_meant_is_wrong_usage_and_a_refusal_is_none(wacost, log):
    topup = ("balance", "add", "topup", "-w", log.folder, "--amount")
    show = ("balance", "show", "-w", log.folder)
    wacost(*topup, "5", "--id", "r1")
    wrong = (
        *((*topup, amount) for amount in ("abc", "1,50", "-5", "1e3")),
        *((*topup, "5", name, "x") for name in ("--fee", "--currency", "--at")),
        *((*show, "--at", at) for at in ("", "now", "9999-12-31")),
        (*show, "--number", "12"),
        ("balance", "forecast", "-w", log.folder, "--at", "2026-02-30"),
    )
    assert {args: wacost(*args).code for args in wrong} == dict.fromkeys(wrong, 2)
    assert [
        wacost(*topup, *more).code for more in (["6", "--id", "r1"], ["5", "--currency", "EUR"])
    ] == [1, 1]
    assert len(log.balance_entries()) == 1


def test_the_same_without_a_reference_is_told_how_another_one_is_added(wacost, log):
    args = ("balance", "add", "topup", "--amount", "20", "--at", "2026-10-01", "-w", log.folder)
    assert "--id" not in wacost(*args).err
    assert "give it an --id of its own" in wacost(*args).err
    assert wacost(*args, "--id", "second").code == 0
    assert len(log.balance_entries()) == 2


def test_a_minimum_that_no_balance_can_have_is_a_sentence(wacost, tmp_path):
    log = make(tmp_path, TOML.replace("10.00", "9" * 30))
    log.balance_add("opening", "50", at="2026-10-01T00:00")
    result = wacost("balance", "show", "-w", log.folder)
    assert result.code == 1
    assert "is no amount of a balance" in result.err


def test_without_a_minimum_there_is_no_verdict_and_no_alarm(wacost, tmp_path):
    log = make(tmp_path, TOML.replace("balance = ", "# balance = "))
    log.balance_add("opening", "1", at="2026-10-01T00:00")
    result = wacost("balance", "show", "-w", log.folder)
    assert result.code == 0
    assert result.out.startswith("1.00 USD: no minimum is set")


def test_amounts_of_json_are_plain_text(wacost, log):
    log.balance_add("opening", "0.000000001", at="2026-10-01T00:00")
    told = wacost("balance", "show", "--json", "-w", log.folder).json
    assert Decimal(told["amount"]) == Decimal("1E-9")
    assert told["amount"] == "0.000000001"


def test_show_tells_of_calls_in_progress_and_how_long_a_call_may_last(wacost, tmp_path):
    log = make(tmp_path)
    log.balance_add("opening", "13.00", at="2026-10-01T00:00")
    put_open(log, "o1", "2026-10-05T12:00:00")
    args = ("balance", "show", "--at", "2026-10-05T12:02:00+00:00", "--number", "+55 11 98765-4321")
    result = wacost(*args, "-w", log.folder)
    assert (
        "1 call in progress: 0.6 USD a minute; at worst 11.8 is left now,"
        " below the minimum in 3 min, empty in 19 min" in result.out
    )
    assert "outbound call with 551198•••••21: it may last 19:40 min (1180 s)" in result.out
    told = wacost(*args, "--json", "-w", log.folder).json
    assert told["call"]["max_seconds"] == 1180
    assert told["worst_case"]["per_minute"] == "0.6"


def ninety_days(log, opening="300"):
    log.balance_add("opening", opening, at="2026-06-30T00:00")
    put_days(log, datetime(2026, 7, 1, 12), [60 * (1 + n % 7) + (n * 37) % 60 for n in range(92)])


def test_forecast_tells_dates_amounts_a_top_up_and_how_good_it_was(wacost, log):
    pytest.importorskip("statsmodels", reason="pip install 'wacost[forecast]'")
    ninety_days(log)
    args = ("balance", "forecast", "--at", "2026-10-01T09:00", "-w", log.folder)
    result = wacost(*args)
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[0].startswith("acme: ")
    assert "USD a day in the last 28 days" in lines[0]
    for word in ("below 10.00", "empty", "2026-10 costs, USD", "top up", "last until 2026-10-31"):
        assert word in result.out
    assert "tried from" in lines[-2]
    assert "the 80 % range held" in lines[-1]
    told = wacost(*args, "--json").json
    assert told["enough_data"]
    assert set(told["month"]["ranges"]) == {"50", "80", "95"}
    assert all(isinstance(one, str) for one in told["month"]["ranges"]["80"])


def test_a_forecast_whose_ranges_held_too_seldom_says_so_and_names_fixed_costs(wacost, log):
    pytest.importorskip("statsmodels", reason="pip install 'wacost[forecast]'")
    settings = log.folder / "wacost.toml"
    settings.write_text(settings.read_text() + 'fees = [{ name = "Seats", amount = "7.90" }]\n')
    log.balance_add("opening", "900", at="2026-06-30T00:00")
    late = [60 if n < 60 else 600 for n in range(92)]
    put_days(log, datetime(2026, 7, 1, 12), [(1 + n % 7) * s for n, s in enumerate(late)])
    out = wacost("balance", "forecast", "--at", "2026-10-01T09:00", "-w", log.folder).out
    assert "\nCAUTION: on days of the past the 80 % range held " in out
    assert "what the month costs: Seats 7.90 USD on 2026-10-31, then monthly\n" in out


def test_fixed_costs_that_nobody_booked_are_a_caution_where_they_decide(wacost, log):
    settings = log.folder / "wacost.toml"
    settings.write_text(settings.read_text() + 'fees = [{ name = "Seats", amount = "7.90" }]\n')
    log.balance_add("opening", "30", at="2026-08-10T00:00")
    shown = ("balance", "show", "-w", log.folder, "--at")
    assert "fixed costs" not in wacost(*shown, "2026-08-31T12:00").out
    once = wacost(*shown, "2026-09-01T12:00").out
    assert "7.90 USD of fixed costs of months that are over are not taken off: Seats" in once
    assert "CAUTION" not in once
    result = wacost(*shown, "2026-11-01T12:00")
    assert (result.code, result.out.splitlines()[-1][:8]) == (0, "CAUTION:")
    told = wacost(*shown, "2026-11-01T12:00", "--json").json["fixed_costs_not_booked"]
    assert told[0] == {"account": "acme", "name": "Seats", "on": "2026-08-31", "amount": "7.9"}


def test_with_little_data_forecast_says_so_and_gives_the_burn_rate(wacost, log):
    log.balance_add("opening", "30", at="2026-06-30T00:00")
    put_days(log, datetime(2026, 7, 1, 12), [100] * 10)
    result = wacost("balance", "forecast", "--at", "2026-07-11T00:00", "-w", log.folder)
    assert result.code == 0
    assert "not enough data for a range: 10 days with calls, and it takes 56" in result.out
    assert "at this rate the minimum is left by 2026-07-21 00:00" in result.out


def test_within_makes_an_alarm_of_a_run_out_that_is_near(wacost, log):
    log.balance_add("opening", "30", at="2026-06-30T00:00")
    put_days(log, datetime(2026, 7, 1, 12), [100] * 10)
    args = ("balance", "show", "--at", "2026-07-11T00:00", "-w", log.folder)
    assert [
        wacost(*args, *more).code for more in ([], ["--within", "3d"], ["--within", "20d"])
    ] == [
        0,
        0,
        1,
    ]
    assert wacost(*args, "--within", "20d", "--json").json["within"] is True
    assert wacost(*args, "--within", "soon").code == 2


def test_before_its_first_entry_a_balance_has_neither_verdict_nor_forecast(wacost, log):
    log.balance_add("opening", "50", at="2026-10-01T00:00")
    early = ("--at", "2026-09-01", "-w", log.folder)
    shown = wacost("balance", "show", "--within", "3d", *early)
    assert shown.code == 1
    assert "no verdict, its first entry is later than that" in shown.out
    assert "within 3 days" not in shown.out
    told = wacost("balance", "show", "--within", "3d", "--json", *early)
    assert (told.code, told.json["within"], told.json["early_end"]) == (1, False, None)
    found = wacost("balance", "forecast", *early)
    assert (found.code, found.out) == (1, "")
    assert "has no entry up to 2026-09-01 03:00:00 UTC" in found.err


def test_export_writes_the_journal_or_what_was_told(wacost, log, tmp_path):
    log.balance_add("opening", "30", at="2026-06-30T00:00", entry_id="o")
    result = wacost("balance", "export", "--at", "2026-07-02", "-w", log.folder)
    assert result.out.splitlines()[-1] == (
        "2026-07-03 balance Assets:Prepaid:Acme  30 ~ 0.000000001 USD"
    )
    file = tmp_path / "x.beancount"
    told = wacost("balance", "export", "--at", "2026-07-02", "--out", file, "-w", log.folder)
    assert (told.out, file.read_text()) == (f"{file}\n", result.out)
    assert [one["id"] for one in wacost("balance", "export", "--json", "-w", log.folder).json] == [
        "o"
    ]


def test_import_counts_every_row_and_tells_what_it_could_not_read(wacost, tmp_path):
    mapping = '[statements.s]\ncolumns = { at = "When", amount = "Sum" }\nkind = "message"\n'
    log = make(tmp_path, TOML + mapping)
    file = tmp_path / "s.csv"
    file.write_text("When,Sum\n2026-10-01T00:00:00Z,0.25\n2026-10-01T00:00:00Z,?\n")
    result = wacost("balance", "import", file, "-w", log.folder)
    assert result.code == 1
    assert result.out == "2 rows = 1 new + 0 known + 0 left out + 1 refused\n"
    assert "s.csv, line 3: it tells no amount: 2026-10-01T00:00:00Z | ?" in result.err
    again = wacost("balance", "import", file, "--json", "-w", log.folder).json
    assert (again["rows"], len(again["new"]), len(again["known"])) == (2, 0, 1)
    assert again["refused"][0]["reason"] == "bad_amount"


def test_anomalies_tell_what_was_judged_and_by_which_rule(wacost, log):
    put_traffic(log, 240, more=[(230, 5, 351900000000, "PT", 600)])
    args = ("balance", "anomalies", "--at", "2026-09-01T12:00", "-w", log.folder)
    result = wacost(*args)
    assert result.code == 0
    assert "PT, outbound" in result.out
    assert "new destinations" in result.out
    assert (
        "days: 28 judged; at most one in 50 usual ones is named for nothing: 0.6 to be"
        in result.out
    )
    told = wacost(*args, "--json").json
    assert told["false_alarm_one_in"]["day"] == 50
    assert {one["main_cause"] for one in told["anomalies"] if one["what"] == "country"} == {"new"}


def test_budget_exits_with_1_where_it_is_used_up(wacost, tmp_path):
    log = make(tmp_path, TOML + 'budget = { month = "50" }\n')
    put_traffic(log, 40)
    args = ("balance", "budget", "--at", "2026-02-10T12:00", "-w", log.folder)
    result = wacost(*args)
    assert result.code == 1
    assert result.out.startswith("acme, 2026-02: 5")
    assert "of 50.00 USD spent" in result.out
    assert "the budget is used up" in result.out
    assert "difference" in result.out
    assert wacost(*args, "--json").json["state"] == "over"


def test_list_shows_every_line_with_what_is_left_and_a_day_its_calls(wacost, log):
    log.balance_add("opening", "30", at="2026-06-30T12:00", note="as of the bank")
    put_days(log, datetime(2026, 7, 1, 12), [100, 50])
    log.balance_add("topup", "10", at="2026-07-02T00:00", entry_id="r1")
    result = wacost("balance", "list", "-w", log.folder)
    assert result.out.splitlines() == [
        "acme, USD, days of America/Sao_Paulo",
        "day         what                     calls  amount   left",
        "2026-06-30  opening  as of the bank          30.00  30.00",
        "2026-07-01  call     acme                1   -1.00  29.00",
        "2026-07-02  topup    r1                      10.00  39.00",
        "2026-07-02  call     acme                1   -0.50  38.50",
    ]
    july = wacost("balance", "list", "--month", "2026-07", "--json", "-w", log.folder).json
    assert [one["balance"] for one in july] == ["29", "39", "38.5"]
    day = ("balance", "list", "--day", "2026-07-02", "-w", log.folder)
    assert "12:00:00    d1    outbound  BR        50   -0.50" in wacost(*day).out
    assert wacost(*day, "--json").json[0]["amount"] == "-0.5"
    assert wacost("balance", "list", "--day", "2026-07-03", "-w", log.folder).out == (
        "no calls on 2026-07-03\n"
    )


def test_an_alarm_needs_no_statistics(wacost, log, monkeypatch):
    ninety_days(log, opening="250")
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    args = ("balance", "show", "--at", "2026-10-01T00:00", "-w", log.folder)
    assert wacost(*args, "--within", "90d").code == 1
    assert "hint: pip install 'wacost[forecast]'" in wacost("balance", "forecast", *args[2:]).err
