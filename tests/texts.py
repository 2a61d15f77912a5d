"""Every text of the code, and the Danish catalogue. `python tests/texts.py` adds what is missing to the catalogue."""

import ast
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "dinero" / "locale" / "da" / "LC_MESSAGES" / "dinero.po"
NAMES = {"Text", "t"}
Message = str | tuple[str, str]


def collect() -> dict[Message, str]:
    """Every message in the code (with its plural, where it has one), and a file that it is in."""
    found: dict[Message, str] = {}
    for path in [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py")), *sorted((ROOT / "dinero").rglob("*.py"))]:
        if not path.exists():
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _name(node.func) in NAMES:
                texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
                if texts and texts[0]:
                    message: Message = (texts[0], texts[1]) if len(texts) > 1 else texts[0]
                    found.setdefault(message, str(path.relative_to(ROOT)))
    return found


def catalogue() -> Catalog:
    """The Danish catalogue as it is committed."""
    if not CATALOGUE.exists():
        return Catalog(locale="da", domain="dinero")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="da", domain="dinero")


def one_or_more(text: object) -> list[str]:
    """A message's text, or its singular and its plural."""
    return [str(form) for form in text] if isinstance(text, tuple) else [str(text)]


def names(text: str) -> set[str]:
    """The {names} of a text."""
    return set(re.findall(r"{(\w+)}", text))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def main() -> None:
    before = {message.id: message for message in catalogue() if message.id}
    fresh = Catalog(locale="da", domain="dinero", project="dinero-dashboard", fuzzy=False)
    for message in sorted(collect(), key=str):
        old = before.get(message) or next(
            (m for key, m in before.items() if isinstance(key, tuple) and key[0] == message), None
        )
        same = old is not None and isinstance(message, tuple) == isinstance(old.id, tuple)
        string = old.string if old is not None and same else None
        fresh.add(message, string)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, fresh, omit_header=False, sort_output=True, no_location=True, width=120)
    missing = [message.id for message in fresh if message.id and not all(one_or_more(message.string or ""))]
    for lacking in missing:
        sys.stdout.write(f"{lacking!r}\n")
    sys.stdout.write(f"{len(missing)} missing of {len(fresh)}\n")


if __name__ == "__main__":
    main()
