"""Writing a package: parts are compressed on a second thread while the first makes the next ones."""

from __future__ import annotations

import zipfile
import zlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

try:
    from isal import isal_zlib as deflate
except ImportError:  # no wheel for this interpreter: the same, slower
    import zlib as deflate  # type: ignore[no-redef]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

_LEVEL = 2
_AHEAD = 4
"""Chunks that may wait for the compressor: enough to keep it busy, few enough to keep memory flat."""
_HANDED_OVER = 1 << 20
"""Bytes that are compressed at a time."""
_STAMP = (1980, 1, 1, 0, 0, 0)


class PackageWriter:
    """A new package; use it as a context manager.

    Attributes:
        written: names of the parts so far.
    """

    def __init__(self, path: Path) -> None:
        self.written: set[str] = set()
        self._archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._compressor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="deflate")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._compressor.shutdown(cancel_futures=True)
        self._archive.close()

    def write(self, name: str, chunks: Iterable[bytes], expected_bytes: int = 0) -> None:
        """Add a part; one expected to be near 2 GiB or beyond gets the directory entry that large parts need.

        Raises:
            OSError: when the disk refuses.
        """
        info = zipfile.ZipInfo(name, _STAMP)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.file_size = expected_bytes
        self.written.add(name)
        waiting: deque[Future[int]] = deque()
        with self._archive.open(info, "w") as part:
            _compress_fast(part)
            try:
                for chunk in _gathered(chunks):
                    waiting.append(self._compressor.submit(part.write, chunk))
                    if len(waiting) > _AHEAD:
                        waiting.popleft().result()
            finally:
                wait(waiting)
            for written in waiting:
                written.result()


def _gathered(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Join small chunks: each handing over may wait milliseconds for the interpreter's lock."""
    some, size = [], 0
    for chunk in chunks:
        some.append(chunk)
        size += len(chunk)
        if size >= _HANDED_OVER:
            yield b"".join(some)
            some, size = [], 0
    yield b"".join(some)


def _compress_fast(part: Any) -> None:  # noqa: ANN401  zipfile keeps the type of an open part to itself
    """Have an open part compressed by isal, several times as fast as zlib.

    zipfile offers no way to choose; should it come to keep its compressor elsewhere, zlib does the work.
    """
    part._compressor = deflate.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)  # noqa: SLF001
