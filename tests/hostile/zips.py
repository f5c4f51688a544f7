"""Zip files that lie, explode or are broken. Each builder writes one file from members it is given.

Large contents are written without ever being held: a block deflated once is repeated, so a bomb of a gigabyte
takes about a second to make and no memory.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

MEGABYTE = 1 << 20
BLOCK = b" " * MEGABYTE
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
AES, ENCRYPTED = 99, 0x1


def plain(out: Path, members: Mapping[str, bytes]) -> None:
    """Write an ordinary zip."""
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def bomb(
    out: Path, members: Mapping[str, bytes], name: str, megabytes: int, *, declared: int | None = None
) -> None:
    """Write a zip in which spaces are put in front of one member's end, after its last newline.

    The member inflates to that many megabytes more. ``declared`` is the size its headers claim instead.
    """
    plain(out, {other: data for other, data in members.items() if other != name})
    head, _, tail = members[name].rpartition(b"\n")
    packed, size, check = padded(head, tail, megabytes)
    append_member(out, name, packed, size if declared is None else declared, check)


def padded(head: bytes, tail: bytes, megabytes: int) -> tuple[bytes, int, int]:
    """Deflate head, many spaces and tail; return the packed bytes, their inflated size and their checksum."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.compress(tail) + packer.flush()
    check = zlib.crc32(head)
    for _ in range(megabytes):
        check = zlib.crc32(BLOCK, check)
    return (
        start + block * megabytes + end,
        len(head) + MEGABYTE * megabytes + len(tail),
        zlib.crc32(tail, check),
    )


def append_member(out: Path, name: str, packed: bytes, size: int, check: int) -> None:
    """Add a member that is already deflated, with whatever size and checksum it is to claim."""
    info = ZipInfo(name, (2026, 3, 31, 12, 0, 0))
    info.compress_type = ZIP_DEFLATED
    info.CRC, info.compress_size, info.file_size = check, len(packed), size
    with ZipFile(out, "a") as archive:
        info.header_offset = archive.start_dir
        archive.fp.seek(archive.start_dir)
        archive.fp.write(info.FileHeader() + packed)
        archive.start_dir = archive.fp.tell()
        archive.filelist.append(info)
        archive.NameToInfo[name] = info
        archive._didModify = True


def overlapping(out: Path, members: Mapping[str, bytes], copies: int) -> None:
    """Write a zip whose directory names the last member's data many times over, under other names."""
    plain(out, members)
    with ZipFile(out) as archive:
        last, start = archive.infolist()[-1], archive.start_dir
    whole = out.read_bytes()
    directory = whole[start : whole.rindex(END)]
    entry = directory[directory.rindex(CENTRAL) :]
    name = last.filename.encode()
    again = b"".join(entry.replace(name, f"{number:03}".encode() + name[3:]) for number in range(copies))
    count = len(members) + copies
    end = struct.pack("<4s4H2LH", END, 0, 0, count, count, len(directory + again), start, 0)
    out.write_bytes(whole[:start] + directory + again + end)


def truncated(out: Path, members: Mapping[str, bytes], keep: float) -> None:
    """Write the first part of a zip: a download or a copy that broke off."""
    plain(out, members)
    whole = out.read_bytes()
    out.write_bytes(whole[: int(len(whole) * keep)])


def flipped(out: Path, members: Mapping[str, bytes], name: str) -> None:
    """Write a zip with some bytes in the middle of one member's packed data turned over."""
    plain(out, members)
    with ZipFile(out) as archive:
        info = archive.getinfo(name)
    start = info.header_offset + 30 + len(name)
    whole = bytearray(out.read_bytes())
    for position in range(start + info.compress_size // 2, start + info.compress_size // 2 + 8):
        whole[position] ^= 0xFF
    out.write_bytes(whole)


def reheaded(out: Path, members: Mapping[str, bytes], change: Callable[[bytearray, int, bool], None]) -> None:
    """Write a zip and change each header: ``change(bytes, where the header's flags stand, is central)``."""
    plain(out, members)
    with ZipFile(out) as archive:
        start = archive.start_dir
        locals_ = [info.header_offset for info in archive.infolist()]
    whole = bytearray(out.read_bytes())
    for offset in locals_:
        change(whole, offset + 6, False)
    while whole[start : start + 4] == CENTRAL:
        change(whole, start + 8, True)
        start += 46 + sum(struct.unpack_from("<3H", whole, start + 28))
    out.write_bytes(whole)


def locked(out: Path, members: Mapping[str, bytes]) -> None:
    """Write a zip whose members claim to be encrypted with a password."""

    def lock(whole: bytearray, flags: int, is_central: bool) -> None:
        whole[flags] |= ENCRYPTED

    reheaded(out, members, lock)


def packed_strangely(out: Path, members: Mapping[str, bytes]) -> None:
    """Write a zip whose members claim a method that nobody but WinZip knows."""

    def stain(whole: bytearray, flags: int, is_central: bool) -> None:
        struct.pack_into("<H", whole, flags + 2, AES)

    reheaded(out, members, stain)


def lying_small(out: Path, members: Mapping[str, bytes]) -> None:
    """Write a zip whose every member claims to be ten bytes long."""

    def belittle(whole: bytearray, flags: int, is_central: bool) -> None:
        struct.pack_into("<L", whole, flags + 16, 10)

    reheaded(out, members, belittle)


def lying_large(out: Path, members: Mapping[str, bytes]) -> None:
    """Write a zip whose every member claims to be four gigabytes long."""

    def magnify(whole: bytearray, flags: int, is_central: bool) -> None:
        struct.pack_into("<L", whole, flags + 16, 0xFFFF_FFFE)

    reheaded(out, members, magnify)


def escaping(members: Mapping[str, bytes]) -> dict[str, bytes]:
    """Add members whose names lead out of whatever folder they are unpacked into."""
    names = (
        "../../escaped.txt",
        "/tmp/escaped.txt",
        "C:\\escaped.txt",
        "..\\..\\escaped.txt",
        "a/../../escaped.txt",
    )
    return {**members, **dict.fromkeys(names, b"escaped")}


def crowded(out: Path, members: Mapping[str, bytes], count: int) -> None:
    """Write a zip with very many empty members besides."""
    plain(out, {**members, **{f"empty/{number}.json": b"" for number in range(count)}})


def nested(out: Path, data: bytes, name: str, depth: int) -> None:
    """Write a zip in a zip in a zip …, the innermost holding the member."""
    for level in range(depth):
        plain(out, {name if level == 0 else f"level{level}.zip": data})
        data = out.read_bytes()


def doubled(out: Path, members: Mapping[str, bytes], name: str, data: bytes) -> None:
    """Write a zip with two members of one name."""
    plain(out, members)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    append_member(out, name, packer.compress(data) + packer.flush(), len(data), zlib.crc32(data))
