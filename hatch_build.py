"""Compile the reader of plain bodies where there is a C compiler; without one the wheel is pure."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sysconfig
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = Path("wacost/ingest/plain")
COMPILED = SOURCES / "plain.so"
FLAGS = ("-std=c11", "-O3", "-fPIC", "-shared", "-Wall", "-Wextra")


class CompileHook(BuildHookInterface):  # type: ignore[type-arg,misc,unused-ignore]
    """What hatchling calls before it builds a wheel, an editable one as well."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile beside the sources, and name the platform that the wheel is for."""
        root = Path(self.root)
        if self.target_name != "wheel" or not compile_plain(root):
            return
        platform = re.sub(r"[^A-Za-z0-9]", "_", sysconfig.get_platform())
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
        build_data["artifacts"].append(f"/{COMPILED.as_posix()}")


def compile_plain(root: Path) -> bool:
    """Compile the sources; return whether that worked. Without it wacost is slower, no more."""
    compiler = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    sources = sorted((root / SOURCES).glob("*.[ch]"))
    made_of = sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    units = [str(path) for path in sources if path.suffix == ".c"]
    command = [*shlex.split(compiler), *FLAGS, f'-DMADE_OF="{made_of}"']
    command += ["-o", str(root / COMPILED), *units]
    (root / COMPILED).unlink(missing_ok=True)  # who uses the old one goes on with it
    try:
        done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603
    except OSError:
        return False
    return done.returncode == 0 and (root / COMPILED).is_file()
