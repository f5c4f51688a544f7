"""Run ``python -m ims_excel`` as ``ims-xl``."""

from __future__ import annotations

from ims_excel.cli import main

if __name__ == "__main__":
    main()
