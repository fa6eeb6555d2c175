"""Webhook files in, one row per call out: nothing lost, nothing counted twice.

Sources are cut into segments (`cut`), each parsed and judged beside the others (`meta`), and
written to the store in transactions of whole files (`load`). A format other than Meta's is a module
of `formats` that turns its bodies into Meta's.
"""

from __future__ import annotations

from wacost.ingest.decide import apply_policy
from wacost.ingest.decisions import HeldCall
from wacost.ingest.load import Handling
from wacost.ingest.redact import Redaction, due, finish, forget, redact
from wacost.ingest.refused import Quarantine, Quarantined, Retried
from wacost.ingest.report import IngestReport
from wacost.ingest.run import ingest, trial
from wacost.ingest.tables.inbox import tables_telling
from wacost.ingest.watch import Watcher

__all__ = [
    "Handling",
    "HeldCall",
    "IngestReport",
    "Quarantine",
    "Quarantined",
    "Redaction",
    "Retried",
    "Watcher",
    "apply_policy",
    "due",
    "finish",
    "forget",
    "ingest",
    "redact",
    "tables_telling",
    "trial",
]
