"""Make the README's pictures from the real output: `make pictures`.

Runs the demo, opens its last workbook in LibreOffice on a virtual screen and takes a picture of each sheet
named below. Needs Debian's xvfb, xdotool, imagemagick and libreoffice-calc.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ims_excel.pipelines.demo import demo

PICTURES = Path(__file__).parent / "pictures"
DISPLAY = ":78"
SCREEN = "1680x900"
WHOLE, TOP = "1634x766+0+112", "1634x300+0+112"
"""The sheet and its tabs, without menus and side bar; and its upper part."""

SHOTS = (
    ("home", WHOLE, ()),
    ("summary", WHOLE, ("ctrl+Next",)),
    ("section", TOP, ("ctrl+Next", "ctrl+Down", "Down", "Down")),
    ("itc", TOP, (*("ctrl+Next",) * 4, "ctrl+Down", "Down", "Down", "alt+Next")),
    ("errors", TOP, ("alt+Next", "alt+Next", "Right")),
)
"""Each picture's name, the part of the screen, and the keys that bring its cells into view."""

TOOLS = ("Xvfb", "xdotool", "import", "convert", "soffice")


def main() -> None:
    """Take every picture."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        sys.exit(f"install first: {', '.join(missing)}")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        list(demo(work / "demo"))
        screen = subprocess.Popen(["Xvfb", DISPLAY, "-screen", "0", f"{SCREEN}x24"])
        try:
            take(work, work / "demo" / "4-portal-errors.xlsx")
        finally:
            screen.terminate()
            screen.wait()


def take(work: Path, book: Path) -> None:
    """Open the workbook and picture its sheets, from left to right."""
    profile = f"-env:UserInstallation={(work / 'profile').as_uri()}"
    command = ["soffice", profile, "--norestore", "--nologo", "--calc", str(book)]
    office = subprocess.Popen(command, env=os.environ | {"DISPLAY": DISPLAY})
    try:
        window = wait_for_window()
        xdotool("windowsize", window, *SCREEN.split("x"))
        xdotool("windowmove", window, "0", "0")
        time.sleep(3)
        for name, part, keys in SHOTS:
            for key in keys:
                xdotool("key", key)
                time.sleep(1)
            picture(name, part)
    finally:
        subprocess.run(["pkill", "-f", "--", profile], check=False)
        office.wait()


def wait_for_window() -> str:
    """Wait for LibreOffice's window, at most a minute."""
    for _ in range(60):
        time.sleep(1)
        found = xdotool("search", "--name", "LibreOffice Calc", check=False).split()
        if found:
            time.sleep(4)
            return found[-1]
    sys.exit("LibreOffice did not open a window")


def picture(name: str, part: str) -> None:
    """Save a part of what is on the screen."""
    time.sleep(2)
    target = PICTURES / f"{name}.png"
    run("import", "-window", "root", "-crop", part, "+repage", "-colors", "128", str(target))
    print(target)  # noqa: T201


def xdotool(*arguments: str, check: bool = True) -> str:
    """Act as a person at the keyboard."""
    return run("xdotool", *arguments, check=check)


def run(*command: str, check: bool = True) -> str:
    """Run a program on the virtual screen and give what it prints."""
    environment = os.environ | {"DISPLAY": DISPLAY}
    return subprocess.run(command, check=check, capture_output=True, text=True, env=environment).stdout


if __name__ == "__main__":
    main()
