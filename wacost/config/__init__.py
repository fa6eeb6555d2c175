"""wacost.toml, read strictly: who is billed, by which card, in which zone, and on what paper.

`read_config` is the way in; `model` says what a workspace can be told, `tree` which keys exist,
`strict` how a value is checked and where in the file it stands, `later` which keys are known but
have no effect yet.
"""

from wacost.config.documents import InvoiceSettings
from wacost.config.imports import ImportMapping
from wacost.config.later import inert_keys
from wacost.config.make import add_import, make_workspace, template
from wacost.config.model import (
    Account,
    Balance,
    Config,
    Discount,
    Fee,
    IncludedMinutes,
    Party,
    Portfolio,
    Tax,
    TermChange,
)
from wacost.config.read import (
    FILE_NAME,
    parse_config,
    read_config,
)
from wacost.config.statements import StatementMapping

__all__ = [
    "FILE_NAME",
    "Account",
    "Balance",
    "Config",
    "Discount",
    "Fee",
    "ImportMapping",
    "IncludedMinutes",
    "InvoiceSettings",
    "Party",
    "Portfolio",
    "StatementMapping",
    "Tax",
    "TermChange",
    "add_import",
    "inert_keys",
    "make_workspace",
    "parse_config",
    "read_config",
    "template",
]
