"""What `streamlit run` starts: the pages behind the sign-in, and the routes beside them."""

import gc
import logging
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from dinero.dashboard import dashboard as library
from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.web.requests import Parts
from dinero.web.routes import build

log = logging.getLogger("dinero.app")

try:
    dashboard = library.dashboard()
except SettingsError as error:
    sys.exit(str(error.text))


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Runs the worker while the server runs."""
    gc.collect()
    gc.freeze()  # what was imported stays for good, and is not looked through at each collection
    if not dashboard.sign_in.is_set():
        log.warning(
            "No password is chosen yet. From another machine, the first start asks for this code: %s",
            dashboard.sign_in.setup_code(),
        )
    dashboard.worker.start()
    try:
        yield
    finally:
        dashboard.worker.stop()


def show_reference(error: Exception) -> bool:
    """Shows a sentence with a number instead of a traceback, which Streamlit has just logged."""
    reference = secrets.token_hex(3)
    log.error("The error above (%s) was shown to the owner as number %s", type(error).__name__, reference)
    sorry = Text(
        "Something went wrong, and this page could not be shown. Load it again. If it happens again, "
        "give your supplier the number {reference}, which is in the log.",
        reference=reference,
    )
    st.error(sorry.render(dashboard.settings.language()))
    return True


routes, middleware = build(
    Parts(
        store=dashboard.store,
        vault=dashboard.vault,
        sign_in=dashboard.sign_in,
        oidc=dashboard.oidc,
        public_url=dashboard.public_url,
        demo=dashboard.demo,
        language=dashboard.settings.language,
        dinero=dashboard.connection,
        shop=dashboard.shoporama_way,
        woocommerce=dashboard.woocommerce_way,
        health=dashboard.checkup.health,
        ring=dashboard.bell.ring,
        in_set_up=lambda: dashboard.set_up.is_open,
    )
)
app = st.App(
    "pages/navigation.py", routes=routes, middleware=middleware, lifespan=lifespan, on_script_error=show_reference
)
