"""However the portal is served, the server itself refuses frames over 64 KB."""

from pathlib import Path

import pytest
import uvicorn
from django.core.management import call_command

from chat.frames import MAX_FRAME
from portal.management.commands import serve

ROOT = Path(__file__).resolve().parents[2]


def test_the_one_process_caps_frames(monkeypatch, settings, tmp_path) -> None:
    settings.STATIC_ROOT, settings.DEMO, served = tmp_path, False, []

    class Helper:
        def __init__(self, *_what: object) -> None: ...

        def start(self) -> None: ...

        def join(self, **_limits: object) -> None: ...

    monkeypatch.setattr(serve, "Supervised", Helper)
    monkeypatch.setattr(uvicorn.Server, "run", lambda server, *_sockets: served.append(server.config.ws_max_size))
    call_command("serve", port=1)
    assert served == [MAX_FRAME] == [65536]


@pytest.mark.parametrize("path", ["deploy/entrypoint.sh", "benchmarks/servers.py", "tests/journeys/cluster.py"])
def test_every_other_way_of_serving_caps_them_too(path) -> None:
    text = (ROOT / path).read_text()
    assert "uvicorn" in text and text.replace('", "', " ").count("--ws-max-size 65536") == 1
