"""List the tests that a run had to skip, as pytest takes them, from its JUnit report.

Usage: skipped.py REPORT.xml
"""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET


def skipped(report: str) -> list[str]:
    """Return the node ids of the skipped tests; of a module skipped whole, its path."""
    found: dict[str, None] = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
        if case.find("skipped") is not None:
            module, name = case.get("classname") or "", case.get("name") or ""
            path = Path(*(module or name).split(".")).with_suffix(".py").as_posix()
            found[f"{path}::{name}" if module else path] = None
    return list(found)


if __name__ == "__main__":
    sys.stdout.writelines(f"{test}\n" for test in skipped(sys.argv[1]))
