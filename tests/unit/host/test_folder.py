from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qingyuan.host.folder import DataFolder, write_atomically


def test_a_new_folder_holds_every_part_and_hides_its_secrets(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "city").create("city")
    assert folder.kind == "city"
    for part in (folder.journal, folder.store, folder.events, folder.files, folder.logs):
        assert part.is_dir()
    assert folder.secrets.stat().st_mode & 0o777 == 0o700


def test_a_folder_never_changes_its_kind(tmp_path: Path, raises_problem) -> None:
    DataFolder(tmp_path / "d").create("demo")
    DataFolder(tmp_path / "d").create("demo")
    with raises_problem("host.folder_kind"):
        DataFolder(tmp_path / "d").create("city")


def test_a_strangers_folder_is_left_alone(tmp_path: Path, raises_problem) -> None:
    (tmp_path / "thesis.doc").touch()
    with raises_problem("host.folder_foreign"):
        DataFolder(tmp_path).create("city")
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.doc"]


def test_a_secret_made_before_the_stamp_does_not_make_the_folder_foreign(tmp_path: Path) -> None:
    key = DataFolder(tmp_path / "d").secret("django.key")
    assert DataFolder(tmp_path / "d").create("city").secret("django.key") == key


def test_a_newer_format_is_not_opened(tmp_path: Path, raises_problem) -> None:
    folder = DataFolder(tmp_path / "d").create("city")
    folder.stamp.write_text('kind = "city"\nformat = 2\n', "utf-8")
    with raises_problem("host.folder_format"):
        folder.create("city")


def test_a_folder_without_stamp_is_no_data_folder(tmp_path: Path, raises_problem) -> None:
    with raises_problem("host.folder_missing"):
        _ = DataFolder(tmp_path).kind


def test_the_second_holder_is_told_the_first_ones_pid(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "d")
    program = (
        "import sys\n"
        "from qingyuan.core.problems import Problem\n"
        "from qingyuan.host.folder import DataFolder\n"
        "try:\n"
        "    with DataFolder(sys.argv[1]).hold(): print('held')\n"
        "except Problem as problem: print(problem.code, problem.values['pid'])\n"
    )
    command = [sys.executable, "-c", program, str(folder.path)]
    with folder.hold():
        refused = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    allowed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert refused.split() == ["host.folder_in_use", str(os.getpid())]
    assert allowed.split() == ["held"]


def test_a_file_where_the_folder_should_be_is_a_plain_problem(
    tmp_path: Path, raises_problem
) -> None:
    (tmp_path / "d").touch()
    with raises_problem("host.folder_not_writable"):
        DataFolder(tmp_path / "d").create("city")
    with raises_problem("host.folder_not_writable"), DataFolder(tmp_path / "d").hold():
        pass


def test_a_full_disk_is_said_before_starting(tmp_path: Path, raises_problem) -> None:
    folder = DataFolder(tmp_path)
    folder.check_space(least_mb=0)
    with raises_problem("host.disk_full"):
        folder.check_space(least_mb=folder.free_mb() + 1_000_000)


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    assert folder.secret("key") == folder.secret("key") != folder.secret("other")
    assert (folder.secrets / "key").stat().st_mode & 0o777 == 0o600


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
