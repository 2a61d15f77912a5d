"""How many questions an owner gets for how many orders: `make questions`.

The owner answers every question with its first choice, as a rule where it can be one. Counted are the answers that were
given (a question that a rule answers for other orders too is one), the orders that were held at first, and those that
are held at the end. Fails when an ordinary Danish shop gets a question after its first day.
"""

import argparse
import random
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from any_orders import TODAY, any_sale, vat_in
from benchmarks.world import World
from dinero.intake.fetching import ids
from dinero.model.clock import COPENHAGEN
from dinero.model.consultation import VALID, Consultation
from dinero.model.documents import StoredOrder
from dinero.model.findings import Question
from dinero.rules.evidence import number_to_check
from dinero.rules.states import assess
from dinero.sandbox.generate import make_orders
from dinero.sandbox.stock import GATEWAYS
from dinero.shops import values
from dinero.shops.shoporama.orders import read_order
from factory import SETTINGS

Raw = dict[str, Any]
DEMO, DAYS, A_DAY = 200, 10, 100
MOST = 1000  # answers a day: more would be no end
PUSHED = 100


@dataclass
class Day:
    """What a day of orders asked of the owner."""

    name: str
    orders: int
    held_first: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    held_last: Counter[str] = field(default_factory=Counter)
    rules: int = 0

    def print(self) -> None:
        """A line of the table, and under it the reasons."""
        numbers = (self.orders, self.held_first, sum(self.asked.values()), self.rules, sum(self.held_last.values()))
        print(f"{self.name:<40}" + "".join(f"{number:>11}" for number in numbers))
        for title, found in (("asked", self.asked), ("left", self.held_last)):
            if found:
                print(f"    {title}: " + ", ".join(f"{code} {n}" for code, n in found.most_common()))


def head() -> None:
    """The table's head."""
    print(
        f"{'':<40}" + "".join(f"{word:>11}" for word in ("orders", "held first", "questions", "as rule", "held last"))
    )


class Owner:
    """An owner who answers whatever is asked."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.answered: set[tuple[str, str]] = set()

    def day(self, name: str, orders: list[Raw], *, push: bool) -> Day:
        """Fetches these new orders, answers what is asked, transfers, and answers again until nothing is asked."""
        dashboard, day = self.world.dashboard, Day(name, len(orders))
        new = {str(raw["order_id"]) for raw in orders}
        for raw in orders:
            self.world.sandbox.shop.add(raw)
        dashboard.orders.fetch()
        day.held_first = sum(row.id in new for row in self.held())
        for _ in range(4):  # a transfer lets returns ask their own questions
            self.answer(day)
            if not push or not self.push():
                break
            dashboard.orders.fetch()
        self.answer(day)
        day.held_last = Counter(row.reasons[0].code for row in self.held() if row.id in new)
        return day

    def held(self) -> list[StoredOrder]:
        return self.world.dashboard.store.orders.list(states=["held"], limit=10_000)

    def answer(self, day: Day) -> None:
        """Answers one question after the other, because an answer may answer others."""
        dashboard = self.world.dashboard
        for _ in range(MOST):
            found = next(self.questions(), None)
            if found is None:
                return
            row, code, question = found
            self.answered.add(_name(row, question))
            dashboard.orders.answer(row, question, question.choices[0].value, as_rule=question.can_be_rule)
            day.asked[code] += 1
            day.rules += question.can_be_rule
        raise RuntimeError("the questions do not end")

    def questions(self) -> Iterator[tuple[StoredOrder, str, Question]]:
        return (
            (row, finding.code, finding.question)
            for row in self.held()
            for finding in row.reasons
            if finding.question is not None and _name(row, finding.question) not in self.answered
        )

    def push(self) -> int:
        """Transfers what waits; returns how many orders that were."""
        dashboard = self.world.dashboard
        waiting = dashboard.store.orders.list(states=["waiting"], limit=10_000)
        for start in range(0, len(waiting), PUSHED):
            operation_id = str(uuid.uuid4())
            dashboard.transfers.push(operation_id, ids(waiting[start : start + PUSHED]), actor="benchmark")
            dashboard.transfers.run(operation_id)
        return len(waiting)


def _name(row: StoredOrder, question: Question) -> tuple[str, str]:
    return ("" if question.can_be_rule else row.id, question.key)


# --- the demo's orders ---------------------------------------------------------------------------------------------


def demo(*, returns: bool) -> list[Day]:
    """The demo's 200 orders, and 200 of another seed after them in the same store."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        try:
            owner, days = Owner(world), []
            kind = "with returns" if returns else "without returns"
            for number, name in ((1, "first"), (2, "second")):
                orders = make_orders(DEMO, number, world.clock.now(), returns=returns)
                for raw in orders:
                    _move(raw, number * 10_000)
                days.append(owner.day(f"the demo {kind}, {name} day", orders, push=returns))
                world.clock.sleep(26 * 3600)
        finally:
            world.sandbox.stop()
    return days


def _move(raw: Raw, by: int) -> None:
    """Gives an order of a later day ids of its own; the credit note of an unknown order stays one."""
    raw["order_id"] = int(raw["order_id"]) + by
    raw["webshop_order_id"] = int(raw["webshop_order_id"]) + by
    if int(raw.get("credited_order_id") or 0) > by:
        raw["credited_order_id"] = int(raw["credited_order_id"]) + by


# --- an ordinary Danish shop ---------------------------------------------------------------------------------------

WARES = [
    ("KOP", "Kop", 14900),
    ("FAD", "Fad", 24900),
    ("VASE", "Vase", 39900),
    ("LYS", "Lysestage", 8995),
    ("SKAAL", "Skål", 19950),
    ("TE", "Tekande", 52900),
    ("DUG", "Dug", 29900),
    ("BRIK", "Bakke", 12500),
]
EXEMPT = [("KURSUS", "Kursus i keramik (momsfrit)", 60000), ("FOREDRAG", "Foredrag (momsfrit)", 15000)]
PEOPLE = ("Karen Eksempel", "Søren Prøve", "Åse Ørum", "Niels Kjær")


def ordinary(dice: random.Random, number: int, moment: datetime) -> Raw:
    """An order of a shop that sells ten products in Denmark, two of them exempt, for cards and MobilePay."""
    lines: list[Raw] = []
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3))):
        sku, name, ore = dice.choice(EXEMPT) if dice.random() < 0.05 else dice.choice(WARES)
        lines.append(
            {
                "own_id": sku,
                "name": name,
                "amount": dice.choice((1, 1, 2, 3)),
                "unit_price": ore / 100,
                "vat": 0 if (sku, name, ore) in EXEMPT else 25,
            }
        )
    amounts = [round(line["unit_price"] * 100) * line["amount"] for line in lines]
    percent = dice.choice((0, 0, 0, 0, 10, 15))
    cuts = [amount * percent // 100 for amount in amounts]
    only_exempt = all(not line["vat"] for line in lines)
    shipping = 0 if only_exempt else dice.choice((0, 3900, 4900))
    nets = [amount - cut for amount, cut in zip(amounts, cuts, strict=True)]
    taxed = [ore for ore, line in zip(nets, lines, strict=True) if line["vat"]] + [shipping]
    total = sum(amounts) - sum(cuts) + shipping
    vat = sum(vat_in(ore) for ore in taxed)
    gateway = dice.choice((311, 311, 312, 313))
    told = f"{moment:%Y-%m-%d %H:%M:%S}"
    raw: Raw = {
        "order_id": number,
        "webshop_order_id": number,
        "status": "sent",
        "time": told,
        "last_modified": told,
        "paid": told,
        "order_name": dice.choice(PEOPLE),
        "order_company_name": "",
        "order_address": "Prøvevej 12",
        "order_zipcode": dice.choice(("8000", "2100", "5000", "9000")),
        "order_city": "Byen",
        "order_country": "Danmark",
        "order_country_id": 1001,
        "vat_number": None,
        "ean_number": None,
        "email": f"kunde{number}@example.com",
        "currency": "DKK",
        "payment_gateway_id": gateway,
        "payment_gateway": GATEWAYS[gateway][0],
        "shipping_price": shipping / 100,
        "voucher_code": "EFTERÅR" if percent else "",
        "voucher_discount": percent or None,
        "voucher_discount_amount": sum(cuts) / 100,
        "products": lines,
        "total_price": total / 100,
        "price": total / 100,
        "vat": vat / 100,
    }
    if dice.random() < 0.08:
        raw |= {"order_company_name": "Prøve ApS", "vat_number": "DK13585628", "email": f"firma{number}@example.com"}
    return raw


def ordinary_shop() -> list[Day]:
    """Ten days of a hundred orders."""
    dice = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        try:
            owner, days = Owner(world), []
            for day in range(DAYS):
                now = world.clock.now().astimezone(COPENHAGEN)
                first = 20_000 + day * A_DAY
                orders = [ordinary(dice, first + n, now - timedelta(minutes=A_DAY - n)) for n in range(A_DAY)]
                days.append(owner.day(f"an ordinary Danish shop, day {day + 1}", orders, push=day == 0))
                world.clock.sleep(20 * 3600)
        finally:
            world.sandbox.stop()
    return days


# --- any orders whatever -------------------------------------------------------------------------------------------


def any_orders(count: int) -> Day:
    """Random orders of all kinds (those of `make any-order`), one after the other, with the rules that are kept."""
    rules: dict[str, str] = {}
    day = Day("random orders of every kind", count)
    base = replace(
        SETTINGS,
        today=TODAY,
        sells_with_vat=True,
        rounding_limit=0,
        rates={"EUR": Decimal(746)},
        accounts={"sales.oss": 1050, "oss_vat": 63080},
    )
    for number in range(1, count + 1):
        raw = any_sale(random.Random(number), number)
        order = read_order(values.loads(values.dumps(raw)), shop="shoporama", countries={}, gateways={})
        answers: dict[str, str] = {}
        for turn in range(20):
            chosen = replace(base, rules=rules | answers)
            asked = number_to_check(order, chosen)
            vies = Consultation(asked, VALID, order.placed_at) if asked and order.placed_at else None
            state, findings = assess(order, chosen, consultation=vies)
            day.held_first += turn == 0 and state == "held"
            questions = [
                (f.code, f.question)
                for f in findings
                if f.question and f.question.key not in answers and f.question.key not in rules
            ]
            if not questions:
                break
            code, question = questions[0]
            (rules if question.can_be_rule else answers)[question.key] = question.choices[0].value
            day.asked[code] += 1
            day.rules += question.can_be_rule
        if state == "held":
            day.held_last[findings[0].code] += 1
    return day


def main() -> int:
    """Prints the tables; 0 unless the ordinary shop is asked after its first day."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--random", type=int, default=2000, help="random orders; 50,000 take some minutes")
    count = arguments.parse_args().random
    head()
    for returns in (False, True):
        for day in demo(returns=returns):
            day.print()
    days = ordinary_shop()
    first, later = days[0], days[1:]
    first.print()
    rest = Day(f"the same shop, its other {len(later)} days", sum(day.orders for day in later))
    for day in later:
        rest.held_first += day.held_first
        rest.asked += day.asked
        rest.held_last += day.held_last
    rest.print()
    if count:
        found = any_orders(count)
        found.print()
        per = ", ".join(f"{code} {n * 1000 / count:.1f}" for code, n in found.asked.most_common())
        print(f"    questions for 1,000 of them: {sum(found.asked.values()) * 1000 / count:.0f} ({per})")
    return 1 if rest.asked or rest.held_last else 0


if __name__ == "__main__":
    sys.exit(main())
