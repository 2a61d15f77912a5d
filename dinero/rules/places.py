"""Where goods go, for VAT: which countries and which parts of them are in the EU's VAT area.

Directive 2006/112/EC art. 5-8 and ML § 2. An address is read by its prefix first ("FO-100"), then by its country and
postcode: shops that have only “Danmark” in their list write Greenland and the Faroe Islands so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from dinero.model.i18n import Text
from dinero.model.orders import Order, Party
from dinero.model.words import REMEMBERED, is_collected, plain

EU = frozenset(
    (
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MC",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """A country whose place in the VAT area is not plain from a list of members: why, and where that is written."""

    reason: Text
    source: str


_OUTSIDE = Text("{place} is outside the EU's VAT area: an export without VAT.")
TERRITORIES: Mapping[str, Place] = {
    "NO": Place(Text("Norway is not in the EU: an export without VAT."), "facts.md, Dinero 5b.4"),
    "GB": Place(
        Text("The United Kingdom left the EU: an export without VAT (Northern Ireland is asked about)."),
        "Withdrawal Agreement, Protocol on Northern Ireland",
    ),
    "CH": Place(Text("Switzerland is not in the EU: an export without VAT."), "facts.md, Dinero 5b.4"),
    "GL": Place(
        Text("Greenland belongs to the Kingdom, but not to the EU's VAT area: an export without VAT."), "ML § 2"
    ),
    "FO": Place(
        Text("The Faroe Islands belong to the Kingdom, but not to the EU's VAT area: an export without VAT."), "ML § 2"
    ),
    "AX": Place(
        Text("Åland belongs to Finland, but not to the EU's VAT area: an export without VAT."),
        "Directive 2006/112 art. 6(1)(d)",
    ),
    "MC": Place(
        Text("Monaco counts as France for VAT, so it is in the EU's VAT area."), "Directive 2006/112 art. 7(1)"
    ),
    "IM": Place(
        Text("The Isle of Man counts as the United Kingdom for VAT: an export without VAT."),
        "Directive 2006/112 art. 7(1); Withdrawal Agreement",
    ),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an EU country outside the VAT area: how its postcodes begin, its name, and where that is written."""

    postcode: str
    place: str
    source: str


# Directive 2006/112 art. 6 names the territories; the postcodes are those of each country's own post.
PARTS: Mapping[str, tuple[Part, ...]] = {
    "FI": (Part("22", "Åland", "art. 6(1)(d)"),),
    "ES": (
        Part("35", "De Kanariske Øer", "art. 6(1)(b)"),
        Part("38", "De Kanariske Øer", "art. 6(1)(b)"),
        Part("51", "Ceuta", "art. 6(2)(c)"),
        Part("52", "Melilla", "art. 6(2)(d)"),
    ),
    "DE": (Part("78266", "Büsingen", "art. 6(2)(b)"), Part("27498", "Helgoland", "art. 6(2)(a)")),
    "IT": (
        Part("23041", "Livigno", "art. 6(2)(e)"),
        Part("22061", "Campione d'Italia", "art. 6(1)(f)"),
    ),
    "GR": (Part("63086", "Athos", "art. 6(1)(a)"), Part("63087", "Athos", "art. 6(1)(a)")),
    "FR": (
        Part("97", "Frankrigs oversøiske områder", "art. 6(1)(c)"),
        Part("98", "Frankrigs oversøiske områder", "art. 6(1)(c)"),
    ),
}
# Greenland's postcodes, which no other place in the Kingdom has (ML § 2).
_GREENLAND_POST = "39"
# Monaco's 980 is no overseas area.
_MONACO = "980"


def _towns(names: str) -> frozenset[str]:
    return frozenset(names.split(","))


_GREENLAND = _towns(
    "nuuk,godthaab,nuussuaq,kangerlussuaq,soendrestroemfjord,sisimiut,holsteinsborg,maniitsoq,sukkertoppen,"
    "tasiilaq,ammassalik,kulusuk,alluitsuppaa,qaqortoq,julianehaab,narsaq,nanortalik,narsarsuaq,ikerasassuaq,"
    "kangilinnguit,arsuk,paamiut,frederikshaab,aasiaat,egedesminde,qasigiannguit,christianshaab,ilulissat,"
    "jakobshavn,qeqertarsuaq,godhavn,kangaatsiaq,uummannaq,upernavik,qaarsut,pituffik,thule,qaanaaq,stationnord,"
    "ittoqqortoormiit,scoresbysund,danmarkshavn,constablepynt,sirius"
)
# Towns of the Faroe Islands, as far as no town in Denmark is called so.
_FAROES = _towns(
    "torshavn,thorshavn,argir,kirkjuboeur,velbastadur,velbastad,sydradalur,nordradalur,kaldbak,kaldbaksbotnur,"
    "sund,hvitanes,hoyvik,sandur,skalavik,husavik,dalur,skarvanes,skopun,skuvoy,nolsoy,hestur,koltur,leynar,"
    "skaelingur,kvivik,vestmanna,valur,sandavagur,midvagur,soervagur,vatnsoyrar,boeur,gasadalur,mykines,"
    "oyrarbakki,kollafjoerdur,oyrareingir,signaboeur,hosvik,hvalvik,streymnes,saksun,nesvik,langasandur,"
    "haldarsvik,tjoernuvik,oyri,nordskali,svinair,ljosa,eidi,funningur,gjogv,funningsfjoerdur,elduvik,skali,"
    "skalafjoerdur,strendur,innanglyvur,kolbanargjogv,morskranes,selatrad,goeta,goetugjogv,nordragoeta,"
    "sydrugoeta,leirvik,fuglafjoerdur,saltangara,saltnes,runavik,glyvrar,lambareidi,lambi,rituvik,aeduvik,toftir,"
    "soeldarfjoerdur,skipanes,goetueidi,oyndarfjoerdur,hellur,klaksvik,nordoyri,anir,arnafjoerdur,norddepil,"
    "depil,nordtoftir,muli,hvannasund,vidareidi,svinoy,kirkja,hattarvik,kunoy,haraldssund,sydradalur,husar,"
    "mikladalur,troellanes,tvoeroyri,frodba,trongisvagur,oeravik,hvalba,sandvik,famjin,vagur,nes,lopra,akrar,"
    "porkeri,hov,sumba"
)
_ALSO_DANISH = frozenset(("nes", "hov", "sund", "hestur", "sandvik", "skali", "dalur", "thule", "anir"))
# Prefixes before a postcode, as post uses them; what is not here is a country's ISO code.
_POSTAL = {
    "EL": "GR",
    "UK": "GB",
    "D": "DE",
    "S": "SE",
    "N": "NO",
    "F": "FR",
    "A": "AT",
    "B": "BE",
    "I": "IT",
    "E": "ES",
    "L": "LU",
    "P": "PT",
    "H": "HU",
    "FIN": "FI",
}
_PREFIX = re.compile(r"([A-Z]{1,3})\s?-\s?(?=\d)|([A-Z]{2})\s?(?=\d{3,})")
# Territories that shops write as the country they belong to.
_BELONGS = {"GL": "DK", "FO": "DK", "AX": "FI", "MC": "FR", "XI": "GB", "IM": "GB", "JE": "GB", "GG": "GB"}


@dataclass(frozen=True, slots=True)
class Territory:
    """Where goods go, for VAT: `kind` is "dk", "eu", "world" or "xi" (Northern Ireland), with the reason."""

    kind: str
    country: str
    reason: Text | None = None


def has_address(party: Party) -> bool:
    """Whether a name, a street, a postcode or a town was filled in. A form's country box alone is no address."""
    return any(part.strip() for part in (party.name, party.company, party.street, party.zipcode, party.city))


def destination(order: Order) -> Party:
    """Where the goods go: the delivery address, or the buyer's own where there is none. A shipping method that says
    collected moves no goods to Denmark by itself: see `may_be_collected_here`."""
    where = order.billing
    if has_address(order.delivery):
        where = order.delivery
        if where.country is None and not where.country_text:
            where = replace(where, country=order.billing.country, country_text=order.billing.country_text)
    where = located(where)
    if is_collected(order.shipping_method) and (where.country == "DK" or not (where.country or where.country_text)):
        return Party(country="DK", country_text="Danmark")
    return where


def may_be_collected_here(order: Order) -> bool:
    """Whether an order with an address abroad has a shipping method that says collected: at the shop, and then the
    goods stay in Denmark (ML § 14), or near the customer."""
    return is_collected(order.shipping_method) and destination(order).country != "DK"


def collected_here(order: Order) -> Order:
    """The order with its goods collected at the shop in Denmark."""
    name, company = order.delivery.name or order.billing.name, order.delivery.company
    shop = Party(name, company, street=order.shipping_method, country="DK", country_text="Danmark")
    return replace(order, delivery=shop)


def is_collected_here(order: Order) -> bool:
    """Whether `collected_here` moved the goods."""
    return is_collected(order.shipping_method) and order.delivery.street == order.shipping_method


@lru_cache(REMEMBERED)
def _split(zipcode: str) -> tuple[str, str]:
    """The country that a postcode's prefix names ("" without one), and the postcode in capitals without it, spaces and
    dashes: "FI-22 100" is ("FI", "22100")."""
    written = zipcode.strip().upper()
    match = _PREFIX.match(written)
    prefix = (match[1] or match[2]) if match else ""
    rest = written[match.end() :] if match else written
    return _POSTAL.get(prefix, prefix), "".join(character for character in rest if character.isalnum())


def prefix_contradicts(party: Party) -> str | None:
    """The country that the postcode's prefix names though the address says another one; None for a plain address."""
    country, _ = _split(party.zipcode)
    where = located(party).country
    if not country or where in (None, country) or country not in EU | set(TERRITORIES) or where == "GB":
        return None
    return None if _BELONGS.get(where or "") == country or _BELONGS.get(country) == where else country


def located(party: Party) -> Party:
    """An address in the territory that its postcode names: "FO-100", or 3900 with the country Denmark."""
    country = _country(party.country, party.zipcode, party.city)
    return party if country == party.country else replace(party, country=country)


@lru_cache(REMEMBERED)
def _country(told: str | None, zipcode: str, city: str) -> str | None:
    country, code = _split(zipcode)
    if told == "DK":
        if country in ("GL", "FO"):
            return country
        match = re.match(r"\d+", code)
        digits = match[0] if match else ""
        if country in ("", "DK") and len(digits) == 4 and digits.startswith(_GREENLAND_POST):
            return "GL"
        if country in ("", "DK") and _is_faroese(digits) and (not city.strip() or _town(city) in _FAROES):
            return "FO"
    if (told, country) in (("FI", "AX"), ("FR", "MC"), ("GB", "XI")):
        return country
    return told


def _is_faroese(code: str) -> bool:
    """Three digits: the Faroe Islands' postcodes are 100 to 970, and Denmark's all have four."""
    return len(code) == 3 and code.isdigit() and 100 <= int(code) <= 970


def _town(city: str) -> str:
    return plain(re.sub(r"\d+", "", city))


def doubtful_place(order: Order) -> str | None:
    """Where an address that says Denmark may be instead: "GL" or "FO"; None for a plain one.

    The postcode and the town disagree, or the town alone is in Greenland or in the Faroe Islands.
    """
    where = destination(order)
    if where.country != "DK":
        return None
    _, code = _split(where.zipcode)
    town = _town(where.city)
    if town in _GREENLAND and town not in _ALSO_DANISH:
        return "GL"
    if town in _FAROES and town not in _ALSO_DANISH:
        return "FO"
    return "FO" if _is_faroese(code) else None


def territory(party: Party) -> Territory | None:
    """The territory of an address; None when its country is not known."""
    party = located(party)
    country = party.country
    if country is None:
        return None
    _, code = _split(party.zipcode)
    if country == "XI" or (country == "GB" and re.match(r"(GB|XI)?BT\d", "".join(party.zipcode.upper().split()))):
        return Territory("xi", "GB")
    for part in PARTS.get(country, ()):
        if code.startswith(part.postcode) and not (country == "FR" and code.startswith(_MONACO)):
            return Territory("world", country, Text(_OUTSIDE.message, place=part.place))
    if country == "DK":
        return Territory("dk", country)
    place = TERRITORIES.get(country)
    return Territory("eu" if country in EU else "world", country, place.reason if place else None)
