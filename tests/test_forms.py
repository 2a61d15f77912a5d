"""The pages of the sign-in as they are drawn: what they show, and that nothing in them can be more than text."""

import subprocess
import sys
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dinero.model.i18n import Text
from dinero.web.forms import TEMPLATES, login_page, password_page
from dinero.web.gate import source_hash

ROOT = Path(__file__).parent.parent
HOSTILE = "\"'><script>alert(1)</script>&{{ 7 * 7 }}"


def this_dashboard(*, is_set: bool = True, demo: bool = False, oidc: Any = None, language: str = "en") -> Any:
    sign_in = SimpleNamespace(is_set=lambda: is_set)
    return SimpleNamespace(sign_in=sign_in, demo=demo, oidc=oidc, language=lambda: language)


def drawn(answer: Any) -> str:
    return bytes(answer.body).decode()


def login(given: Any, wanted: str = "/", *, at_this_machine: bool = True, problem: Text | None = None) -> str:
    return drawn(login_page(given, wanted, at_this_machine=at_this_machine, problem=problem))


def test_whatever_is_drawn_is_text_and_no_markup() -> None:
    oidc = SimpleNamespace(name=HOSTILE, only=False)
    page = login(this_dashboard(oidc=oidc), HOSTILE, problem=Text("{name}", name=HOSTILE))
    assert "<script" not in page
    assert "49" not in page
    assert page.count("'><") == page.count("\"'>") == 0
    assert unescape(page).count(HOSTILE) == 3  # where to go, the provider's name, and the problem


def test_the_style_is_allowed_by_what_it_says_and_nothing_else_is() -> None:
    for answer in (login_page(this_dashboard(), "/", at_this_machine=True), password_page(this_dashboard())):
        page, policy = drawn(answer), answer.headers["Content-Security-Policy"]
        style = page.split("<style>")[1].split("</style>")[0]
        assert style.strip() == (TEMPLATES / "forms.css").read_text().strip()
        assert f"style-src {source_hash(style)};" in policy
        assert "default-src 'none'" in policy
        assert "style=" not in page
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("is_set", "at_this_machine", "names"),
    [
        (True, True, ["next", "password"]),
        (True, False, ["next", "password"]),
        (False, True, ["next", "password", "again"]),
        (False, False, ["next", "password", "again", "code"]),
    ],
)
def test_a_form_asks_for_what_is_needed_and_no_more(is_set: bool, at_this_machine: bool, names: list[str]) -> None:
    page = login(this_dashboard(is_set=is_set), "/history", at_this_machine=at_this_machine)
    inputs = [part.split(">")[0] for part in page.split("<input ")[1:]]
    assert [part.split('name="')[1].split('"')[0] for part in inputs] == names
    assert 'value="/history"' in inputs[0]
    assert all(f'<label for="{name}">' in page for name in names[1:])
    assert [part.endswith("required autofocus") for part in inputs] == [name == names[1] for name in names]


def test_who_signs_in_elsewhere_only_is_asked_for_no_password() -> None:
    elsewhere = SimpleNamespace(name="login.example.com", only=True)
    page = login(this_dashboard(oidc=elsewhere), "/history?order=7&day=1")
    assert "<form" not in page
    assert 'href="/oidc/start?next=%2Fhistory%3Forder%3D7%26day%3D1"' in page
    beside = login(this_dashboard(oidc=SimpleNamespace(name="login.example.com", only=False)))
    assert "<form" in beside
    assert "/oidc/start" in beside


def test_the_demo_says_so_and_the_language_is_the_page_s() -> None:
    assert "Demo" in login(this_dashboard(demo=True))
    assert "Demo" not in login(this_dashboard())
    page = login(this_dashboard(language="da"))
    assert '<html lang="da">' in page
    assert "<h1>Log ind</h1>" in page


def test_who_forgot_the_password_is_told_who_helps() -> None:
    told = "Whoever looks after the machine can reset it."
    assert told in login(this_dashboard())
    assert told not in login(this_dashboard(is_set=False))
    assert told not in login(this_dashboard(demo=True)), "a demo begins anew"


def test_the_sign_in_has_the_products_name_and_mark() -> None:
    for answer in (login_page(this_dashboard(), "/", at_this_machine=True), password_page(this_dashboard())):
        page = drawn(answer)
        assert '<img src="/mark.svg"' in page
        assert "Ordrebro</title>" in page
        assert "img-src 'self' data:;" in answer.headers["Content-Security-Policy"]


def test_the_page_of_the_password_leads_back_to_where_its_link_is() -> None:
    assert 'href="/setup?tab=access"' in drawn(password_page(this_dashboard()))


def test_the_demo_has_one_button_that_comes_first() -> None:
    page = login(this_dashboard(is_set=False, demo=True))
    assert page.index('name="demo"') < page.index('name="password"')
    assert page.count("<button") - page.count('<button class="second"') == 1
    assert page.count("autofocus") == 1


def test_the_change_of_the_password_has_a_way_out_of_every_browser() -> None:
    page = drawn(password_page(this_dashboard(), Text("There were too many tries."), 429))
    assert page.count("<form ") == 2
    assert '<form method="post" action="/logout">' in page
    assert 'name="everywhere" value="1"' in page
    assert '<p role="alert">There were too many tries.</p>' in page


def test_templates_are_loaded_when_a_page_is_drawn_and_not_before() -> None:
    asked = "import sys, dinero.web.routes; print('jinja2' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "False"
