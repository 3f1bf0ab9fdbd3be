"""The server that the tests start for themselves."""

import contextlib
import os
from pathlib import Path

import psycopg
import pytest

from tools import postgres


def test_a_server_of_our_own_answers_and_is_gone_afterwards() -> None:
    programs = postgres.find_programs()
    if programs is None:
        pytest.skip(postgres.HOW_TO_GET)  # in CI, `make test` fails where PostgreSQL is missing
    with postgres.temporary_server(programs) as server:
        with contextlib.closing(psycopg.connect(server.url)) as connection:
            assert connection.execute("SELECT lower('ØÅŠ')").fetchone() == ("øåš",)
            folder = connection.execute("SHOW data_directory").fetchone()
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url, connect_timeout=2)
        server.start()
        psycopg.connect(server.url).close()
    assert folder is not None
    assert not Path(folder[0]).parent.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url, connect_timeout=2)


def test_a_named_server_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "TEST_POSTGRES_URL", "postgres://somebody@db.example.org/tests")
    with contextlib.ExitStack() as stack:
        assert postgres.address(stack) == "postgres://somebody@db.example.org/tests"
