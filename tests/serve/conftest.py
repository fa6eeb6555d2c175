"""A real `wacost serve` on a real socket, and posts as suppliers sign them."""

import hashlib
import hmac
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib.util import find_spec

import pytest
from small_world import ACME

APP, TOKEN, YCLOUD, KAPSO = "s3cret-app", "s3cret-token", "s3cret-ycloud", "s3cret-kapso"
ENVIRONMENT = {
    "WACOST_APP_SECRET": f"s3cret-old, {APP}",
    "WACOST_VERIFY_TOKEN": TOKEN,
    "WACOST_YCLOUD_SECRET": YCLOUD,
    "WACOST_KAPSO_SECRET": KAPSO,
}


def pytest_collection_modifyitems(items):
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        skip = pytest.mark.skip(reason="needs the receiver: pip install -e '.[serve]'")
        for item in items:
            if item.path.parent.name == "serve" and "server" in item.fixturenames:
                item.add_marker(skip)


def hub(raw: bytes, secret: str = APP) -> dict[str, str]:
    made = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={made}"}


def of(body: object) -> bytes:
    return json.dumps(body).encode()


class Server:
    """One server process over one workspace."""

    def __init__(self, folder, *options, environment=None, preexec_fn=None):
        self.folder, self.inbox = folder, folder / "inbox"
        command = [sys.executable, "-m", "wacost", "serve", "-w", folder, "--port", "0", *options]
        clean = {k: v for k, v in os.environ.items() if not k.startswith("WACOST_")}
        self.process = subprocess.Popen(
            [str(part) for part in command],
            env={**clean, **(ENVIRONMENT if environment is None else environment)},
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=preexec_fn,  # noqa: PLW1509 - sets a limit of the process and nothing else
        )
        self.first_line = self.process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.first_line)
        self.port = int(found[1]) if found else 0

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def request(self, method, path="/", body=None, headers=None):
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def post(self, raw, headers=None):
        return self.request("POST", "/webhooks", raw, hub(raw) if headers is None else headers)

    def health(self):
        status, text = self.request("GET", "/healthz")
        return status, json.loads(text)

    def metric(self, name):
        _, text = self.request("GET", "/metrics")
        return int(re.search(rf"^wacost_{re.escape(name)} (\d+)$", text, re.MULTILINE)[1])

    def kill(self):
        self.process.kill()
        return self._end()

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self._end()

    def _end(self):
        out, err = self.process.communicate(timeout=40)
        self.said = self.first_line + out + err
        return self.process.returncode

    def lines(self):
        """Every line of every segment, open or closed, without its arrival."""
        return [
            re.sub(rb'"wacost_received_at":\d+,?', b"", line)
            for path in sorted(self.inbox.glob("webhooks-*"))
            for line in path.read_bytes().splitlines()
        ]


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "workspace"
    (folder / "inbox").mkdir(parents=True)
    (folder / "wacost.toml").write_text(ACME)
    return folder


@pytest.fixture
def server(workspace):
    """Start servers; what still runs at the end is killed."""
    started = []

    def start(*options, folder=workspace, **more):
        started.append(Server(folder, *options, **more))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.kill()
        one.process.stdout.close()
        one.process.stderr.close()


def until(true, seconds=20):
    """Wait until something holds; tell whether it came to hold."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return bool(true())
