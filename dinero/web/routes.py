"""The routes beside the pages: signing in and out, the ways to Dinero and the shop and back, and the owner's files."""

import hashlib
import hmac
import secrets
import shutil
import tempfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from dinero.model.clock import copenhagen_date
from dinero.model.errors import DashboardError, SettingsError, TryLater
from dinero.model.i18n import Text
from dinero.safekeeping.backup import backup
from dinero.safekeeping.export import export_everything
from dinero.signin.sessions import OWNER, PROVIDER_SESSION, SESSION
from dinero.store import Store
from dinero.web.forms import AFTER_PASSWORD, OPEN_DEMO, login_page, may_open_demo, password_page
from dinero.web.gate import Gate, OwnHosts, SameOrigin, SecurityHeaders, SmallBodies
from dinero.web.guide import guide_page, guide_picture
from dinero.web.page import OwnPage, Squeezed, page_file
from dinero.web.requests import (
    DINERO_CALLBACK,
    DINERO_START,
    DOWNLOAD_BACKUP,
    DOWNLOAD_EXPORT,
    GRANT_BACK,
    GRANT_KEYS,
    GRANT_START,
    GUIDE,
    GUIDE_PICTURES,
    HEALTH,
    LOGIN,
    LOGOUT,
    OIDC_CALLBACK,
    OIDC_COOKIE,
    OIDC_START,
    OLDER,
    PAGE_FILES,
    PASSWORD,
    SHOP_CALLBACK,
    SHOP_START,
    WEBHOOK,
    Parts,
    cookie_name,
    form_fields,
    is_at_this_machine,
    is_secure,
    local_path,
    see_other,
    session_cookie,
)


def build(parts: Parts) -> tuple[list[Route], list[Middleware]]:
    """The routes and the middleware, for `st.App`."""
    own = _Routes(parts)
    routes = [
        Route(LOGIN, own.show_login, methods=["GET"]),
        Route(LOGIN, own.login, methods=["POST"]),
        # GET too: what no route takes, Streamlit answers with its page.
        Route(LOGOUT, own.logout, methods=["GET", "POST"]),
        Route(PASSWORD, own.show_password, methods=["GET"]),
        Route(PASSWORD, own.password, methods=["POST"]),
        Route(DINERO_START, own.start_dinero, methods=["GET"]),
        Route(DINERO_CALLBACK, own.finish_dinero, methods=["GET", "POST"]),
        Route(SHOP_START, own.start_shop, methods=["GET"]),
        Route(SHOP_CALLBACK, own.finish_shop, methods=["GET"]),
        Route(GRANT_START, own.start_grant, methods=["GET"]),
        Route(GRANT_KEYS, own.take_granted_key, methods=["POST"]),
        Route(GRANT_BACK, own.finish_grant, methods=["GET"]),
        Route(WEBHOOK + "{shop}/{secret}", own.webhook, methods=["POST"]),
        Route(OIDC_START, own.start_oidc, methods=["GET"]),
        Route(OIDC_CALLBACK, own.finish_oidc, methods=["GET"]),
        Route(DOWNLOAD_BACKUP, own.download_backup, methods=["GET"]),
        Route(DOWNLOAD_EXPORT, own.download_export, methods=["GET"]),
        Route(HEALTH, own.health, methods=["GET"]),
        Route(GUIDE, own.guide, methods=["GET"]),
        Route(GUIDE_PICTURES + "/{name:path}", own.guide_picture, methods=["GET"]),
        Route(OLDER, own.older, methods=["GET"]),
        *(Route(path, own.page_file, methods=["GET"]) for path in PAGE_FILES),
    ]
    return routes, layers(parts)


def layers(parts: Parts) -> list[Middleware]:
    """The middleware, outermost first."""
    return [
        Middleware(SecurityHeaders, https=(parts.public_url or "").startswith("https:")),
        Middleware(OwnHosts, parts=parts),
        Middleware(SmallBodies),
        Middleware(SameOrigin, parts=parts),
        Middleware(Gate, parts=parts),
        Middleware(Squeezed),
        Middleware(OwnPage, parts=parts),
    ]


class _Routes:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._sign_in = parts.sign_in

    def health(self, request: Request) -> Response:
        return JSONResponse(self._parts.health(), headers={"Cache-Control": "no-store"})

    def page_file(self, request: Request) -> Response:
        return page_file(request.scope["path"])

    def guide(self, request: Request) -> Response:
        return guide_page(request.query_params.get("language") or self._parts.language())

    def guide_picture(self, request: Request) -> Response:
        return guide_picture(request.path_params["name"])

    async def webhook(self, request: Request) -> Response:
        shop, secret = (request.path_params[name] for name in ("shop", "secret"))
        body, headers = await request.body(), dict(request.headers)
        status = await run_in_threadpool(self._parts.ring, shop, secret, body, headers)
        return Response(status_code=status)

    # --- signing in and out

    def show_login(self, request: Request) -> Response:
        wanted = local_path(request.query_params.get("next", "/"))
        if self._sign_in.read_cookie(session_cookie(request.scope, self._parts)):
            return see_other(wanted)
        ended = Text("Your session has ended. Sign in again. What you pressed last was not done.")
        return self._login_page(request, wanted, ended if "ended" in request.query_params else None)

    async def login(self, request: Request) -> Response:
        given = await form_fields(request)
        at_this_machine = is_at_this_machine(request, self._parts)
        client = request.client.host if request.client else ""
        wanted = local_path(given.get("next", "/"))
        if self._parts.oidc is not None and self._parts.oidc.only:
            return self._login_page(request, wanted, Text("Sign in through your organization."), 403)

        def attempt() -> Response:
            if OPEN_DEMO in given:
                return self._open_demo(request, wanted)
            if self._sign_in.is_set():
                role = self._sign_in.check(given.get("password", ""), client)
                if role is None:
                    return self._login_page(request, wanted, Text("Wrong password. Try again."), 401)
                return self._with_session(request, see_other(wanted), role)
            _same_twice(given)
            if not at_this_machine and not self._sign_in.check_setup_code(given.get("code", ""), client):
                raise SettingsError(Text("Wrong set-up code. It is in the log of the dashboard's start."))
            self._sign_in.set_password(given.get("password", ""))
            return self._with_session(request, see_other(wanted))

        try:
            return await run_in_threadpool(attempt)
        except DashboardError as error:
            return self._login_page(request, wanted, error.text, _status(error))

    def _open_demo(self, request: Request, wanted: str) -> Response:
        """Into the demo without a password: on this machine, before anybody chose one. A random one is chosen, so that
        nobody comes in this way again."""
        if not may_open_demo(self._parts, at_this_machine=is_at_this_machine(request, self._parts)):
            raise SettingsError(Text("Only the demo opens without a password, on its own machine and once."))
        self._sign_in.set_password(secrets.token_urlsafe(24))
        return self._with_session(request, see_other(wanted))

    async def logout(self, request: Request) -> Response:
        if request.method != "POST":
            raise HTTPException(405)
        given, cookie = await form_fields(request), session_cookie(request.scope, self._parts)
        if given.get("everywhere") and await run_in_threadpool(self._sign_in.read_cookie, cookie) == OWNER:
            await run_in_threadpool(self._sign_in.sign_out_everywhere)
        else:
            await run_in_threadpool(self._sign_in.sign_out, cookie)
        answer = see_other(LOGIN)
        name = cookie_name(request.scope, self._parts)
        answer.delete_cookie(
            name, path="/", secure=is_secure(request.scope, self._parts), httponly=True, samesite="lax"
        )
        return answer

    def show_password(self, request: Request) -> Response:
        return password_page(self._parts)

    async def password(self, request: Request) -> Response:
        given = await form_fields(request)

        def attempt() -> Response:
            _same_twice(given)
            self._sign_in.change_password(given.get("old", ""), given.get("password", ""))
            return self._with_session(request, see_other(AFTER_PASSWORD))

        try:
            return await run_in_threadpool(attempt)
        except DashboardError as error:
            return password_page(self._parts, error.text, _status(error))

    # --- signing in elsewhere

    async def start_oidc(self, request: Request) -> Response:
        wanted = local_path(request.query_params.get("next", "/"))
        oidc, browser = self._parts.oidc, secrets.token_urlsafe(24)
        if oidc is None:
            raise HTTPException(404)
        try:
            # Open to strangers, and each one costs a row and a call to the provider.
            await run_in_threadpool(self._sign_in.count_try, request.client.host if request.client else "")
            address = await run_in_threadpool(oidc.start, self._own_address(request) + OIDC_CALLBACK, wanted, browser)
        except DashboardError as error:
            return self._login_page(request, wanted, error.text, _status(error))
        answer = see_other(address)
        answer.set_cookie(
            OIDC_COOKIE,
            browser,
            max_age=600,
            path=OIDC_CALLBACK,
            httponly=True,
            samesite="lax",
            secure=is_secure(request.scope, self._parts),
        )
        return answer

    async def finish_oidc(self, request: Request) -> Response:
        oidc = self._parts.oidc
        if oidc is None:
            raise HTTPException(404)
        browser = request.cookies.get(OIDC_COOKIE, "")
        try:
            role, wanted = await run_in_threadpool(oidc.finish, dict(request.query_params), browser)
        except DashboardError as error:
            return self._login_page(request, "/", error.text, 403)
        return self._with_session(request, see_other(local_path(wanted)), role, PROVIDER_SESSION)

    def _own_address(self, request: Request) -> str:
        own = self._parts.public_url or f"{request.scope['scheme']}://{request.headers['host']}"
        return own.rstrip("/")

    def _with_session(
        self, request: Request, answer: Response, role: str = OWNER, lasts: timedelta = SESSION
    ) -> Response:
        answer.set_cookie(
            cookie_name(request.scope, self._parts),
            self._sign_in.make_cookie(role, lasts),
            max_age=int(lasts.total_seconds()),
            path="/",
            secure=is_secure(request.scope, self._parts),
            httponly=True,
            samesite="lax",
        )
        return answer

    def _login_page(self, request: Request, wanted: str, problem: Text | None = None, status: int = 200) -> Response:
        here = is_at_this_machine(request, self._parts)
        return login_page(self._parts, wanted, at_this_machine=here, problem=problem, status=status)

    # --- the owner's data as files

    def download_backup(self, request: Request) -> Response:
        return self._download(backup, "backup", "db")

    def download_export(self, request: Request) -> Response:
        return self._download(export_everything, "export", "zip")

    def _download(self, write: Callable[[Store, Path], None], name: str, ending: str) -> Response:
        store = self._parts.store
        # Beside the database: there is room for it, and nobody else can read there.
        folder = Path(tempfile.mkdtemp(dir=store.folder, prefix=".download-"))
        file = folder / f"dinero-{name}-{copenhagen_date(store.clock.now())}.{ending}"
        try:
            write(store, file)
        except BaseException as error:
            shutil.rmtree(folder)
            if not isinstance(error, DashboardError):
                raise
            text = error.text.render(self._parts.language())
            return PlainTextResponse(text, 500, headers={"Cache-Control": "no-store"})
        return _Download(file, filename=file.name, headers={"Cache-Control": "no-store"})

    # --- the way to Dinero and the shop, and back

    async def start_dinero(self, request: Request) -> Response:
        return await self._start(request, self._parts.dinero.start, DINERO_CALLBACK)

    async def start_shop(self, request: Request) -> Response:
        given = {name: request.query_params.get(name, "") for name in ("shop", "form")}
        return await self._start(request, partial(self._parts.shop.start, **given), SHOP_CALLBACK)

    async def start_grant(self, request: Request) -> Response:
        form = request.query_params.get("form", "")
        try:
            address = await run_in_threadpool(self._parts.woocommerce.start, form, back=GRANT_BACK, keys=GRANT_KEYS)
        except DashboardError as error:
            return self._problem(error.text)
        return see_other(address)

    async def take_granted_key(self, request: Request) -> Response:
        body, kind = await request.body(), request.headers.get("content-type", "")
        return Response(status_code=await run_in_threadpool(self._parts.woocommerce.take_key, body, kind))

    async def finish_grant(self, request: Request) -> Response:
        try:
            shop = await run_in_threadpool(self._parts.woocommerce.back, dict(request.query_params))
        except DashboardError as error:
            return self._problem(error.text)
        # After the steps the shop's own choices are next.
        place = {} if self._parts.in_set_up() else {"tab": "connections", "shop": shop}
        return self._to_set_up(connected="woocommerce", **place)

    async def finish_dinero(self, request: Request) -> Response:
        answer = dict(request.query_params) if request.method != "POST" else await form_fields(request)
        return await self._finish(answer, self._parts.dinero.finish, "dinero")

    async def finish_shop(self, request: Request) -> Response:
        return await self._finish(dict(request.query_params), self._parts.shop.finish, "shop")

    async def _start(self, request: Request, start: Callable[[str], str], callback: str) -> Response:
        try:
            address = await run_in_threadpool(start, self._own_address(request) + callback)
        except DashboardError as error:
            return self._problem(error.text)
        return see_other(address)

    async def _finish(
        self, answer: Mapping[str, str], finish: Callable[[Mapping[str, str]], None], system: str
    ) -> Response:
        try:
            await run_in_threadpool(finish, answer)
        except DashboardError as error:
            return self._problem(error.text)
        return self._to_set_up(connected=system)

    def _problem(self, text: Text) -> Response:
        # The number follows from the text: whoever calls an open path again and again adds no rows.
        key = self._parts.vault.derive("problem")
        number = hmac.new(key.encode(), text.dumps().encode(), hashlib.sha256).hexdigest()[:20]
        self._parts.store.look_ups.put(f"problem:{number}", text.to_json())
        return self._to_set_up(problem=number)

    def _to_set_up(self, **query: str) -> Response:
        """To where the next step is open: on Overblik while it is the list of steps, else to Opsætning."""
        return see_other(("/?" if self._parts.in_set_up() else "/setup?") + urlencode(query))

    def older(self, request: Request) -> Response:
        """Where the page for older orders was."""
        return see_other("/setup?tab=books&show=older")


class _Download(FileResponse):
    """A file that is deleted, with its folder, when it was sent or the browser went away."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            shutil.rmtree(Path(self.path).parent)


def _same_twice(given: Mapping[str, str]) -> None:
    if given.get("password") != given.get("again"):
        raise SettingsError(Text("The two passwords are not the same. Type the new password twice."))


def _status(error: DashboardError) -> int:
    return 429 if isinstance(error, TryLater) else 400
