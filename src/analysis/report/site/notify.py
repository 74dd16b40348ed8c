"""Tell people of failures and changes after a run, by whatever service they use.

apprise knows the services: an address such as `mailto://…`, `slack://…` or `json://host` names one.
Needs the extra `notify`.
"""

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ...errors import ParameterError
from . import history

#: environment variable with addresses, apart by blanks: they hold passwords, and a command line
#: can be read by everyone on the machine
VARIABLE = "PARTNERSHIPS_NOTIFY"
_NAMED = 20


def service(addresses: Iterable[str]) -> object:
    """Take the addresses to tell."""
    with warnings.catch_warnings():
        # services that nobody asked for are looked through as well, and some are out of date
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import apprise
        except ImportError as error:
            raise ParameterError(
                "--notify needs apprise: pip install 'partnership-diversity[notify]'."
            ) from error
        asset = apprise.AppriseAsset(app_id="partnerships", async_mode=False)
        made = apprise.Apprise(asset=asset)
        known_to_it = [made.add(address) for address in addresses]
    if not all(known_to_it):
        raise ParameterError(
            f"--notify: address {known_to_it.index(False) + 1} is none that apprise knows; one is"
            " like mailto://user:password@example.org or json://host/path."
        )
    return made


def known(out: Path) -> set[str]:
    """Ids of the changes of earlier runs."""
    return {change["id"] for change in history.read(out)}


def message(out: Path, *, before: set[str], failures: Sequence[str]) -> tuple[str, str] | None:
    """Write the message on a run."""
    changes = [change for change in history.read(out) if change["id"] not in before]
    counts = [
        f"{len(found)} {one if len(found) == 1 else many}"
        for found, one, many in (
            (failures, "report failed", "reports failed"),
            (changes, "report changed", "reports changed"),
        )
        if found
    ]
    if not counts:
        return None
    lines = [f"Failed: {line}" for line in failures[:_NAMED]]
    for change in changes[:_NAMED]:
        lines += ["", f"{change['name']}: {change['title']}", *(f"- {s}" for s in change["says"])]
    more = max(len(failures) - _NAMED, 0) + max(len(changes) - _NAMED, 0)
    lines += ["", f"And {more} more: see {out / 'changes.html'}"] if more else []
    return f"Military partnerships: {', '.join(counts)}", "\n".join(lines).strip()


def send(to: Any, parts: tuple[str, str] | None) -> bool:
    """Send a message to all addresses; False if one of them could not be reached."""
    if parts is None or not len(to):
        return True
    title, text = parts
    return bool(to.notify(body=text, title=title, body_format="text"))
