"""The webhook receiver: nothing is acknowledged that is not on the disk.

A request is read within bounds and its signature checked (`receive`, `signatures`), its body made
one line (`bodies`), and the line brought to a segment of the inbox by one thread (`writer`). What
is refused leaves a count (`refused`, `metrics`). starlette and uvicorn are loaded when `serve`
runs.
"""

from __future__ import annotations

from wacost.serve.refused import refused_counts
from wacost.serve.run import Settings, serve
from wacost.serve.signatures import Secrets, secrets_of

__all__ = ["Secrets", "Settings", "refused_counts", "secrets_of", "serve"]
