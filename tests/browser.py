"""A real headless Chromium, driven by its own protocol: open a page, ask it, look at it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from contextlib import ExitStack, contextmanager
from urllib.request import urlopen

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="apt-get install chromium")
WAIT_S = 60


class Page:
    """One page: what it fetched and what went wrong in it is kept."""

    def __init__(self, address):
        websocket = pytest.importorskip("websocket", reason="pip install 'wacost[notebook]'")
        self._socket = websocket.create_connection(address, timeout=WAIT_S, suppress_origin=True)
        self._number = 0
        self.errors, self.fetched = [], []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.ask("Emulation.setFocusEmulationEnabled", enabled=True)

    def ask(self, method, **values):
        """Send one command and return its result; what happens meanwhile is kept."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": values}))
        while True:
            said = json.loads(self._socket.recv())
            if said.get("id") == self._number:
                assert "error" not in said, said
                return said["result"]
            self._keep(said)

    def _keep(self, said):
        what, values = said.get("method"), said.get("params", {})
        if what == "Runtime.exceptionThrown":
            details = values["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        elif what == "Runtime.consoleAPICalled" and values["type"] == "error":
            self.errors.append(str([arg.get("value") for arg in values["args"]]))
        elif what == "Log.entryAdded" and values["entry"]["level"] == "error":
            self.errors.append(values["entry"]["text"])
        elif what == "Network.requestWillBeSent":
            self.fetched.append(values["request"]["url"])

    def close(self):
        self._socket.close()

    def go(self, address):
        self.ask("Page.navigate", url=address)
        self.until("document.readyState === 'complete'")

    def run(self, script):
        """Return the value of a script, awaited."""
        told = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def until(self, script, wait_s=WAIT_S):
        """Wait until a script is true."""
        end = time.monotonic() + wait_s
        while not self.run(script):
            assert time.monotonic() < end, (script, self.errors)
            time.sleep(0.2)

    def picture(self, path):
        shot = self.ask("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def browser(folder, *, dark=False, size=(1280, 900)):
    """Start Chromium with an empty profile and give its one page."""
    command = [
        CHROMIUM, "--headless", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0",
        f"--user-data-dir={folder}/profile", f"--window-size={size[0]},{size[1]}",
        "--hide-scrollbars", *(["--no-sandbox"] if os.geteuid() == 0 else []), "about:blank",
    ]  # fmt: skip
    with (folder / "chromium.log").open("wb") as log, ExitStack() as stack:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            page = Page(_address(folder, process))
            stack.callback(page.close)
            if dark:
                features = [{"name": "prefers-color-scheme", "value": "dark"}]
                page.ask("Emulation.setEmulatedMedia", features=features)
            yield page
        finally:
            process.kill()
            process.wait()


def _address(folder, process):
    """Return where the page listens: Chromium writes its port into its profile."""
    told = folder / "profile" / "DevToolsActivePort"
    end = time.monotonic() + WAIT_S
    while not (told.is_file() and told.read_text().count("\n")):
        assert process.poll() is None, (folder / "chromium.log").read_text()
        assert time.monotonic() < end, "chromium did not start"
        time.sleep(0.1)
    port = told.read_text().splitlines()[0]
    with urlopen(f"http://127.0.0.1:{port}/json") as pages:
        found = json.load(pages)
    return next(page["webSocketDebuggerUrl"] for page in found if page["type"] == "page")
