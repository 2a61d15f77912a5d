"""Orders and settings for tests without a shop or a Dinero."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from dinero.model.chart import Account, Chart, DepositAccount
from dinero.model.money import Money, net_of_vat, total
from dinero.model.orders import Line, LineKind, Order, Party
from dinero.model.plans import Customer, InvoicePlan
from dinero.model.settings import Settings

CHART = Chart(
    accounts={
        1000: Account(1000, "Salg af varer/ydelser m/moms", "U25"),
        1050: Account(1050, "Salg af varer/ydelser u/moms", "none"),
        1100: Account(1100, "EU-leverancer varer", "UEUV"),
        1200: Account(1200, "EU-leverancer ydelser", "UEUY"),
        1255: Account(1255, "Salg af varer til udlandet", "UVV"),
        1300: Account(1300, "Salg af fragt, momsfri", "none"),
        1350: Account(1350, "Salg af fragt, momspligtig", "U25"),
        7380: Account(7380, "Registrerede kassedifferencer", "none"),
        63080: Account(63080, "Gavekort", "none"),
    },
    deposits={
        55000: DepositAccount(55000, "Bank", is_default=True, has_bank_details=True),
        55100: DepositAccount(55100, "Webshop salg"),
    },
    years=((date(2026, 1, 1), date(2026, 12, 31)),),
)
SETTINGS = Settings(
    connection="personal",
    organization="210001",
    trigger="paid",
    booking_account=55100,
    booking_account_name="Webshop salg",
    take_over_date=date(2026, 1, 1),
    chart=CHART,
)
PARTY = Party(name="Åse Ørum", street="Æblevej 1", zipcode="8000", city="Aarhus C", country="DK")
RATES = {"25": Decimal("0.25"), "0": Decimal(0), "?": None}


def line(
    ore: int, *, quantity: str = "1", rate: str = "25", kind: LineKind = LineKind.PRODUCT, text: str = "Kop"
) -> Line:
    return Line(kind, text, Decimal(quantity), Money(ore), vat_rate=RATES[rate])


def order(*lines: Line, **changes: Any) -> Order:
    """A Danish order that is paid and sent; its VAT is what Dinero computes for lines that each keep their rate."""
    lines = lines or (line(24900),)
    vat = sum(part.total.ore - net_of_vat(part.total, part.vat_rate or Decimal(0)).ore for part in lines)
    plain = Order(
        shop="shoporama",
        id="77",
        number="1077",
        placed_at=datetime(2026, 11, 20, 10, 0, tzinfo=UTC),
        status="sent",
        paid=True,
        paid_at=datetime(2026, 11, 20, 10, 1, tzinfo=UTC),
        sent=True,
        lines=lines,
        total=total([part.total for part in lines]),
        vat=Money(vat),
        billing=PARTY,
        email="aase@example.com",
        payment_method="Kort",
        payment_type="quickpayv10",
    )
    return replace(plain, **changes)


def make_plan(shop: str, order_id: str) -> InvoicePlan:
    """An invoice over 249 kr. without lines."""
    return InvoicePlan(
        shop=shop,
        order_id=order_id,
        number=order_id,
        issued_on=date(2026, 11, 20),
        lines=(),
        total=Money(24900),
        vat=Money(0),
        customer=Customer("a@example.com", "Åse", is_person=True),
        address="",
        comment="",
        reference=f"{shop}:{order_id}",
    )
