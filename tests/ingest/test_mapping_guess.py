"""A guessed mapping is shown, never used to load, and takes no dialling time for a pick-up."""

import pytest

from wacost.config import parse_config
from wacost.ingest.tables.grid import grids_of
from wacost.ingest.tables.guess import guess, toml_of
from wacost.ingest.tables.header import layout_of
from wacost.ingest.tables.read import rows_told


def guessed(tmp_path, content):
    file = tmp_path / "x.csv"
    file.write_text(content, encoding="utf-8")
    found = guess(grids_of(file), "mine", "America/Sao_Paulo")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("content", "columns", "more"),
    [
        (
            ("Call Start,Phone,Direction,Status,Duration,Agent\n"
            "10/13/2026 1:04 PM,+5511987654321,Inbound,Completed,01:15,Ana\n"),
            {"dialled": ("Call Start",), "contact": ("Phone",), "direction": ("Direction",),
             "outcome": ("Status",), "duration": ("Duration",)},
            {"day_first": False},
        ),
        (
            ("Relatório\n\nData/Hora;Duração;Telefone;Sentido;Situação;Atendida em\n"
            "05/10/2026 10:04;75,0;+55 11 98765-4321;Recebida;Atendida;05/10/2026 10:05\n"),
            {"dialled": ("Data/Hora",), "duration": ("Duração",), "contact": ("Telefone",),
             "direction": ("Sentido",), "outcome": ("Situação",), "started": ("Atendida em",)},
            {"day_first": True},
        ),
        (
            ("Fecha\tHora\tTeléfono\tDirección\tEstado\tDuración (min)\tContacto\n"
            "2026-10-05\t10:04\t5491123456789\tEntrante\tContestada\t1,5\tAna\n"),
            {"dialled": ("Fecha", "Hora"), "contact": ("Teléfono",), "direction": ("Dirección",),
             "outcome": ("Estado",), "duration": ("Duración (min)",)},
            {"duration_unit": "min", "day_first": None},
        ),
        (
            ("id,from,to,start_time,answered_at,end_time\n"
            "a,5511987654321,16315550001,1790000000000,,1790000009000\n"),
            {"call_id": ("id",), "caller": ("from",), "callee": ("to",),
             "dialled": ("start_time",), "started": ("answered_at",), "ended": ("end_time",)},
            {"time_unit": "milliseconds", "timezone": None},
        ),
    ],
)  # fmt: skip
def test_headers_in_three_languages_are_understood(tmp_path, content, columns, more):
    found = guessed(tmp_path, content)
    assert found.mapping.columns == columns
    for key, value in more.items():
        assert getattr(found.mapping, key) == value


@pytest.mark.parametrize(
    "word", ["Start time", "Início", "Hora", "Data/Hora", "Started", "Inicio", "Date", "Call Start"]
)
def test_a_start_is_guessed_to_be_of_dialling(tmp_path, word):
    found = guessed(tmp_path, f"{word};Phone\n2026-10-05 10:00;5511987654321\n")
    assert found.mapping.columns["dialled"] == (word,)
    assert "started" not in found.mapping.columns


def test_words_that_are_not_known_and_a_missing_direction_are_told(tmp_path):
    found = guessed(tmp_path, "Date,Phone,Status\n2026-10-05 10:00,5511987654321,Completed\n")
    notes = " ".join(found.notes)
    assert '"Completed"' in notes
    assert "Nothing tells the direction" in notes


def test_the_block_that_is_written_out_is_read_as_the_mapping_that_was_guessed(tmp_path):
    content = (
        'Fecha;Hora;"Tel ""x""";Teléfono;Dirección\n2026-10-05;10:04;;5491123456789;Saliente\n'
    )
    found = guessed(tmp_path, content)
    assert parse_config(toml_of(found.mapping), tmp_path).imports["mine"] == found.mapping


BOTH_WAYS = (
    "From,To,Start,Duration\n"
    "+5511955550000,+5511987654321,2026-10-05 10:00,5\n"
    "+351912345678,+5511955550000,2026-10-05 11:00,5\n"
)


def test_of_two_ends_the_own_number_is_the_one_that_is_in_every_row(tmp_path):
    found = guessed(tmp_path, BOTH_WAYS)
    assert found.mapping.business_number == "5511955550000"
    assert "5511955550000 is caller or callee in every row" in " ".join(found.notes)
    assert parse_config(toml_of(found.mapping), tmp_path).imports["mine"] == found.mapping
    only = guessed(tmp_path, BOTH_WAYS[: BOTH_WAYS.index("+351")])
    assert only.mapping.business_number is None
    assert "add business_number" in " ".join(only.notes)


def test_numbers_that_may_lack_their_country_are_told(tmp_path):
    content = "Date,Phone,Direction\n2026-10-05 10:00,{},out\n"
    assert "calling_code" in " ".join(guessed(tmp_path, content.format("11 98765-4321")).notes)
    for written in ("+55 11 98765-4321", '"(+55) 11"', "0055 11 98765-4321", "whatsapp:+5511"):
        assert "calling_code" not in " ".join(guessed(tmp_path, content.format(written)).notes)


def test_a_spanish_half_day_in_a_column_of_its_own_is_the_time(tmp_path):
    found = guessed(tmp_path, "Fecha;Hora;Teléfono\n13/10/2026;01:00:05 p. m.;+34612345678\n")
    assert found.mapping.columns["dialled"] == ("Fecha", "Hora")


def test_the_header_once_more_holds_no_words_to_learn(tmp_path):
    head = "Date,Phone,Direction"
    found = guessed(tmp_path, f"{head}\n2026-10-05 10:00,+5511987654321,out\n{head}\n")
    assert not any("Words of" in note for note in found.notes)


def test_a_header_over_two_rows_is_one(tmp_path):
    content = (
        "Report\n"
        "Phone,Direction,Call,,Status\n"
        ",,Date,Duration,\n"
        "+5511987654321,Outgoing,2026-10-05 10:00,75,Missed\n"
    )
    found = guessed(tmp_path, content)
    assert found.mapping.columns == {
        "contact": ("Phone",),
        "direction": ("Direction",),
        "dialled": ("Date",),
        "duration": ("Duration",),
        "outcome": ("Status",),
    }
    assert (found.layout.header.line, found.layout.width) == (3, 5)
    layout = layout_of(found.mapping, grids_of(tmp_path / "x.csv"))
    assert layout is not None
    (told,) = rows_told(found.mapping, layout)
    assert (told.line, told.reason) == (4, "")
