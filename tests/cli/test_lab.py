"""`wacost lab` opens the workspace's own notebooks; what a user changed is never written over."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys

import pytest
from browser import browser, needs_chromium

from wacost import lab
from wacost.cli import main
from wacost.lab import STATE, content_hash, place_notebooks

DRAWN = """
    (() => {
        const places = [...document.querySelectorAll(".jp-Notebook .js-plotly-plot")];
        return places.length >= 5 && places.every(place => place.querySelector(".main-svg"));
    })()
"""


READY = "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel != null"
FAILED = ".jp-OutputArea-output[data-mime-type*=error]"


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A folder of two notebooks in the place of those of wacost; return how to change them."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr(lab, "bundled", lambda _: folder)

    def write(name, source, **more):
        cell = {"cell_type": "code", "source": [source], "outputs": [], **more}
        (folder / name).write_text(json.dumps({"cells": [cell], "nbformat": 4}))

    write("01_a.ipynb", "1")
    write("02_b.ipynb", "2")
    return write


def test_notebooks_are_placed_once(shipped, tmp_path):
    assert place_notebooks(tmp_path / "w").new == ("01_a.ipynb", "02_b.ipynb")
    assert place_notebooks(tmp_path / "w") == lab.Placed()


def test_a_newer_one_replaces_a_copy_that_was_only_run(shipped, tmp_path):
    place_notebooks(tmp_path / "w")
    own = tmp_path / "w" / "notebooks" / "01_a.ipynb"
    own.write_text(own.read_text().replace('"outputs": []', '"outputs": [{"text": "ran"}]'))
    shipped("01_a.ipynb", "newer")
    assert place_notebooks(tmp_path / "w").updated == ("01_a.ipynb",)
    assert "newer" in own.read_text()


def test_a_copy_that_its_user_changed_stays_and_a_newer_one_is_told(shipped, tmp_path):
    place_notebooks(tmp_path / "w")
    own = tmp_path / "w" / "notebooks" / "01_a.ipynb"
    own.write_text(own.read_text().replace('["1"]', '["mine"]'))
    mine = own.read_bytes()
    assert place_notebooks(tmp_path / "w") == lab.Placed()
    shipped("01_a.ipynb", "newer")
    assert place_notebooks(tmp_path / "w").kept == ("01_a.ipynb",)
    (tmp_path / "w" / "notebooks" / STATE).write_text("nonsense")
    assert place_notebooks(tmp_path / "w").kept == ("01_a.ipynb",)
    assert own.read_bytes() == mine


def test_what_is_no_notebook_is_a_change_like_any_other(shipped, tmp_path):
    place_notebooks(tmp_path / "w")
    own = tmp_path / "w" / "notebooks" / "02_b.ipynb"
    own.write_bytes(b"\xff no json")
    shipped("02_b.ipynb", "newer")
    assert place_notebooks(tmp_path / "w").kept == ("02_b.ipynb",)
    assert own.read_bytes() == b"\xff no json"
    assert content_hash(own) != content_hash(tmp_path / "shipped" / "02_b.ipynb")


def test_every_shipped_notebook_is_without_outputs_and_its_cells_are_short():
    found = sorted(lab.bundled("notebooks").glob("*.ipynb"))
    assert found[0].name[:2] == "00"
    for path in found:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        assert cells[0]["source"][0].startswith("# ")
        assert sum("parameters" in cell["metadata"].get("tags", []) for cell in code) == 1
        assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
        assert all(len(cell["source"]) <= 15 for cell in code), path.name


def test_without_jupyterlab_a_sentence_says_what_to_install(wacost, tmp_path, monkeypatch):
    wacost("init", tmp_path / "w")
    monkeypatch.setattr("wacost.cli.lab.find_spec", lambda _: None)
    result = wacost("lab", "-w", tmp_path / "w")
    assert result.code == 1
    assert "jupyterlab is not installed" in result.err
    assert "pip install 'wacost[notebook]'" in result.err


def test_a_port_that_is_taken_is_told_and_the_token_goes_nowhere(wacost, tmp_path, monkeypatch):
    wacost("init", tmp_path / "w")
    monkeypatch.setattr("wacost.cli.lab.find_spec", lambda _: True)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = wacost("lab", "-w", tmp_path / "w", "--port", port)
    assert (result.code, result.out) == (1, "")
    assert f"port {port} is taken" in result.err


@contextlib.contextmanager
def running(folder, *options, **environment):
    """Run `wacost lab` and give its address; it ends by Ctrl-C."""
    pytest.importorskip("jupyterlab", reason="pip install 'wacost[notebook]'")
    process = subprocess.Popen(
        [sys.executable, "-m", "wacost", "lab", "-w", folder, "--no-browser", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **environment},
    )  # fmt: skip
    try:
        yield process.stdout.readline().strip()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 0, said
    finally:
        process.terminate()  # it ends the server and its kernels too
        process.communicate(timeout=30)


@pytest.mark.full
@needs_chromium
def test_a_browser_opens_the_costs_runs_them_and_finds_every_chart_drawn(tmp_path):
    assert main(["demo", str(tmp_path / "demo")]) == 0
    config = tmp_path / "config"
    config.mkdir()
    (config / "jupyter_server_config.json").write_text(
        json.dumps({"LabApp": {"expose_app_in_browser": True}})
    )
    told = {"JUPYTER_CONFIG_PATH": str(config), "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "user")}
    with (
        running(tmp_path / "demo", "--theme", "dark", **told) as address,
        browser(tmp_path, size=(1400, 5200)) as page,
    ):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/lab/tree/notebooks/.*token=\S+", address)
        page.go(address.replace("00_start_here", "01_costs"))
        page.until(READY)
        page.run("window.jupyterapp.commands.execute('notebook:run-all-cells')")
        page.until(DRAWN)
        assert page.run(f"document.querySelectorAll({FAILED!r}).length") == 0
        assert page.run("document.body.dataset.jpThemeLight") == "false"
