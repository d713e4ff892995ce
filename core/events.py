"""News between apps: a name is looked up in one table (portal/subscriptions.py) and its handlers are started.

Two kinds of handler. *Durable*: a task row is written in the same transaction, so a crash after commit loses nothing.
*Push*: runs on commit, carries only ids, may be lost; the client catches up by itself.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Subscription:
    """The handlers of one event, as dotted paths: `durable` ones become tasks, `push` ones run on commit."""

    durable: tuple[str, ...] = ()
    push: tuple[str, ...] = ()


_table: dict[str, Subscription] = {}


def install(table: Mapping[str, Subscription]) -> None:
    """Install the switchboard. Called once, by `portal.apps`."""
    _table.clear()
    _table.update(table)


def table() -> Mapping[str, Subscription]:
    """Return the installed switchboard."""
    return _table


def _push(path: str, ids: dict[str, Any]) -> None:
    handler: Callable[..., None] = import_string(path)
    try:
        handler(**ids)
    except Exception:
        # A push may be lost by contract: the change is committed, clients catch up.
        logger.exception("push handler %s failed", path)


def emit(name: str, **ids: Any) -> None:
    """Tell the subscribers of `name`; `ids` are JSON values (primary keys, references).

    Must be called inside the transaction of the change. Raises KeyError for a name that is not in the switchboard.
    """
    from core.tasks import enqueue

    try:
        subscription = _table[name]
    except KeyError as error:
        raise KeyError(f"event {name!r} is not in the switchboard (portal/subscriptions.py)") from error
    for path in subscription.durable:
        enqueue(path, **ids)
    for path in subscription.push:
        transaction.on_commit(lambda path=path: _push(path, ids))
