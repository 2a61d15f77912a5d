"""Makes the pictures of the guides from the walks of the browser tests, so that they stay true.

`make screenshots`. Every picture is the page at 1400 px, cut to a readable height and made smaller.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

HERE = Path(__file__).parent
HEIGHT, WIDTH = 1850, 1000  # pixels: cut to, and made smaller to
WHOLE = 4000  # of those whose last button must be seen
TALL = ("changed", "undo")
MARGIN = 24  # pixels of empty page that are kept below what is drawn
WALKS = (
    "tests/test_main_job_in_a_browser.py",
    "tests/test_payouts_in_a_browser.py",
    "tests/test_shops_in_a_browser.py",
)
# Name in docs/pictures/: name in one of the walks.
PICTURES = {
    "setup": "overview-first",
    "account": "setup-account",
    "setup-done": "setup-done",
    "overview": "overview",
    "orders": "orders-selected",
    "preview": "first-invoice",
    "pushed": "orders-done",
    "needs-you": "needs-you",
    "held": "needs-you-order",
    "history": "history",
    "order-steps": "history-order",
    "payouts": "payouts",
    "payout": "payout",
    "proof": "payouts-proof",
    "reconciliation": "reconciliation",
    "undo": "undo-preview",
    "changed": "changed-order",
    "automatic": "automatic-off",
    "older": "older",
    "shops": "shops-8b-list",
    "shop-new": "shops-2-new",
}


def cut(source: Path, target: Path, height: int) -> None:
    """One picture, cut and made smaller, with few colours: some tens of kB."""
    with Image.open(source) as whole:
        page = whole.convert("RGB")
        empty = Image.new("RGB", page.size, page.getpixel((0, page.height - 1)))
        drawn = ImageChops.difference(page, empty).getbbox()
        part = page.crop((0, 0, page.width, min(page.height, height, (drawn or (0, 0, 0, page.height))[3] + MARGIN)))
        small = part.resize((WIDTH, part.height * WIDTH // part.width), Image.Resampling.LANCZOS)
        few = small.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(target, optimize=True)


def walk(language: str, target: Path) -> int:
    """Takes the walks in one language and keeps their pictures; 0 when they went well."""
    with tempfile.TemporaryDirectory() as folder:
        kept = {"DINERO_SCREENSHOTS": folder, "DINERO_REQUIRE_BROWSER": "1", "DINERO_WALK_LANGUAGE": language}
        command = [sys.executable, "-m", "pytest", "-q", *WALKS]
        ended = subprocess.run(command, env=os.environ | kept, cwd=HERE.parent, check=False)  # noqa: S603 - our own
        target.mkdir(parents=True, exist_ok=True)
        for name, shown in PICTURES.items():
            source = Path(folder) / f"{shown}-1400.png"
            if source.exists():
                cut(source, target / f"{name}.png", WHOLE if name in TALL else HEIGHT)
        return ended.returncode


def main() -> int:
    """The pictures of both guides; 0 when both walks went well."""
    return max(walk("da", HERE / "pictures"), walk("en", HERE / "pictures" / "en"))


if __name__ == "__main__":
    sys.exit(main())
