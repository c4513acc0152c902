"""Apprise in the child: what a URL means, and sending to it."""

import logging
import re
from typing import Any
from urllib.parse import unquote

from apprise import Apprise, AppriseAsset, NotifyFormat, PersistentStoreMode

from wirewatch.channels.guard import Guard

# They speak to this machine and not to the world, or by datagrams, or from files.
LOCAL_SCHEMES = frozenset(
    {"blink1", "dbus", "kde", "qt", "gio", "glib", "gnome", "macosx", "windows", "syslog", "rsyslog", "vapid"}
)
_SECRET = re.compile(r"[^/:@?&=,#]{6,}")
ERROR_CHARACTERS = 500


def answer_check(request: dict[str, Any], guard: Guard) -> dict[str, Any]:
    """`url`. -> `service`: its name; or why it cannot be used."""
    made = _make(request["url"])
    if isinstance(made, str):
        return {"error": made}
    hosts = _hosts(made)
    for host in hosts:
        reason = guard.find_refusal(host, 443)
        if reason and "is no address" not in reason:
            return {"error": reason}
    return {"service": str(made.service_name), "hosts": hosts}


def answer_send(request: dict[str, Any], guard: Guard) -> dict[str, Any]:
    """`url`, `title`, `body`. -> {} if the service took it, otherwise `error` in words without secrets."""
    made = _make(request["url"])
    if isinstance(made, str):
        return {"error": made}
    told = _Told()
    logger = logging.getLogger("apprise")
    logger.addHandler(told)
    try:
        sent = made.notify(body=request["body"], title=request["title"], body_format=NotifyFormat.TEXT)
    finally:
        logger.removeHandler(told)
    if sent:
        return {}
    words = "; ".join(dict.fromkeys([*guard.refusals, *told.words])) or "the service did not take it"
    return {"error": mask(words, request["url"])[:ERROR_CHARACTERS]}


def mask(words: str, url: str) -> str:
    """Words without any part of the URL that could be a secret."""
    _, _, rest = url.partition("://")
    authority, _, path = rest.partition("/")
    user, _, _ = authority.rpartition("@")
    for secret in {unquote(part) for part in _SECRET.findall(f"{user}/{path}")}:
        words = words.replace(secret, "***")
    return words


class _Told(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.words.append(record.getMessage())


def _make(url: str) -> Any:
    """The service of one URL, or why there is none."""
    scheme = url.partition("://")[0].lower()
    if scheme in LOCAL_SCHEMES:
        return f"{scheme}:// does not lead out of this machine"
    asset = AppriseAsset(
        app_id="Wirewatch",
        app_desc="Wirewatch",
        async_mode=False,
        secure_logging=True,
        http_redirects=False,
        pgp_autogen=False,
        pem_autogen=False,
        storage_mode=PersistentStoreMode.MEMORY,
        plugin_paths=None,
    )
    made = Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    return made if made is not None else "this is neither an http(s) address nor a URL that Apprise understands"


def _hosts(made: Any) -> list[str]:
    """Hosts that the URL itself names; those of well-known services are the services' own."""
    tokens = getattr(made, "template_tokens", {})
    named = [made.host] if {"host", "hostname"} & tokens.keys() and isinstance(made.host, str) else []
    smtp = getattr(made, "smtp_host", None)
    return [host.strip("[]") for host in [*named, *([smtp] if isinstance(smtp, str) and smtp else [])]]
