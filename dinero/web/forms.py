"""The pages that are drawn outside Streamlit, from `dinero/web/templates`: signing in, and changing the password."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, Response

from dinero.model.i18n import Text
from dinero.signin.passwords import SHORTEST
from dinero.web.gate import source_hash
from dinero.web.page import NAME
from dinero.web.requests import LOGIN, LOGOUT, MARK, OIDC_START, PASSWORD, Parts

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
DEMO = Text("Demo: a sandbox on this machine. Nothing is sent to Dinero.")
OPEN_DEMO = "demo"  # the field of the button that opens the demo
FORGOTTEN = Text("Forgotten the password? Whoever looks after the machine can reset it.")
FORGOTTEN_DEMO = Text("Signed out of the demo? End it and start it again; it begins anew.")
AFTER_PASSWORD = "/setup?tab=access"  # noqa: S105 - where the page of the password leads back to


class Field(NamedTuple):
    """An input: its name, label, type, and what a browser may fill in."""

    name: str
    label: Text
    kind: str
    complete: str


def login_page(
    parts: Parts, wanted: str, *, at_this_machine: bool, problem: Text | None = None, status: int = 200
) -> Response:
    """The sign-in, or the choice of a first password; it leads to `wanted`, a path on this server."""
    given: dict[str, Any] = {"wanted": wanted, "action": LOGIN, "problem": problem, "elsewhere": None}
    if may_open_demo(parts, at_this_machine=at_this_machine):
        given |= {
            "open_demo": OPEN_DEMO,
            "open_demo_label": Text("Open the demo"),
            "or_else": Text("or choose a password:"),
        }
    given["forgotten"] = (FORGOTTEN_DEMO if parts.demo else FORGOTTEN) if parts.sign_in.is_set() else None
    oidc = parts.oidc
    if oidc is not None:
        given["elsewhere"] = f"{OIDC_START}?{urlencode({'next': wanted})}"
        given["elsewhere_label"] = Text("Sign in with {name}", name=oidc.name)
    title, button, fields = _sign_in(parts, at_this_machine=at_this_machine)
    if "open_demo" in given:
        title = Text("Welcome to the demo")
    hidden = oidc is not None and oidc.only
    return _page(parts, "login.html", status, given, title=title, button=button, fields=[] if hidden else fields)


def may_open_demo(parts: Parts, *, at_this_machine: bool) -> bool:
    """Whether the demo opens without a password: on its own machine, before one was chosen, and where no identity
    provider alone lets in."""
    provider_only = parts.oidc is not None and parts.oidc.only
    return parts.demo and at_this_machine and not parts.sign_in.is_set() and not provider_only


def password_page(parts: Parts, problem: Text | None = None, status: int = 200) -> Response:
    """The change of the password, and the way out of every browser."""
    given = {"action": PASSWORD, "logout": LOGOUT, "problem": problem, "everywhere": Text("Sign out everywhere")}
    given |= {"back": AFTER_PASSWORD, "back_label": Text("Back")}
    fields = [Field("old", Text("Present password"), "password", "current-password"), *_new_password()]
    title, button = Text("Change the password"), Text("Change and sign out everywhere else")
    return _page(parts, "password.html", status, given, title=title, button=button, fields=fields)


def _sign_in(parts: Parts, *, at_this_machine: bool) -> tuple[Text, Text, list[Field]]:
    if parts.sign_in.is_set():
        password = Field("password", Text("Password"), "password", "current-password")
        return Text("Sign in"), Text("Sign in"), [password]
    fields = _new_password()
    if not at_this_machine:
        label = Text("Set-up code (it is in the log of the dashboard's start)")
        fields.append(Field("code", label, "text", "off"))
    return Text("Choose a password"), Text("Choose and sign in"), fields


def _new_password() -> list[Field]:
    first = Text("New password, at least {count} characters", count=SHORTEST)
    return [
        Field("password", first, "password", "new-password"),
        Field("again", Text("The new password once more"), "password", "new-password"),
    ]


def _page(parts: Parts, template: str, status: int, given: dict[str, Any], **more: Any) -> Response:
    language = parts.language()
    html = (
        templates()
        .get_template(template)
        .render(
            given | more,
            language=language,
            demo=DEMO if parts.demo else None,
            open_demo=given.get("open_demo"),
            name=NAME,
            mark=MARK,
            say=lambda text: text.render(language),
        )
    )
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": _policy()}
    return HTMLResponse(html, status, headers=headers)


@cache
def templates() -> "Environment":
    """The templates of the pages that are drawn outside Streamlit."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # Imported when a page is drawn: no command needs it. What is drawn is escaped, and what is missing is an error.
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _policy() -> str:
    # The one style is allowed by what it says, as the template draws it.
    style = templates().get_template("forms.css").render()
    return (
        f"default-src 'none'; style-src {source_hash(style)}; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
