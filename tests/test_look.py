"""A logo does no harm and a colour can be read; what is wrong with either is said."""

from __future__ import annotations

import struct
import zlib

import pytest

from wacost.config import read_config
from wacost.config.look import COLOUR, MOST_BYTES, Look, contrast, read_look
from wacost.errors import ConfigError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10">{}</svg>'
GOOD = SVG.format('<rect width="40" height="10" fill="#123456"/>')


def png() -> bytes:
    """A picture of one pixel."""

    def part(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\x00\x12\x34\x56")
    parts = part(b"IHDR", head) + part(b"IDAT", pixel) + part(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def look(folder, told: str) -> Look:
    text = f'[accounts.a]\ntimezone = "UTC"\ncard = "meta-usd"\ninvoice = {{ {told} }}\n'
    (folder / "wacost.toml").write_text(text)
    return read_look(folder, read_config(folder).account("a"))


def test_an_account_without_a_look_has_the_default(tmp_path):
    assert look(tmp_path, "") == Look()
    assert contrast(COLOUR) > 7


def test_a_logo_and_a_colour_are_read(tmp_path):
    (tmp_path / "logo.svg").write_text(GOOD)
    (tmp_path / "logo.PNG").write_bytes(png())
    found = look(tmp_path, 'logo = "logo.svg", colour = "#1A2B3C"')
    assert found == Look("#1a2b3c", GOOD.encode(), "svg")
    assert look(tmp_path, 'logo = "logo.PNG"') == Look(COLOUR, png(), "png")


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ('colour = "red"', "is no colour"),
        ('colour = "#12345"', "is no colour"),
        ('colour = "#ffee00"', "too light to be read on white"),
        ("colour = 7", "is no colour"),
        ('logo = "logo.gif"', "is no logo"),
        ('logo = "nowhere.svg"', "cannot be read"),
        ('logo = "folder.svg"', "cannot be read"),
        ('logo = "text.png"', "is no PNG"),
        ('logo = "text.svg"', "is no SVG"),
        ('logo = "large.png"', "larger than 512 KB"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_a_hint(tmp_path, told, message):
    (tmp_path / "folder.svg").mkdir()
    (tmp_path / "text.svg").write_text("no picture")
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "large.png").write_bytes(png() + bytes(MOST_BYTES))
    with pytest.raises(ConfigError, match=message) as caught:
        look(tmp_path, told)
    assert caught.value.hint


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<foreignObject/>",
        '<image href="https://example.com/x.png"/>',
        '<use href="file:///etc/passwd"/>',
        "<style>@import 'x.css';</style>",
        '<rect style="fill: url(https://example.com/x)"/>',
        '<rect onload="alert(1)"/>',
    ],
)
def test_an_svg_that_runs_or_loads_anything_is_refused(tmp_path, inside):
    (tmp_path / "logo.svg").write_text(SVG.format(inside))
    with pytest.raises(ConfigError, match=r"logo\.svg"):
        look(tmp_path, 'logo = "logo.svg"')
    (tmp_path / "logo.svg").write_text("<!DOCTYPE x>" + GOOD)
    with pytest.raises(ConfigError, match="document type"):
        look(tmp_path, 'logo = "logo.svg"')


def test_a_gradient_within_the_picture_is_no_harm(tmp_path):
    inside = '<g fill="url(#a)"/><use href="#a"/><style>.x { fill: url( "#a" ) }</style>'
    (tmp_path / "logo.svg").write_text(SVG.format(inside))
    assert look(tmp_path, 'logo = "logo.svg"').kind == "svg"
