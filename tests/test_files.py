"""Files are replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from ims_excel.exceptions import WriteError
from ims_excel.files import replacing

posix_only = pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"old")
    return path


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_the_draft_takes_the_files_place(book: Path):
    with replacing(book) as draft:
        draft.write_bytes(b"new")
        assert book.read_bytes() == b"old"
        assert draft.parent == book.parent
    assert book.read_bytes() == b"new"
    assert names(book.parent) == ["book.xlsx"]


def test_a_new_file_is_made(tmp_path: Path):
    with replacing(tmp_path / "fresh.json") as draft:
        draft.write_bytes(b"{}")
    assert (tmp_path / "fresh.json").read_bytes() == b"{}"
    assert names(tmp_path) == ["fresh.json"]


def _fail_in_between(book: Path, error: BaseException):
    with replacing(book) as draft:
        draft.write_bytes(b"half")
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("no")])
def test_a_failure_leaves_the_old_file_and_no_draft(book: Path, error: BaseException):
    with pytest.raises(type(error)):
        _fail_in_between(book, error)
    assert book.read_bytes() == b"old"
    assert names(book.parent) == ["book.xlsx"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EACCES, "open in Excel, close it there, or name another file with --out"),
        (errno.EIO, "could not be written"),
    ],
)
def test_what_the_system_refuses_is_said_in_a_sentence(book: Path, code: int, words: str):
    with pytest.raises(WriteError, match=words):
        _fail_in_between(book, OSError(code, os.strerror(code)))
    assert book.read_bytes() == b"old"


def test_a_replace_that_fails_leaves_the_old_file(book: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(self, target):
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(WriteError, match="open in Excel"), replacing(book) as draft:
        draft.write_bytes(b"new")
    assert book.read_bytes() == b"old"
    assert names(book.parent) == ["book.xlsx"]


@pytest.mark.parametrize(
    ("lock", "program"), [("~$book.xlsx", "Excel"), (".~lock.book.xlsx#", "LibreOffice")]
)
def test_a_workbook_that_is_open_is_not_replaced(book: Path, lock: str, program: str):
    book.with_name(lock).write_bytes(b"")
    with pytest.raises(WriteError, match=f"is open in {program}"), replacing(book):
        pass
    assert book.read_bytes() == b"old"


def test_a_missing_folder_is_named(tmp_path: Path):
    with pytest.raises(WriteError, match="there is no folder"), replacing(tmp_path / "no" / "book.xlsx"):
        pass


def test_a_folder_is_not_a_file(tmp_path: Path):
    with pytest.raises(WriteError, match="is a folder"), replacing(tmp_path):
        pass


@posix_only
def test_a_read_only_folder_is_named(book: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(self, mode):
        raise OSError(errno.EROFS, "read-only file system")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(WriteError, match="is read-only; name another"), replacing(book):
        pass


@posix_only
def test_a_write_protected_file_is_not_replaced(book: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(WriteError, match="write-protected"), replacing(book):
        pass


@posix_only
def test_permissions_are_kept(book: Path):
    book.chmod(0o640)
    with replacing(book) as draft:
        draft.write_bytes(b"new")
    assert stat.S_IMODE(book.stat().st_mode) == 0o640


@posix_only
def test_a_link_stays_a_link(book: Path, tmp_path: Path):
    link = tmp_path / "link.xlsx"
    link.symlink_to(book)
    with replacing(link) as draft:
        draft.write_bytes(b"new")
    assert link.is_symlink()
    assert book.read_bytes() == b"new"
