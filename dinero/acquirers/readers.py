"""The formats that are known. A new one is a module beside these and a line in READERS."""

from dinero.acquirers.acquirer import FileRead, PayoutFile, PayoutReader, checked
from dinero.acquirers.clearhaus import ClearhausSettlements
from dinero.acquirers.mobilepay_transfers import MobilepayTransfers
from dinero.acquirers.nets_easy import NetsEasyPayouts
from dinero.acquirers.paypal import PaypalActivity
from dinero.acquirers.shopify import ShopifyPayments
from dinero.acquirers.stripe import StripeItemized
from dinero.acquirers.vipps_portal import VippsPortal
from dinero.acquirers.words import NO_WORDS, Words
from dinero.collector import collector_at_rest
from dinero.model.acquirers import acquirer_of
from dinero.model.i18n import LONGEST_SHOWN, Text
from dinero.model.payouts import RowProblem

READERS: tuple[PayoutReader, ...] = (
    ClearhausSettlements(),
    VippsPortal(),
    MobilepayTransfers(),
    StripeItemized(),
    PaypalActivity(),
    NetsEasyPayouts(),
    ShopifyPayments(),
)


def recognized(file: PayoutFile) -> PayoutReader | None:
    """The one reader that knows the file by its columns; None where it is nobody's, or more than one's."""
    found = [reader for reader in READERS if reader.recognizes(file)]
    return found[0] if len(found) == 1 else None


@collector_at_rest()
def read(file: PayoutFile, name: str = "", words: Words = NO_WORDS) -> FileRead:
    """The file as the reader of that name reads it, or as the one that recognizes it, with what the owner said of words
    that it does not know. Never raises."""
    if name:
        reader = next((one for one in READERS if one.name == name), None)
        known = ", ".join(one.name for one in READERS)
        text = Text("There is no reader “{name}”. There are {known}.", name=name[:LONGEST_SHOWN], known=known)
    else:
        reader = recognized(file)
        known = ", ".join(dict.fromkeys(acquirer_of(one.acquirer).name for one in READERS))
        text = Text(
            "The file is of no format that is known: {known}. Choose yourself what its columns are.", known=known
        )
    return reader.read(file, words) if reader else checked([], [RowProblem(None, "no_reader", text)])
