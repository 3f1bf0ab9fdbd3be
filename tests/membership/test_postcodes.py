"""Postcodes: the register that ships, and a newer one from a file."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation

from membership import postcodes


@pytest.fixture(autouse=True)
def var(tmp_path: Path, settings):
    """An installation of its own, so that what a test loads is nobody else's; its sentences are English."""
    settings.VAR_DIR = tmp_path / "var"
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("postcode", "place"),
    [("0150", "OSLO"), ("7010", "TRONDHEIM"), ("9700", "LAKSELV"), ("0000", ""), ("", ""), ("x" * 10_000, "")],
)
def test_place_of(postcode: str, place: str) -> None:
    assert postcodes.place_of(postcode) == place


def test_the_small_script_gets_the_place(client: Client) -> None:
    assert client.get("/postnummer/", {"postcode": "9700"}).json() == {"place": "LAKSELV"}
    assert client.get("/postnummer/", {"postcode": "0000"}).json() == {"place": ""}
    assert client.post("/postnummer/").status_code == 405


def test_a_newer_register_is_taken_from_postens_file(tmp_path: Path, capsys) -> None:
    file = tmp_path / "register.txt"
    file.write_bytes("9999\tNYBØ\t1234\tBØ\tG\n0150\tOSLO\t0301\tOSLO\tG\n".encode("cp1252"))
    call_command("load_postcodes", str(file))
    assert capsys.readouterr().out == "2 postcodes loaded.\n"
    assert [postcodes.place_of(code) for code in ("9999", "0150", "7010")] == ["NYBØ", "OSLO", ""]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"0150;OSLO\n", "Line 1"),
        (b"0150\tOSLO\n15\tNOWHERE\n", "Line 2"),
        (b"0150\t \n", "Line 1"),
        (b"\x81\x8d\n", "cannot be read"),
    ],
)
def test_a_file_that_is_something_else_is_refused_whole(tmp_path: Path, content: bytes, sentence: str) -> None:
    file = tmp_path / "register.txt"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        call_command("load_postcodes", str(file))
    assert postcodes.place_of("7010") == "TRONDHEIM"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_postcodes", str(tmp_path / "nothing.txt"))
