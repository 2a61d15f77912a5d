"""The environment the program was started in: where the other systems are."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from dinero.model.errors import SettingsError
from dinero.model.i18n import Text
from dinero.model.settings import is_loopback


@dataclass(frozen=True)
class Environment:
    """Where the other systems are, and the headless set-up."""

    data_dir: Path
    api_url: str = "https://api.dinero.dk"
    connect_url: str = "https://connect.visma.com"
    token_url: str = "https://authz.dinero.dk/dineroapi/oauth/token"  # noqa: S105
    shoporama_url: str = "https://www.shoporama.dk"
    woocommerce_url: str = ""
    vies_url: str = "https://ec.europa.eu/taxation_customs/vies/rest-api"
    clearhaus_url: str = "https://merchant.clearhaus.com"
    vipps_url: str = "https://api.vipps.no"
    public_url: str | None = None
    calls_per_minute: int | None = None
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    organization: str = ""
    booking_account: str = ""
    trigger: str = ""
    from_date: str = ""
    shoporama_key: str = field(default="", repr=False)
    woocommerce_key: str = field(default="", repr=False)
    woocommerce_secret: str = field(default="", repr=False)
    connect_client_id: str = field(default="", repr=False)
    connect_client_secret: str = field(default="", repr=False)
    bank_account: str = ""
    fee_account: str = ""
    clearhaus_client_id: str = field(default="", repr=False)
    clearhaus_client_secret: str = field(default="", repr=False)
    vipps_client_id: str = field(default="", repr=False)
    vipps_client_secret: str = field(default="", repr=False)
    vipps_subscription_key: str = field(default="", repr=False)
    vipps_msn: str = ""
    # DINERO_DEMO_… by what comes behind: CLIENT_ID, CLIENT_SECRET, API_KEY, ORGANIZATION, SHOP_KEY. They are a
    # sandbox's, and the demo sets itself up with them for an owner who does not want to walk through the steps.
    demo_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    # DINERO_OIDC_… by what comes behind: ISSUER, CLIENT_ID, CLIENT_SECRET, OWNERS, READERS, ONLY (see signin/oidc).
    oidc: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def demo(self) -> bool:
        """Whether Dinero is a sandbox on this machine."""
        return is_loopback(urlsplit(self.api_url).hostname)

    def told(self, variable: str) -> str:
        """What a variable of a shop or an acquirer tells, by its name ("SHOPORAMA_KEY"); "" for nothing."""
        return str(getattr(self, variable.lower()))

    @classmethod
    def read(cls, variables: Mapping[str, str] = os.environ) -> "Environment":
        """Reads the environment. Raises SettingsError for a URL that is neither https nor loopback."""

        def url(name: str, otherwise: str) -> str:
            return _checked_url(name, variables.get(name) or otherwise)

        calls = variables.get("DINERO_CALLS_PER_MINUTE", "").strip()
        if calls and not (calls.isascii() and calls.isdigit() and int(calls) > 0):
            raise SettingsError(Text("{name} must be a whole number above 0.", name="DINERO_CALLS_PER_MINUTE"))
        public = variables.get("DINERO_PUBLIC_URL", "").strip()
        folder = variables.get("DINERO_DATA_DIR") or str(Path(__file__).parents[1] / "data")
        api_url = url("DINERO_API_URL", cls.api_url)
        # Whoever named a sandbox before VIES and the acquirers were asked has them there too.
        sandbox = is_loopback(urlsplit(api_url).hostname)
        environment = cls(
            data_dir=Path(folder),
            api_url=api_url,
            connect_url=url("DINERO_CONNECT_URL", cls.connect_url),
            token_url=url("DINERO_TOKEN_URL", cls.token_url),
            shoporama_url=url("SHOPORAMA_URL", cls.shoporama_url),
            woocommerce_url=url("WOOCOMMERCE_URL", "") if variables.get("WOOCOMMERCE_URL", "").strip() else "",
            vies_url=url("VIES_URL", f"{api_url}/vies" if sandbox else cls.vies_url),
            clearhaus_url=url("CLEARHAUS_URL", f"{api_url}/clearhaus" if sandbox else cls.clearhaus_url),
            vipps_url=url("VIPPS_URL", f"{api_url}/vipps" if sandbox else cls.vipps_url),
            public_url=_checked_url("DINERO_PUBLIC_URL", public, anywhere=True) if public else None,
            calls_per_minute=int(calls) if calls else None,
            client_id=variables.get("DINERO_CLIENT_ID", "").strip(),
            client_secret=variables.get("DINERO_CLIENT_SECRET", "").strip(),
            api_key=variables.get("DINERO_API_KEY", "").strip(),
            organization=variables.get("DINERO_ORGANIZATION", "").strip(),
            booking_account=variables.get("DINERO_BOOKING_ACCOUNT", "").strip(),
            trigger=variables.get("DINERO_TRIGGER", "").strip(),
            from_date=variables.get("DINERO_FROM_DATE", "").strip(),
            shoporama_key=variables.get("SHOPORAMA_KEY", "").strip(),
            woocommerce_key=variables.get("WOOCOMMERCE_KEY", "").strip(),
            woocommerce_secret=variables.get("WOOCOMMERCE_SECRET", "").strip(),
            connect_client_id=variables.get("DINERO_CONNECT_CLIENT_ID", "").strip(),
            connect_client_secret=variables.get("DINERO_CONNECT_CLIENT_SECRET", "").strip(),
            bank_account=variables.get("DINERO_BANK_ACCOUNT", "").strip(),
            fee_account=variables.get("DINERO_FEE_ACCOUNT", "").strip(),
            clearhaus_client_id=variables.get("CLEARHAUS_CLIENT_ID", "").strip(),
            clearhaus_client_secret=variables.get("CLEARHAUS_CLIENT_SECRET", "").strip(),
            vipps_client_id=variables.get("VIPPS_CLIENT_ID", "").strip(),
            vipps_client_secret=variables.get("VIPPS_CLIENT_SECRET", "").strip(),
            vipps_subscription_key=variables.get("VIPPS_SUBSCRIPTION_KEY", "").strip(),
            vipps_msn=variables.get("VIPPS_MSN", "").strip(),
            demo_keys=_under(_DEMO, variables) if sandbox else {},
            oidc=_under(_OIDC, variables),
        )
        hosts = (
            environment.api_url,
            environment.connect_url,
            environment.token_url,
            environment.shoporama_url,
            *([environment.woocommerce_url] if environment.woocommerce_url else []),
            environment.vies_url,
            environment.clearhaus_url,
            environment.vipps_url,
        )
        if len({is_loopback(urlsplit(address).hostname) for address in hosts}) > 1:
            raise SettingsError(
                Text("Some addresses point at a sandbox on this machine and some do not. Set all of them or none.")
            )
        return environment


_OIDC, _DEMO = "DINERO_OIDC_", "DINERO_DEMO_"


def _under(prefix: str, variables: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(prefix): value.strip() for name, value in variables.items() if name.startswith(prefix)}


def _checked_url(name: str, value: str, *, anywhere: bool = False) -> str:
    if not is_safe_url(value, anywhere=anywhere):
        raise SettingsError(
            Text("{name} must be an https address on the internet; http is accepted on this machine only.", name=name)
        )
    return value.rstrip("/")


def is_safe_url(value: str, *, anywhere: bool = False) -> bool:
    """Whether secrets may be sent there: https, no private address, no name of this network (unless `anywhere`); this
    machine (the sandbox) may do without https."""
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - raises ValueError for a port that is none
    except ValueError:
        return False
    host = (parts.hostname or "").rstrip(".")
    if not host or parts.username or parts.password or parts.query or parts.fragment:
        return False
    if is_loopback(host):
        return parts.scheme in ("http", "https")
    try:
        public = ip_address(host).is_global
    except ValueError:
        # A name. One without a dot or with digits only is an address of the local network, or one in disguise.
        public = (
            "." in host
            and not host.endswith((".local", ".localhost", ".internal", ".lan"))
            and (not host.rsplit(".", 1)[1].isdigit() and not host.startswith("0x"))
        )
    return parts.scheme == "https" and (public or anywhere)
