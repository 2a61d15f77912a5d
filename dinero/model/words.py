"""Words that shops use, by what they mean. A list names what is safe; a word that nobody listed is asked about once.

Words are compared without case, accents, spaces and punctuation. Languages: Danish, English, German, Swedish,
Norwegian, French, Dutch, Spanish, as far as shops that sell from Denmark were seen to use them.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

REMEMBERED = 5000  # a shop has few words, and says each of them with every order


@lru_cache(REMEMBERED)
def plain(word: str) -> str:
    """A word for comparing: lower case, no accents, letters and digits only ("On-hold" and "on hold" are one). Letters
    of any alphabet count: "" is only what has no letters and digits at all."""
    return "".join(character for character in _folded(word) if character.isalnum())


# Letters that are no letter with an accent, as they are written without them.
_SPELLED = str.maketrans(
    {
        "ø": "oe",
        "æ": "ae",
        "å": "aa",
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ð": "d",
        "đ": "d",
        "þ": "th",
        "ł": "l",
        "ı": "i",
        "œ": "oe",
    }
)


def _folded(word: str) -> str:
    composed = unicodedata.normalize("NFC", word.casefold()).translate(_SPELLED)
    return unicodedata.normalize("NFKD", composed).casefold()


def _plain(words: str) -> frozenset[str]:
    return frozenset(plain(word) for word in words.split(","))


class Status(StrEnum):
    """What an order's status says of the sale."""

    GOOD = "good"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    REFUNDED = "refunded"
    RETURNED = "returned"
    FAILED = "failed"
    DRAFT = "draft"


# Shoporama's own are new, sent and cancelled (facts.md, Shoporama 4b); the rest are other shops' and translations.
_STATUSES = {
    Status.GOOD: _plain(
        "new,ny,open,åben,received,modtaget,confirmed,bekræftet,accepted,accepteret,paid,betalt,captured,hævet,"
        "authorized,processing,in process,under behandling,behandles,in progress,i gang,ready,klar,klar til afsendelse,"
        "packing,pakkes,packed,pakket,picked,plukket,picking,sent,sendt,shipped,afsendt,dispatched,partially shipped,"
        "delsendt,delvist sendt,delvis afsendt,in transit,undervejs,ready for pickup,klar til afhentning,picked up,"
        "afhentet,delivered,leveret,fulfilled,completed,complete,fuldført,gennemført,done,færdig,finished,"
        "afsluttet,ekspederet,invoiced,faktureret,archived,arkiveret,"
        "neu,bezahlt,in bearbeitung,versendet,versandt,geliefert,abgeschlossen,betald,skickad,levererad,klart,"
        "betalt og sendt,ferdig,levert,nouveau,payée,expédiée,livrée,terminée,nieuw,betaald,verzonden,geleverd"
    ),
    Status.CANCELLED: _plain(
        "cancelled,canceled,cancel,annulleret,annuleret,annullert,annulerad,afbestilt,afbrudt,void,voided,storniert,"
        "storno,abgebrochen,annulé,annulée,geannuleerd,cancelado,cancelada,avbestilt,avbruten,avbrutt,kansellert,"
        "makuleret,slettet,deleted,trash,removed,fjernet"
    ),
    Status.WITHDRAWN: _plain(
        "withdrawn,withdrawal,fortrudt,fortrydelse,fortrydelsesret,widerrufen,widerruf,ångrad,ångrat,angret,rétracté"
    ),
    Status.REFUNDED: _plain(
        "refunded,refund,refunderet,tilbagebetalt,krediteret,credited,chargeback,charged back,reversed,tilbageført,"
        "partially refunded,partial refund,delvist refunderet,delvist krediteret,delvis refunderet,delrefunderet,"
        "erstattet,erstattet beløb,rückerstattet,erstattet ordre,återbetald,refundert,tilbakebetalt,remboursé,"
        "remboursée,terugbetaald,reembolsado"
    ),
    Status.RETURNED: _plain(
        "returned,return,returneret,retur,retur modtaget,partially returned,delvist returneret,rma,retourniert,"
        "zurückgesendet,returnerad,returnert,retourné,retournée,geretourneerd,ikke afhentet,uafhentet"
    ),
    Status.FAILED: _plain(
        "failed,failure,fejlet,fejl,fejlslagen,mislykket,payment failed,betaling fejlet,payment error,error,declined,"
        "afvist,denied,rejected,expired,udløbet,timeout,abandoned,forladt,fehlgeschlagen,abgelehnt,misslyckad,"
        "misslyckades,mislyktes,échoué,échouée,mislukt,fallido,fraud,svindel"
    ),
    Status.DRAFT: _plain(
        "draft,checkout draft,kladde,udkast,incomplete,ufuldstændig,quote,tilbud,offer,estimate,proforma,basket,kurv,"
        "cart,entwurf,utkast,brouillon,concept,borrador,test,auto draft"
    ),
}
_BY_STATUS = {word: status for status, words in _STATUSES.items() for word in words}


def status_of(word: str) -> Status | None:
    """What a status means; None for a word that is not known. No status at all is GOOD."""
    return _BY_STATUS.get(plain(word)) if plain(word) else Status.GOOD


# Statuses that say that all of the goods have left the shop, or were handed over.
_SENT = _plain(
    "sent,sendt,shipped,afsendt,dispatched,despatched,in transit,undervejs,delivered,leveret,fulfilled,completed,"
    "complete,fuldført,gennemført,done,færdig,finished,afsluttet,ekspederet,picked up,afhentet,betalt og sendt,"
    "versendet,versandt,geliefert,abgeschlossen,skickad,levererad,ferdig,levert,expédiée,livrée,terminée,verzonden,"
    "geleverd"
)


def is_sent(status: str) -> bool:
    """Whether an order's status says that the goods were sent; a part of them is not enough."""
    return plain(status) in _SENT


# Ways to pay by which a paid mark means that somebody's system has the money or has reserved it: cards, wallets, the
# gateways and acquirers that Danish shops use (facts.md, Shoporama 8e), and pay-later companies that pay the shop.
_PROOF = _plain(
    "dankort,visa,visadankort,visa electron,mastercard,maestro,eurocard,amex,american express,jcb,diners,unionpay,"
    "forbrugsforeningen,bank axept,"
    "quickpay,epay,onpay,pensopay,stripe,paypal,dibs,ewire,nets,nets easy,easy,nexi,nexi checkout,teller,clearhaus,"
    "bambora,worldline,reepay,billwerk,frisbii,altapay,freepay,scanpay,yourpay,paylike,farpay,swiipe,swiftpay,"
    "shipmondo pay,viva,viva wallet,adyen,mollie,braintree,worldpay,authorizenet,checkoutcom,payex,swedbank pay,"
    "elavon,valitor,rapyd,flatpay,zettle,izettle,sumup,square,shopify payments,woopayments,woocommerce payments,"
    "wcpay,amazon pay,"
    "mobilepay,mobilepay online,vipps,vipps mobilepay,swish,apple pay,applepay,google pay,googlepay,samsung pay,"
    "klarna,klarna payments,klarna checkout,viabill,anyday,sparxpres,walley,collector,resurs,ratepay,qliro,svea,"
    "afterpay,riverty,paytrail,ideal,bancontact,sofort,giropay,trustly,przelewy24,eps,blik,"
    # WooCommerce's ids of gateways whose names say nothing (facts.md, WooCommerce 2.8): Kustom, PayPal,
    # Forbrugsforeningen.
    "kco,ppcp,fbg1886"
)
# A card of no name is a proof only where all of its words are known: a payment slip is a "kort" too ("FI-kort").
_CARDS = _plain(
    "kort,betalingskort,kreditkort,debetkort,debitkort,hævekort,bankkort,card,cards,credit card,debit card,creditcard,"
    "creditcards,debitcard,bank card,kortbetaling,kortbetalning,card payment,kreditkarte"
)
_BESIDE_A_CARD = _plain(
    "og,and,und,or,eller,med,with,via,by,pay,betal,betaling,betalning,payment,online,på,nettet,sikker,secure,credit,kredit,"
    "debit,debet,bank,dansk,danske,danish,udenlandsk,udenlandske,international,internationale,alle"
)
# A name may go on behind one of these: "quickpayv10", "Stripe (kort)", "MobilePay Online".
_TOO_SHORT = ("easy", "square", "nets", "visa", "blik")
_PROOF_BEGINS = tuple(sorted(word for word in _PROOF if len(word) >= 4 and word not in _TOO_SHORT))
# What is said of a way to pay that is no proof, whatever stands before it: "Stripe faktura", "MobilePay ved levering".
_NO_PROOF = re.compile(
    r"faktura|invoice|rechnung|factura|oe?verfoer|ueberweisung|netbank|kontant|barzahl|efterkrav|opkraev|postopkraev|"
    r"afhent|pick ?up|abhol|levering|delivery|konto|manue|gave ?kort|gift ?card|tilgode|voucher|"
    r"\bfik?\b|\b(71|73|75)\b|giro(?!pay)|indbetal|forudbetal|vorkasse|foerskott|lastschrift|regning|frist|offline|nummer|"
    r"kredit(?! ?(kort|karte))|\bcredit(?! ?cards?\b|( and| or| og)? debit ?cards?\b)|"
    r"debit(?! ?(cards?|kort)\b|( and| or| og)? credit ?cards?\b)|\d{5}|\b\d\d \d\d\b|"
    r"\b(bank ?transfer|wire|cash|cod|ean|other|anden|andet|check|cheque|test|transfer|facture|manual|sepa|box|nr|"
    r"number)\b",
)


def proves_payment(names: Iterable[str]) -> bool:
    """Whether one of a payment method's names is a way to pay by which the paid mark means money. A name in another
    alphabet is not understood, and so proves nothing."""
    told = [name for name in names if plain(name)]
    if any(_NO_PROOF.search(_spelled(name)) or not plain(name).isascii() for name in told):
        return False
    words = [plain(name) for name in told] + [word for name in told for word in _spelled(name).split()]
    if any(word in _PROOF or word.startswith(_PROOF_BEGINS) for word in words):
        return True
    return any(_is_card(_spelled(name).split()) for name in told)


def _is_card(words: list[str]) -> bool:
    return bool(_CARDS & {*words, "".join(words)}) and all(word in _CARDS | _BESIDE_A_CARD for word in words)


@lru_cache(REMEMBERED)
def _spelled(name: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in _folded(name) if not unicodedata.combining(c))))


# Ways to pay by which the customer's money goes to the shop's own bank account: no acquirer is between.
_DIRECT = re.compile(
    r"oe?verfoer|ueberweisung|netbank|faktura|invoice|rechnung|factura|vorkasse|forudbetal|foerskott|giro(?!pay)|"
    r"\bfik?\b|\b(bank ?transfer|bacs|wire|sepa|ean|facture)\b"
)


@lru_cache(REMEMBERED)
def is_paid_directly(method: str) -> bool:
    """Whether a payment method's name says that the customer pays into the bank: by transfer, or an invoice. One that
    names a card, wallet or acquirer too ("Stripe faktura") is theirs."""
    words = [plain(method), *_spelled(method).split()]
    named = any(word in _PROOF or word.startswith(_PROOF_BEGINS) for word in words)
    return bool(_DIRECT.search(_spelled(method))) and not named


# What a gift card or a store credit is called. They only decide how a question is put.
_GIFT_CARD = re.compile(
    r"gave[\W_]?[\W_]?kort|gift[\W_]?card|gift[\W_]?voucher|gavebevis|gave[\W_]?check|tilgode(bevis|kort)|værdi(bevis|kort|kupon)|"
    r"butikskredit|store ?credit|voucher|presentkort|gavekupong|tilgodelapp|gutschein|geschenkkarte|"
    r"(carte|chèque|bon).cadeau|cadeau(kaart|bon)|oplevelses(bevis|kort)",
    re.IGNORECASE,
)


@lru_cache(REMEMBERED)
def is_gift_card(text: str) -> bool:
    """Whether a text names a gift card or a store credit."""
    return bool(_GIFT_CARD.search(text))


_FREE_FREIGHT = re.compile(
    r"(fri|gratis|free|kostenlos\w*|livraison.gratuit)[\W_]?[\W_]?(fragt|levering|forsendelse|shipping|delivery|versand|frakt)|"
    r"(fragt|levering|shipping)[\W_]?(fri|gratis)|versandkostenfrei|fraktfritt",
    re.IGNORECASE,
)


@lru_cache(REMEMBERED)
def is_free_freight(text: str) -> bool:
    """Whether a voucher's code or kind says that it pays the freight."""
    return bool(_FREE_FREIGHT.search(text))


# Kinds of vouchers that are plain discounts; another word is asked about.
_DISCOUNTS = _plain(
    "percent,percentage,procent,percent off,fixed,fixed amount,fixed cart,fixed product,fast,fast beløb,amount,beløb,"
    "discount,rabat,rabatkode,coupon,kupon,code,kode,kampagne,campaign,tilbud,sale,free shipping,fri fragt,"
    "gratis fragt,shipping,fragt,product,produkt,cart,kurv,order,ordre,money,kroner"
)


def is_known_voucher(kind: str) -> bool:
    """Whether a voucher's kind is known: a discount or free freight, or not told at all."""
    return not plain(kind) or plain(kind) in _DISCOUNTS or is_free_freight(kind)


_DISCOUNT = re.compile(
    r"rabat|discount|kupon|coupon|tilbud|bonus|kampagne|nedslag|rabatt|remise|korting", re.IGNORECASE
)


@lru_cache(REMEMBERED)
def is_discount(text: str) -> bool:
    """Whether a line's text names a discount."""
    return bool(_DISCOUNT.search(text))


_COLLECTED = re.compile(
    r"afhent|selvafhent|hent(es)? selv|henter selv|click[\W_]?(and|&|og|\+)?[\W_]?collect|collect in store|"
    r"store pick[\W_]?up|pick[\W_]?up in (store|shop)|in[\W_]?store pick[\W_]?up|local pick[\W_]?up|hent i butik|"
    r"butiksafhent|i butikken|selbstabhol|abhol|hämta|avhämt|henting|\bhentes?\b|pick[\W_]?up|retrait|afhalen|showroom",
    re.IGNORECASE,
)
# Collected at a parcel shop near the customer: the goods were sent there.
_PARCEL_SHOP = re.compile(
    r"pakke[\W_]?(shop|boks|automat|post|udlev|butik|center|sted|punkt)|"
    r"parcel|postnord|post nord|\bgls\b|\bdao\b|\bbring\b|\bups\b|\bdhl\b|instabox|budbee|service\W?point|"
    r"udleveringssted|droppoint|collect ?point|pickup ?point|pick-up ?point|packstation|posthus",
    re.IGNORECASE,
)


@lru_cache(REMEMBERED)
def is_collected(shipping_method: str) -> bool:
    """Whether a shipping method says that the goods are collected. Of an address in Denmark that changes nothing; of
    one abroad it is asked where: at the shop, so that they do not leave the country, or near the customer."""
    return bool(_COLLECTED.search(shipping_method)) and not _PARCEL_SHOP.search(shipping_method)


_NOTHING = _plain(
    ",0,00,000,00000000,x,xx,xxx,na,none,nej,no,no vat,ingen,ingen cvr,intet,ikke,privat,private,privatperson,"
    "privatkunde,privat kunde,person,null,nil,nul,nope,tom,blank,mangler,ved ikke,test,consumer,forbruger,cvr,vat,dk,"
    "keine,kein,nein,ingen moms,har ikke,har ingen,har ikke cvr,eget brug,nan,undefined"
)


def is_nothing(written: str) -> bool:
    """Whether what somebody wrote in the field for a company's number says that there is none: "-", "ingen", "n/a"."""
    return plain(written) in _NOTHING


_NO_COMPANY = _plain(
    ",x,xx,xxx,na,none,nej,no,ingen,intet,privat,private,privatperson,privatkunde,privat kunde,person,forbruger,null,"
    "consumer,kein,keine,nan,undefined"
)


def is_no_company(written: str) -> bool:
    """Whether what somebody wrote as a company's name says that there is none."""
    return plain(written) in _NO_COMPANY


_CPR = re.compile(r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d\d[-\s]?\d{4}")


def is_cpr(written: str) -> bool:
    """Whether a text has the form of a Danish personal number, which is never repeated in lists and logs."""
    return bool(_CPR.fullmatch(written.strip()))


_FORMS = _plain(
    "aps,as,is,ks,ps,ivs,smba,amba,fmba,vs,gmbh,ag,kg,ug,ohg,ab,oy,oyj,bv,nv,sa,sas,sarl,srl,spa,ltd,limited,plc,llc,"
    "inc,llp,asa,ans,enk"
)


def company_key(name: str) -> str:
    """A company's name for comparing, without its legal form: "Beta ApS" and "BETA A/S" are the same words."""
    folded = name.casefold().replace("ø", "oe").replace("æ", "ae").replace("å", "aa").replace("&", " og ")
    spelled = unicodedata.normalize("NFKD", re.sub(r"\b([aikp])/s\b", r"\1s", folded))
    words = re.findall(r"\w+", "".join(c for c in spelled if not unicodedata.combining(c)).replace(".", ""))
    return "".join(word for word in words if word not in _FORMS) or "".join(words)
