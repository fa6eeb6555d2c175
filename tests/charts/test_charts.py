"""Figures: a sensible picture of whatever there is, exact money in words, nothing fetched."""

import datetime as dt
import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from wacost.analytics.about import About
from wacost.analytics.allin import AllIn
from wacost.analytics.change import Change, Group, split_change
from wacost.analytics.comparison import Compared, Comparison, Sum
from wacost.analytics.tiers import TierProgress
from wacost.balance.backtest import Backtest
from wacost.balance.debits import Debit
from wacost.balance.future import LEVELS, Crossing, FanDay, Forecast
from wacost.dialplan import COUNTRIES
from wacost.money import UNIT

pytest.importorskip("plotly", reason="pip install 'wacost[notebook]'")

from wacost import charts
from wacost.charts import look

CARD = ("meta-usd", "derived")
TESTED = Backtest(
    "weeks", 9, 9, 0.1, 0.2, {80: 0.7, 95: 0.9}, {80: 0.7, 95: 0.9}, 1, [], [], 1, 1, 1
)
ABOUT = About("2026-10", None, None, ("America/Sao_Paulo",), (CARD,), 3, 1, 0, "pt_BR")
MOST_POINTS = 5_000
READ = {"text", "hovertext", "hovertemplate", "name", "ticktext", "x", "y"}
"""What of a figure its reader reads."""
NAMES = r"^acme, |America/Sao_Paulo|^\(?meta-usd|^x$|^[A-Z]{3}$|>?volume<?"
"""What is the same in every language."""


def row(amount="0.01188", currency="BRL", **more):
    amount = None if amount is None else Decimal(amount)
    counts = {"calls": 3, "answered": 2, "unpriced": 0, "billed_seconds": 66}
    return {**counts, "currency": currency, "amount": amount, **more}


def change(before, now):
    groups = [Group(10, 12, 600, 700, Decimal(before), Decimal(now))]
    parts = split_change(groups)
    return Change("2026-10", "2026-09", "BRL", Decimal(before), Decimal(now), parts, 10, 12, 0, 0)


def tier(**more):
    told = {
        "portfolio": "acme", "card": "meta-usd", "currency": "USD", "direction": "outbound",
        "destination": "<b>", "used_seconds": 6000, "tier_from_minutes": 0,
        "rate_per_minute": Decimal("0.0108"), "rate_unknown": False, "reached_on": None,
        "next_from_minutes": 50000, "next_rate": None, "next_on": dt.date(2026, 10, 20),
        "over": False,
    }  # fmt: skip
    return TierProgress(**{**told, **more})


def compared(name, currency, exact):
    return Compared(name, currency, "derived", "c", {"BR": Sum(calls=1, exact=exact)}, {})


EMPTY = {
    "ranked": lambda: charts.ranked([], ABOUT),
    "by_day": lambda: charts.by_day([], ABOUT),
    "cost_map": lambda: charts.cost_map([], ABOUT),
    "waterfall": lambda: charts.waterfall([], ABOUT),
    "tiers": lambda: charts.tiers([], ABOUT),
    "all_in": lambda: charts.all_in([], ABOUT),
    "cards": lambda: charts.cards(Comparison("2026-10", (), (), ()), ABOUT),
    "week": lambda: charts.week([], ABOUT),
    "pickup": lambda: charts.pickup([], ABOUT),
    "agents": lambda: charts.agents([{"number": "55", "agents": None}], ABOUT, ("80",)),
    "funnel": lambda: charts.funnel({"requested": 0}, ABOUT),
    "ledger": lambda: charts.ledger([], ABOUT),
    "backtest": lambda: charts.backtest([forecast()], ABOUT),
}


def forecast(fan=(), **more):
    now = dt.datetime(2026, 10, 31)
    return Forecast("<b>", "USD", now, now, 5 * UNIT, UNIT, UNIT // 4, 90, fan=fan, **more)


def fan(first, last):
    """Days from one middle to another, with ranges around each."""
    start = dt.date(2026, 11, 1)
    return tuple(
        FanDay(
            start + dt.timedelta(days=n),
            middle * UNIT,
            {level: ((middle - level) * UNIT, (middle + level) * UNIT) for level in LEVELS},
        )
        for n, middle in enumerate(range(first, last, -1))
    )


def called(**more):
    counts = {"calls": 4, "answered": 3, "missed": 1, "declined": 0, "failed": 0}
    shares = {
        "pickup": Decimal("75.0"),
        "pickup_low": Decimal("30.1"),
        "pickup_high": Decimal("95.4"),
    }
    return {**counts, **shares, **more}


DAY = dt.date(2026, 10, 5)
LEFT = [{"balance": "a", "day": DAY, "amount": Decimal("1.5"), "currency": "USD"}]
FULL = {
    "ranked": lambda: charts.ranked([row(country="BR"), row("2", "JPY", country=None)], ABOUT),
    "by_day": lambda: charts.by_day([row(day=DAY, direction="outbound")], ABOUT),
    "cost_map": lambda: charts.cost_map([row(country="BR")], ABOUT),
    "waterfall": lambda: charts.waterfall([change("1", "2.5")], ABOUT),
    "tiers": lambda: charts.tiers([tier()], ABOUT),
    "all_in": lambda: charts.all_in([AllIn("a", "KWD", 3, 0, Decimal("1.5"), Decimal(2))], ABOUT),
    "cards": lambda: charts.cards(
        Comparison("2026-10", (), (compared("x", "USD", Fraction(3, 2)),), ()),
        ABOUT,
    ),
}

FULL |= {
    "week": lambda: charts.week([called(weekday=1, hour=9)], ABOUT),
    "pickup": lambda: charts.pickup([called(number="5511")], ABOUT),
    "agents": lambda: charts.agents([{"number": "55", "agents": [1]}], ABOUT, ("80",)),
    "funnel": lambda: charts.funnel({"requested": 9, "granted": 4}, ABOUT),
    "ledger": lambda: charts.ledger(LEFT, ABOUT),
    "fan": lambda: charts.fan(forecast(fan(5, -200)), LEFT, ABOUT),
    "cautious fan": lambda: charts.fan(forecast(fan(5, -200), tested=TESTED), LEFT, ABOUT),
    "burn rate": lambda: charts.fan(forecast(), LEFT, ABOUT),
    "backtest": lambda: charts.backtest([forecast(tested=TESTED)], ABOUT),
}


def points(figure):
    return sum(max(len(trace.x or ()), len(trace.y or ())) for trace in figure.data)


def texts(figure):
    """Everything that a reader can read in a figure."""
    said = [figure.layout.title.text, figure.layout.title.subtitle.text]
    said += [note.text for note in figure.layout.annotations]
    for trace in figure.data:
        for told in (trace.text, trace.hovertext):
            said += [told] if isinstance(told, str) else list(told if told is not None else ())
    flat = [one for text in said for one in (text if isinstance(text, list | tuple) else [text])]
    return " ".join(str(text) for text in flat if text)


def words(figure):
    """Every line that a reader can read: also those of axes, legends and templates."""
    told = figure.to_plotly_json()
    found, todo = [], [(part, "") for part in (told["layout"], *told["data"])]
    while todo:
        one, key = todo.pop()
        if isinstance(one, dict):
            todo += [(value, name) for name, value in one.items()]
        elif isinstance(one, str) and key in READ:
            found += one.split("<br>")
        elif hasattr(one, "__iter__") and not isinstance(one, str):
            todo += [(value, key) for value in one]
    return {text for text in found if re.search("[A-Za-z]{3}", re.sub("%{.}|<[^>]*>", "", text))}


@pytest.mark.parametrize("locale", ["pt_BR", "es"])
@pytest.mark.parametrize("name", FULL)
def test_a_figure_says_everything_in_the_language_of_its_reader(name, locale, monkeypatch):
    shown = {}
    for one in ("en", locale):
        monkeypatch.setitem(globals(), "ABOUT", replace(ABOUT, locale=one))
        shown[one] = words(FULL[name]())
    left = {text for text in shown["en"] & shown[locale] if not re.search(NAMES, text)}
    assert left == set()
    assert len(shown[locale]) > 1


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_month_is_said_in_words(name):
    assert re.search(
        "Nenhuma chamada|Nenhum mercado|Nenhum contato|Nenhuma permissão|nenhum saldo|não há dias",
        texts(EMPTY[name]()),
    )


@pytest.mark.parametrize("name", FULL)
def test_every_figure_says_what_it_is_about(name):
    figure = FULL[name]()
    assert "outubro de 2026 · America/Sao_Paulo · meta-usd (derivada)" in texts(figure)
    assert "1 chamada sem preço" in texts(figure)
    assert 0 < points(figure) <= MOST_POINTS
    assert "cdn." not in figure.to_json()
    assert "geo" not in figure.to_dict()["layout"]


def test_money_is_read_exactly_and_in_the_locale():
    figure = charts.ranked([row("1234567.012345678912", country="BR")], ABOUT)
    assert "R$\xa01.234.567,012345678912" in texts(figure)
    assert figure.layout.separators == ",."


def test_currencies_have_a_panel_each_and_are_never_added_up():
    figure = charts.ranked([row(country="BR"), row("5", "JPY", country="JP")], ABOUT)
    assert [len(trace.x) for trace in figure.data] == [1, 1]
    assert {trace.xaxis for trace in figure.data} == {"x", "x2"}


def test_a_direction_has_one_colour_in_all_panels_and_stands_once_in_the_legend():
    told = {"day": DAY, "country": "BR"}
    rows = [row("1", "BRL", direction="outbound", **told)]
    rows += [row("1", "USD", direction=way, **told) for way in ("inbound", "outbound")]
    traces = charts.by_day(rows, ABOUT).data
    assert len({trace.marker.color for trace in traces if trace.name == "saída"}) == 1
    assert sorted(trace.name for trace in traces if trace.showlegend) == ["entrada", "saída"]


def test_a_card_whose_rates_are_not_all_known_has_two_amounts_and_a_whisker():
    doubt = {"doubtful": Fraction(1), "doubtful_least": Fraction(0), "doubtful_most": Fraction(2)}
    sums = [
        Sum(2, exact=Fraction(3), **doubt), Sum(2, 1, exact=Fraction(1), unbounded=1), Sum(1, 1),
    ]  # fmt: skip
    told = [replace(compared(f"c{n}", "BRL", 0), countries={"BR": s}) for n, s in enumerate(sums)]
    figure = charts.cards(Comparison("2026-10", (), tuple(told), ()), ABOUT)
    (trace,) = figure.data
    assert trace.text == ("de R$\xa02,00 a R$\xa04,00", "R$\xa01,00 ou mais")
    assert (trace.x, trace.error_x.arrayminus) == ((4, 1), (2, 0))
    assert "Nenhuma chamada tem preço com c2" in texts(figure)
    assert told[1].as_row()["at most"] == "no upper bound is known"


def test_two_hundred_countries_are_fifteen_bars_and_the_others_together():
    countries = sorted(COUNTRIES)[:200]
    rows = [row(str(n + 1), country=country) for n, country in enumerate(countries)]
    (trace,) = charts.ranked(rows, ABOUT).data
    assert len(trace.x) == 16
    assert sum(trace.x) == sum(one["amount"] for one in rows)
    assert points(charts.cost_map(rows, ABOUT)) > 190


def test_a_call_without_a_price_is_no_bar():
    assert "Nenhuma chamada com preço" in texts(
        charts.ranked([row(None, None, country="BR")], ABOUT)
    )
    (trace,) = charts.ranked([row(None, country="PT"), row(country="BR")], ABOUT).data
    assert len(trace.x) == 1


def test_names_from_outside_are_escaped():
    shown = charts.tiers([tier()], ABOUT)
    assert "&lt;b&gt;, saída" in shown.layout.yaxis.ticktext[0]
    assert "<b>, " not in shown.to_json()
    figure = charts.ranked([row(market="<a href='x'>")], ABOUT, by="market")
    assert "<a" not in figure.to_json()


def test_the_bars_of_the_change_start_and_end_at_the_months():
    trace, amounts = charts.waterfall([change("1", "2.5")], ABOUT).data
    assert trace.measure[0] == "absolute"
    assert sum(trace.y[:-1]) == trace.y[-1] == Decimal("2.5")
    told = [Decimal(re.sub(r"[^0-9,-]", "", text).replace(",", ".")) for text in amounts.text]
    assert sum(told[:-1]) == told[-1]


def test_frames_of_both_libraries_draw_the_same():
    pl = pytest.importorskip("polars")
    pd = pytest.importorskip("pandas")
    rows = [row(country="BR", flags=[]), row(None, None, country=None, flags=["a"])]
    table = pl.DataFrame(rows).to_arrow()
    from wacost.frames import pandas_frame

    assert isinstance(pandas_frame(table), pd.DataFrame)
    drawn = [look.rows_of(frame) for frame in (pl.DataFrame(rows), pandas_frame(table), rows)]
    assert drawn[0] == drawn[1] == drawn[2]


def test_a_fan_ends_where_the_balance_is_used_up_in_nearly_every_case():
    figure = charts.fan(forecast(fan(5, -200)), LEFT, ABOUT)
    (middle,) = [trace for trace in figure.data if trace.name == "valor central"]
    assert len(middle.x) == 102
    assert "5" in middle.hovertext[0]
    assert "uma estimativa" in middle.hovertext[0]


def test_a_fan_says_below_it_that_such_ranges_held_too_seldom():
    figure = charts.fan(forecast(fan(5, -200), tested=TESTED), LEFT, ABOUT)
    told = [one.text for one in figure.layout.annotations]
    assert "Em dias passados o intervalo de 80\xa0% acertou 70\xa0% e o" in told[-1]
    assert len(charts.fan(forecast(fan(5, -200)), LEFT, ABOUT).layout.annotations) < len(told)
    seats = Debit("a", "<b>", DAY, UNIT)
    figure = charts.fan(forecast(fan(5, -200), debits=(seats,)), LEFT, ABOUT)
    wanted = "Os custos fixos do wacost.toml estão na previsão: &lt;b&gt; 1,00 USD em 05/10/2026"
    assert figure.layout.annotations[-1].text == wanted


def test_an_hour_without_a_call_is_no_hour_without_a_missed_one():
    (trace,) = charts.week([called(weekday=1, hour=9, missed=0)], ABOUT).data
    assert trace.z[0][9] == 0
    assert trace.z[0][10] is None


@pytest.mark.parametrize("name", look.THEMES)
def test_words_and_colours_stand_out_from_the_page(name):
    theme = look.THEMES[name]
    for colour in (theme.text, theme.faint):
        assert contrast(colour, theme.paper) >= 4.5
    for colour in look.COLOURS:
        assert contrast(colour, theme.paper) >= 3
    for colour in (theme.land, theme.peak):
        assert contrast(theme.text, colour) >= 4.5


def test_a_theme_that_is_none_is_refused():
    with pytest.raises(look.InputError):
        charts.use("pink")


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_what_a_map_cannot_place_is_said_with_its_amount():
    rows = [row("2", country="BR"), row("1.5", country=None), row(None, country="XX")]
    assert "Fora do mapa: R$\xa01,50" in texts(charts.cost_map(rows, ABOUT))
    assert "Fora do mapa" not in texts(charts.cost_map(rows[:1], ABOUT))
    assert "Nenhuma chamada com preço" not in texts(charts.cost_map(rows[1:], ABOUT))


def test_free_calls_are_not_called_calls_without_a_price():
    free = [row("0", country="BR", day=DAY, direction="inbound")]
    figures = (charts.cost_map(free, ABOUT), charts.by_day(free, ABOUT), charts.ranked(free, ABOUT))
    for figure in (*figures, charts.waterfall([change("0", "0")], ABOUT)):
        assert "Nenhuma chamada deste mês teve custo" in texts(figure)
        assert "Nenhuma chamada com preço" not in texts(figure)


def test_names_at_the_eastern_edge_of_the_map_stand_inside_it():
    (trace,) = charts.cost_map([row("2", country="BR"), row(country="FJ")], ABOUT).data
    assert trace.textposition == ("middle right", "middle left")


def test_amounts_of_a_change_stand_above_their_bars_and_never_on_the_axis():
    figure = charts.waterfall([change("900000", "5")], ABOUT)
    trace, amounts = figure.data
    low, high = figure.layout.yaxis.range
    assert low == 0
    levels = [sum(trace.y[: n + 1]) for n in range(len(trace.y) - 1)]
    tops = [levels[0], *map(max, levels, levels[1:]), trace.y[-1]]
    assert list(amounts.y) == tops
    assert high > max(tops)


LONG = "Sociedade de Comércio e Importação de Equipamentos do Nordeste e Filiais Ltda"


def test_a_long_name_is_cut_and_two_that_are_cut_alike_stay_two():
    rows = [row(str(n), market=f"{LONG} {n} {LONG}") for n in (1, 2)]
    figure = charts.ranked(rows, ABOUT, by="market")
    shown = figure.layout.yaxis.ticktext
    assert shown[0] == shown[1]
    assert all(len(name) <= 48 for name in shown)
    assert len(set(figure.data[0].y)) == 2
    assert f"{LONG} 1 {LONG}" in texts(figure)


def test_two_portfolios_of_one_card_have_a_bar_each():
    rows = [tier(), tier(portfolio="other"), tier(destination="Brazil")]
    figure = charts.tiers(rows, ABOUT)
    assert list(figure.data[0].y) == [0, 1, 2]
    assert [name.partition(":")[0] for name in figure.layout.yaxis.ticktext[:2]] == [
        "acme",
        "other",
    ]
    assert figure.layout.yaxis.ticktext[2].startswith("Brasil")


def test_a_band_that_is_nearly_reached_tells_it_inside_its_bar():
    figure = charts.tiers([tier(used_seconds=60 * 49_999), tier()], ABOUT)
    assert figure.data[0].textposition == ("inside", "outside")


def test_what_a_figure_leaves_out_is_counted():
    numbers = [called(number=f"55{n}", agents=[n + 1]) for n in range(60)]
    assert "20 de 60 são mostrados" in texts(charts.pickup(numbers, ABOUT))
    assert "12 de 60 são mostrados" in texts(charts.agents(numbers, ABOUT, ("80",)))
    assert "15 de 50 são mostrados" in texts(charts.tiers([tier() for _ in range(50)], ABOUT))
    assert "são mostrados" not in texts(charts.pickup(numbers[:20], ABOUT))


def test_an_axis_of_many_people_has_few_lines():
    many = charts.agents([{"number": "55", "agents": [900]}], ABOUT, ("80",))
    few = charts.agents([{"number": None, "agents": [3]}], ABOUT, ("80",))
    assert (many.layout.xaxis.dtick, few.layout.xaxis.dtick) == (None, 1)
    assert few.layout.yaxis.ticktext == ("não se conhece",)


def test_amounts_of_one_figure_have_the_same_places_and_none_is_shown_as_nothing():
    rows = [row(amount, "USD", country="BR") for amount in ("9.72054", "0.4128", "0.00001")]
    (trace,) = charts.ranked(rows, ABOUT).data
    assert trace.text == ("US$\xa09,72", "US$\xa00,41", "< US$\xa00,01")
    (small,) = charts.ranked([row("0.00123", "KWD", country="KW")], ABOUT).data
    assert small.text == ("KWD\xa00,00123",)
    zero = [row("0", "JPY", country="JP"), row("3", "JPY", country="BR")]
    (none,) = charts.ranked(zero, ABOUT).data
    assert none.text == ("JP¥\xa03", "JP¥\xa00")


def test_a_month_of_unpriced_calls_has_no_account_with_costs():
    figure = charts.all_in([AllIn("a", None, 0, 5, Decimal(0), Decimal(0))], ABOUT)
    assert "Nenhuma chamada com preço" in texts(figure)


def test_days_of_a_balance_are_dates_as_a_reader_writes_them():
    for figure in (charts.ledger(LEFT, ABOUT), charts.fan(forecast(fan(5, -9)), LEFT, ABOUT)):
        assert figure.layout.xaxis.tickformat == "%d/%m/%Y"
    english = charts.ledger(LEFT, replace(ABOUT, locale="en"))
    assert english.layout.xaxis.tickformat == "%b %-d, %Y"
    assert charts.ledger(LEFT, ABOUT).layout.xaxis.range == ("2026-10-04", "2026-10-06")


def test_the_ranges_of_a_fan_do_not_lie_upon_each_other():
    figure = charts.fan(forecast(fan(5, 0)), LEFT, ABOUT)
    outer, inner = (trace for trace in figure.data if re.search("(95|80)\\W%$", trace.name or ""))
    days = outer.x.index(None) // 2
    assert list(outer.y[days : 2 * days]) == list(reversed(inner.y[:days]))


def test_an_hour_in_which_every_call_was_taken_has_the_colour_of_none_missed():
    (trace,) = charts.week([called(weekday=1, hour=9, missed=0)], ABOUT).data
    assert trace.zmax == 1


def test_of_many_accounts_the_dearest_stand_by_themselves_and_the_sums_are_whole():
    rows = [AllIn(f"a{n}", "USD", 3, 0, Decimal(n), Decimal(1)) for n in range(60)]
    figure = charts.all_in(rows, ABOUT)
    calls, fees, _ = figure.data
    assert (len(calls.x), sum(calls.x), sum(fees.x)) == (16, sum(range(60)), 60)
    assert figure.layout.yaxis.ticktext[0].startswith("a59<br>")
    assert figure.layout.yaxis.ticktext[-1].startswith("45 outros<br>")


def test_of_many_balances_some_are_drawn_and_the_others_counted():
    days = [{**LEFT[0], "balance": f"b{n}"} for n in range(30)]
    figure = charts.ledger(days, ABOUT)
    assert len(figure.data) == 12
    assert "12 de 30 são mostrados" in texts(figure)


def test_what_a_forecast_does_not_reach_is_told_as_after_its_last_day():
    at, last = dt.datetime(2026, 11, 9), dt.date(2027, 1, 29)
    crossing = Crossing(at, dict.fromkeys(LEVELS, (at, None)), 87)
    (row,) = forecast(zero=crossing, horizon=last).crossing_rows()
    assert (row["what"], row["chance"]) == ("empty", "87 % by Jan 29, 2027")
    assert (row["early"], row["middle"], row["late"]) == (at, at, "after Jan 29, 2027")
    assert forecast().crossing_rows() == []


def test_a_rate_that_is_not_known_is_told_in_words():
    row = tier(used_seconds=119).as_row()
    assert (row["used_minutes"], row["next_rate"], row["rate_per_minute"]) == (
        1, "not known", "0.0108",
    )  # fmt: skip
    assert tier(next_from_minutes=None).as_row()["next_rate"] is None
    assert tier(rate_unknown=True).as_row()["rate_per_minute"] == "not known"


@pytest.mark.parametrize("name", look.THEMES)
def test_every_word_on_the_page_is_readable(name, monkeypatch):
    monkeypatch.setenv("WACOST_THEME", name)
    for make in [*FULL.values(), *EMPTY.values()]:
        layout = make().to_plotly_json()["layout"]
        notes = layout.get("annotations", ())
        colours = [note.get("font", {}).get("color") or layout["font"]["color"] for note in notes]
        for colour in [layout["font"]["color"], *colours]:
            assert contrast(colour, layout["paper_bgcolor"]) >= 4.5
