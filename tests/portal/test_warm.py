"""A web process is warm before it answers; what is away keeps it from nothing."""

import asyncio
from unittest import mock

import pytest

from portal.warm import lifespan, warm_up


def start_and_stop() -> list[str]:
    """Run the start and the end of a server; return what it was told."""
    asked = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    told: list[str] = []

    async def receive() -> dict[str, str]:
        return next(asked)

    async def send(message: dict[str, str]) -> None:
        told.append(message["type"])

    asyncio.run(lifespan({"type": "lifespan"}, receive, send))
    return told


def test_the_door_opens_after_the_dictionaries_are_read() -> None:
    with mock.patch("portal.warm.warm_up") as warm:
        assert start_and_stop() == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    warm.assert_called_once_with()


@pytest.mark.django_db
def test_search_that_is_away_keeps_nobody_from_starting() -> None:
    with mock.patch("portal.warm.connections.close_all"), mock.patch("search.queries.service", side_effect=RuntimeError) as service:
        warm_up()
    assert service.called
