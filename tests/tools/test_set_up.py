"""What set-up decides before it does anything."""

import sys
from pathlib import Path

import pytest

from tools import find_python, set_up, system_libraries


def test_a_library_that_is_not_there_comes_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = system_libraries.Library("nothing", ["libnothing-1.so.0"], apt="libnothing1", dnf="nothing", brew="nothing")
    monkeypatch.setattr(system_libraries, "LIBRARIES", [gone])
    monkeypatch.setattr(system_libraries, "may_install", lambda: False)
    monkeypatch.setattr("shutil.which", lambda name: name if name == "apt-get" else None)
    with pytest.raises(SystemExit) as stop:
        system_libraries.ensure()
    assert stop.value.code == (
        "Invoices need these libraries, which are missing: nothing. "
        "Install them: sudo apt-get install -y --no-install-recommends libnothing1"
    )


def test_the_subsetting_library_is_asked_for_like_the_others() -> None:
    by_title = {library.title: library.apt for library in system_libraries.LIBRARIES}
    assert by_title["harfbuzz-subset"] == "libharfbuzz-subset0"


def test_a_python_that_is_too_old_or_does_not_start_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"old": "echo 3 11 final", "shim": "exit 127", "beta": "echo 3 15 beta", "new": "echo 3 14 final"}
    for name, answer in answers.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{answer}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(find_python, "_candidates", lambda: iter(str(tmp_path / name) for name in answers))
    assert find_python.best() == str(tmp_path / "new")


def test_the_version_we_test_with_comes_first() -> None:
    assert find_python.version_of(sys.executable) == sys.version_info[:2]
    assert find_python.TESTED[0] == find_python.OLDEST


@pytest.mark.parametrize(
    ("config", "is_kept"),
    [("version_info = 3.12.1\n", True), ("version = 3.11.9\n", False), ("home = /usr/bin\n", False)],
)
def test_an_environment_of_an_old_python_is_made_anew(
    config: str, is_kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    (tmp_path / "pyvenv.cfg").write_text(config)
    monkeypatch.setattr(set_up, "VENV", tmp_path)
    monkeypatch.setattr(set_up, "VENV_PYTHON", tmp_path / "bin" / "python")
    assert set_up.has_venv() is is_kept


def test_a_stamp_counts_for_the_same_contents_only(tmp_path: Path) -> None:
    pins, stamp = tmp_path / "requirements.txt", tmp_path / "stamp"
    pins.write_text("django==6.1.3")
    assert not set_up.is_done(stamp, set_up.fingerprint(pins))
    stamp.write_text(set_up.fingerprint(pins))
    assert set_up.is_done(stamp, set_up.fingerprint(pins))
    pins.write_text("django==6.1.4")
    assert not set_up.is_done(stamp, set_up.fingerprint(pins))
