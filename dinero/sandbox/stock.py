"""What the sandbox's shop sells, and names of those who buy it."""

COUNTRIES = {
    1001: ("DK", "Danmark"),
    1002: ("SE", "Sverige"),
    1003: ("DE", "Tyskland"),
    1004: ("NO", "Norge"),
    1005: ("US", "USA"),
    1006: ("GL", "Grønland"),
    1007: ("GB", "Storbritannien"),
}

GATEWAYS = {
    311: ("quickpayv10", "Kort (Clearhaus)"),
    312: ("nets", "Dankort (NETS)"),
    313: ("mobilepay", "MobilePay"),
    314: ("other", "Bankoverførsel"),
}
FIRST = ["Åse", "Søren", "Mette", "Jørgen", "Karen", "Lærke", "Bjørn", "Ida", "Niels", "Øyvind", "Freja", "Anders"]
LAST = ["Ørum", "Jensen", "Østergård", "Nielsen", "Ås", "Kjær", "Møller", "Lund", "Frøslev", "Sørensen", "Bæk"]
STREETS = ["Æblevej", "Nørregade", "Søndergade", "Lærkevej", "Åboulevarden", "Strandvejen", "Møllestien"]

CITIES = [
    ("8000", "Aarhus C"),
    ("2100", "København Ø"),
    ("5000", "Odense C"),
    ("9000", "Aalborg"),
    ("6700", "Esbjerg"),
    ("4600", "Køge"),
    ("3700", "Rønne"),
]

PRODUCTS = [
    ("KOP-01", "Keramikkop", 14950, ()),
    ("VASE-02", "Vase, håndlavet", 39900, (("Farve", ("Hvid", "Sort", "Blå")),)),
    ("SKAAL-03", "Skål", 24900, (("Størrelse", ("S", "M", "L")),)),
    ("LYS-04", "Lysestage", 8900, (("Farve", ("Messing", "Sort")),)),
    ("PLAID-05", "Uldplaid", 69900, (("Farve", ("Grå", "Rød")), ("Størrelse", ("130×170", "140×200")))),
    ("FAD-06", "Serveringsfad", 33335, ()),
    ("TE-07", "Tekande", 52995, ()),
]
WITHOUT_VAT = ("FOR-08", "Foredrag om keramik (momsfrit)", 15000, ())
