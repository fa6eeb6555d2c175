"""Who may post: the secrets of the environment, and the signatures that they make.

* Meta, and those that pass its bodies on: `X-Hub-Signature-256: sha256=<hex>` over the raw body.
* YCloud: `YCloud-Signature: t=<epoch seconds>,s=<hex>` over `<t>.<raw body>`.
* Kapso: `X-Webhook-Signature: <hex>` over the raw body.

Each is an HMAC with SHA-256. DoubleTick, and Amazon's notifications as `wacost` reads them, have no
signature that is known: their posts are taken by a secret word in the address,
`https://host/any/path/<token>`, or in `Authorization: Bearer <token>`. That is weaker: the word
passes through every log on the way, and says nothing of the body. It is counted apart.

Several secrets, with commas between, are all accepted: that is how
one is replaced without losing a body.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from wacost.errors import ConfigError

TOLERANCE_S: Final = 12 * 3600
"""How far the time that YCloud signs may be from ours.

YCloud tries again for six hours and does not say whether it signs an attempt anew. A body posted
again adds nothing, so that a long time costs nothing, and a short one could lose a body.
"""

APP_SECRET: Final = "WACOST_APP_SECRET"  # noqa: S105 - the name of a variable
VERIFY_TOKEN: Final = "WACOST_VERIFY_TOKEN"  # noqa: S105 - the name of a variable
YCLOUD_SECRET: Final = "WACOST_YCLOUD_SECRET"  # noqa: S105 - the name of a variable
KAPSO_SECRET: Final = "WACOST_KAPSO_SECRET"  # noqa: S105 - the name of a variable
PATH_TOKEN: Final = "WACOST_PATH_TOKEN"  # noqa: S105 - the name of a variable
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~-]{16,200}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the environment holds. Never shown: not even by `repr`."""

    app: tuple[bytes, ...] = field(default=(), repr=False)
    verify: tuple[bytes, ...] = field(default=(), repr=False)
    ycloud: tuple[bytes, ...] = field(default=(), repr=False)
    kapso: tuple[bytes, ...] = field(default=(), repr=False)
    path: tuple[bytes, ...] = field(default=(), repr=False)

    def is_verify_token(self, token: str) -> bool:
        """Compare in constant time."""
        return _any_equal(token.encode("utf-8", "surrogateescape"), self.verify)

    def is_path_token(self, path: str, authorization: str) -> bool:
        """Tell whether an address ends in a token of ours, or a header bears one.

        >>> Secrets(path=(b"0123456789abcdef",)).is_path_token("/x/0123456789abcdef", "")
        True
        """
        scheme, _, told = authorization.partition(" ")
        words = [path.rpartition("/")[2], told.strip() if scheme.lower() == "bearer" else ""]
        found = [_any_equal(word.encode("utf-8", "surrogateescape"), self.path) for word in words]
        return any(found)


def secrets_of(environment: Mapping[str, str]) -> Secrets:
    """Read the secrets.

    >>> secrets_of({"WACOST_KAPSO_SECRET": "old, new"})
    Secrets()
    >>> secrets_of({"WACOST_KAPSO_SECRET": "old, new"}).kapso
    (b'old', b'new')

    Raises:
        ConfigError: there is none that could sign a body, or none for Meta's verification; or a
            token is too short to be a secret.
    """
    names = (APP_SECRET, VERIFY_TOKEN, YCLOUD_SECRET, KAPSO_SECRET, PATH_TOKEN)
    found = Secrets(*(_split(environment, name) for name in names))
    if not all(_TOKEN.fullmatch(token.decode("utf-8", "replace")) for token in found.path):
        raise ConfigError(
            f"{PATH_TOKEN} is no secret that can stand in an address",
            hint="at least 16 letters and digits: python3 -c 'import secrets;"
            " print(secrets.token_urlsafe(32))'",
        )
    if not (found.app or found.ycloud or found.kapso or found.path):
        raise ConfigError(
            f"no secret to check signatures with: {APP_SECRET} is not set",
            hint=f"set {APP_SECRET} to your Meta app's secret (or {YCLOUD_SECRET} or"
            f" {KAPSO_SECRET}) in the environment; where a supplier signs nothing, {PATH_TOKEN}",
        )
    if found.app and not found.verify:
        raise ConfigError(
            f"{VERIFY_TOKEN} is not set, and Meta asks for it before it posts anything",
            hint=f"set {VERIFY_TOKEN} to the verify token of your webhook's configuration",
        )
    return found


def _split(environment: Mapping[str, str], name: str) -> tuple[bytes, ...]:
    words = (word.strip() for word in environment.get(name, "").split(","))
    return tuple(word.encode("utf-8", "surrogateescape") for word in words if word)


def problem_of(secrets: Secrets, headers: Mapping[str, str], raw: bytes, now_s: int) -> str:
    """Return why a body is not taken: "" where a signature of ours is on it.

    Args:
        secrets: ours.
        headers: of the request, looked up by lower-case name.
        raw: the body as it came.
        now_s: epoch seconds.

    >>> problem_of(Secrets(app=(b"s",)), {"x-hub-signature-256": "sha256=00"}, b"{}", 0)
    'wrong_signature'
    >>> problem_of(Secrets(app=(b"s",)), {}, b"{}", 0)
    'no_signature'
    """
    hub = headers.get("x-hub-signature-256")
    ycloud = headers.get("ycloud-signature")
    kapso = headers.get("x-webhook-signature")
    found = []
    if hub is not None:
        found.append(_plain(secrets.app, hub.removeprefix("sha256="), raw))
    if kapso is not None:
        found.append(_plain(secrets.kapso, kapso, raw))
    if ycloud is not None:
        found.append(_timed(secrets.ycloud, ycloud, raw, now_s))
    return min(found) if found else "no_signature"


def _plain(secrets: tuple[bytes, ...], told: str, raw: bytes) -> str:
    """Check a signature over the body alone."""
    if not secrets:
        return "unknown_signer"
    made = tuple(hmac.digest(secret, raw, hashlib.sha256).hex().encode() for secret in secrets)
    return "" if _any_equal(_hex(told), made) else "wrong_signature"


def _timed(secrets: tuple[bytes, ...], told: str, raw: bytes, now_s: int) -> str:
    """Check a signature over the time and the body."""
    parts = dict(part.strip().partition("=")[::2] for part in told.split(","))
    moment = parts.get("t", "")
    problem = _plain(secrets, parts.get("s", ""), b"%s.%s" % (_hex(moment), raw))
    if problem:
        return problem
    if not (moment.isascii() and moment.isdigit()):
        return "wrong_signature"
    return "" if abs(now_s - int(moment[:20])) <= TOLERANCE_S else "stale_signature"


def _hex(told: str) -> bytes:
    return told.strip().lower().encode("utf-8", "surrogateescape")


def _any_equal(told: bytes, ours: tuple[bytes, ...]) -> bool:
    """Compare with every one, in a time that tells nothing of which came near."""
    equal = [hmac.compare_digest(told, one) for one in ours]
    return any(equal)
