"""Make the pictures of the README and of docs/ from the demo, in headless Chromium.

Run `python scripts/make_pictures.py` in a checkout with everything installed (`pip install -e
'.[all,test]'`) and with Chromium; it writes docs/images/*.png, each below 300 kB, and says how
large they are. The figures are those of `wacost demo`: nothing in them is real.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browser import Page, browser  # noqa: E402 - a module of the tests

import wacost  # noqa: E402
from wacost import charts  # noqa: E402
from wacost.cli import main as run  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET: Final = ROOT / "docs" / "images"
MONTH: Final = "2026-10"
MOST_BYTES: Final = 300_000
WIDTH: Final = 960
READY: Final = "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel != null"
PLOT: Final = ".jp-Notebook .js-plotly-plot"
DRAWN: Final = "document.querySelectorAll('.js-plotly-plot .main-svg').length > {}"


def figures(log: wacost.Workspace) -> Iterator[tuple[str, Any]]:
    """Yield the name of each picture and its figure."""
    about = log.about(MONTH)
    countries = log.costs(["country"], month=MONTH)
    yield "map", charts.cost_map(countries, about)
    yield "countries", charts.ranked(countries, about)
    yield "days", charts.by_day(log.costs(["day", "direction"], month=MONTH), about)
    yield "change", charts.waterfall(log.cost_changes(MONTH), about)
    yield "missed", charts.week(log.missed(MONTH, by=["weekday", "hour"]), about)
    left = log.balance_days("atlantico", about.end)
    yield (
        "balance",
        charts.fan(log.forecast("atlantico", at=about.end), left, log.about(MONTH, "atlantico")),
    )


def picture(page: Page, name: str, address: str, height: int, ready: str) -> None:
    """Open a page and keep how it looks."""
    page.ask(
        "Emulation.setDeviceMetricsOverride",
        width=WIDTH, height=height, deviceScaleFactor=1, mobile=False,
    )  # fmt: skip
    page.go(address)
    page.until(ready)
    file = TARGET / f"{name}.png"
    page.picture(file)
    size = file.stat().st_size
    print(f"{file.name}: {size} bytes")
    if size > MOST_BYTES:
        raise SystemExit(f"{file.name} is larger than {MOST_BYTES} bytes")


def of_lab(page: Page, demo: Path, scratch: Path) -> None:
    """Keep how JupyterLab looks with the costs run."""
    config = scratch / "config"
    config.mkdir()
    told = json.dumps({"LabApp": {"expose_app_in_browser": True}})
    (config / "jupyter_server_config.json").write_text(told, encoding="utf-8")
    command = [sys.executable, "-m", "wacost", "lab", "-w", str(demo), "--no-browser"]
    told_to = {"JUPYTER_CONFIG_PATH": str(config), "JUPYTERLAB_SETTINGS_DIR": str(scratch / "user")}
    environment = {**os.environ, **told_to}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as lab:  # noqa: S603
        try:
            address = lab.stdout.readline().strip() if lab.stdout else ""
            page.go(address.replace("00_start_here", "01_costs"))
            page.until(READY)
            page.run("window.jupyterapp.commands.execute('notebook:run-all-cells')")
            page.until(DRAWN.format(4))
            page.run(f"document.querySelectorAll({PLOT!r})[1].scrollIntoView()")
            page.until("true")
            page.picture(TARGET / "lab.png")
            print(f"lab.png: {(TARGET / 'lab.png').stat().st_size} bytes")
        finally:
            lab.terminate()


def main() -> None:
    """Make the demo and every picture of it."""
    import plotly.io as pio  # noqa: PLC0415 - with the extra

    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="wacost-pictures-") as name:
        scratch = Path(name)
        demo = scratch / "demo"
        run(["demo", str(demo)])
        run(["rate", "--month", MONTH, "-w", str(demo), "--format", "html"])
        with browser(scratch, size=(1280, 900)) as page:
            of_lab(page, demo, scratch)
            for title, figure in figures(wacost.open(demo)):
                file = scratch / f"{title}.html"
                file.write_text(pio.to_html(figure, config={"displayModeBar": False}))
                picture(page, title, file.as_uri(), figure.layout.height, DRAWN.format(0))
            invoice = demo / "invoices" / f"aurora-{MONTH}-customer.html"
            picture(page, "invoice", invoice.as_uri(), 1200, "document.body != null")


if __name__ == "__main__":
    main()
