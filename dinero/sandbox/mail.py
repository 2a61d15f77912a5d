"""What the books' documents are sent as: e-mail, e-invoice, PDF (facts.md, Dinero 4.26-4.28)."""

from dinero.model.clock import Clock
from dinero.sandbox.payments import Payments
from dinero.sandbox.values import Json, Refusal, flag, guid, invalid, pdf

TAG = "[link-to-pdf]"
SENDER = "ea@example.com"


class Mail(Payments):
    """`mailouts` are by the document's Guid; `e_invoices` is a list."""

    def __init__(self, clock: Clock, *, webshop_account: bool = True) -> None:
        super().__init__(clock, webshop_account=webshop_account)
        self.e_invoices: list[Json] = []
        self.mailouts: dict[str, list[Json]] = {}
        self._template = guid(None, "Id")

    def send_mail(self, document: Json, body: Json) -> Json:
        """Sends a booked document by e-mail (codes 42, 55, 58, 59). Raises Refusal."""
        self._require_undeleted(document)
        if document["Status"] != "Booked":
            raise Refusal(400, 59, "The voucher is not booked")
        self._newest_if_given(document, body)
        message = body.get("message")
        if message and TAG not in message:
            raise invalid("Message", f"must hold {TAG}")
        flag(body, "ShouldAddTrustPilotEmailAsBcc")
        receiver = body.get("receiver") or self.contacts[document["ContactGuid"]]["Email"]
        if not receiver:
            raise Refusal(400, 55, "The receiver has no e-mail")
        template = self.mail_template(document)
        sent = self.mailouts.setdefault(document["Guid"], [])
        sent.append(
            {
                "Id": len(sent) + 1,
                "Date": self._now(),
                "SeenAt": None,
                "Sender": body.get("sender") or SENDER,
                "Receiver": receiver,
                "Subject": body.get("subject") or template["Subject"],
                "Message": message or template["Message"],
                "DownloadCount": 0,
                "PrintCount": 0,
                "Type": "Mailout",
                "Status": "Sent",
                "LatestEvent": None,
                "IsSmsMessage": False,
                "CCToSender": flag(body, "CcToSender"),
                "UpdatedAt": self._now(),
            }
        )
        document |= {"MailOutStatus": "Sent", "LatestMailOutType": "Mailout"}
        self._stamp(document)
        return {"Recipients": [{"Email": address.strip()} for address in receiver.split(",") if address.strip()]}

    def send_pre_reminder(self, document: Json, body: Json) -> None:
        """Reminds of an overdue invoice by e-mail; no reminder is made by it."""
        if document["PaymentStatus"] != "Overdue":
            raise Refusal(400, 45, "The invoice is not overdue")
        self.send_mail(document, body)
        document["LatestMailOutType"] = self.mailouts[document["Guid"]][-1]["Type"] = "PreReminder"

    def mail_template(self, document: Json) -> Json:
        """The e-mail that is sent when nothing else is said."""
        contact = self.contacts.get(document["ContactGuid"] or "", {})
        subject = f"{document['Description']} {self.show(document)['Number']}"
        return {
            "Sender": SENDER,
            "Receiver": contact.get("Email"),
            "Subject": subject,
            "Message": f"Se den her: {TAG}",
            "AddVoucherAsPdfAttachment": self.settings["AddVoucherAsPdfAttachment"],
        }

    def mailouts_of(self, document: Json) -> list[Json]:
        """A document's mail-outs, with UpdatedAt, the oldest first."""
        return self.mailouts.get(document["Guid"], [])

    def send_e_document(self, document: Json, body: Json) -> None:
        """Sends a booked document to the contact's EAN number (codes 56, 57, 59)."""
        if body.get("paymentmeanenum") not in ("Domestic", "International", "FIK"):
            raise invalid("PaymentMeanEnum", "is not valid")
        self._require_undeleted(document)
        if document["Status"] != "Booked":
            raise Refusal(400, 59, "The voucher is not booked")
        self._newest_if_given(document, body)
        contact = self.contacts[document["ContactGuid"]]
        if not contact["EanNumber"]:
            raise Refusal(400, 56, "The receiver has no EAN number")
        person = body.get("attperson") or contact["AttPerson"]
        if not person:
            raise invalid("AttPerson", "is required")
        document |= {"MailOutStatus": "Sent", "LatestMailOutType": "Einvoice"}
        self._stamp(document)
        self.e_invoices.append(
            {"Guid": document["Guid"], "OrderReference": body.get("orderreference"), "AttPerson": person}
        )

    def pdf_of(self, document: Json) -> bytes:
        """A booked document as a PDF; of a draft there is none (59)."""
        self._require_undeleted(document)
        if document["Status"] != "Booked":
            raise Refusal(400, 59, "The voucher is not booked")
        return pdf(f"{document['Description']} {document['Number']}: {document['TotalInclVat']} {document['Currency']}")

    def templates(self) -> list[Json]:
        """The designs of invoices: one, which is the default."""
        return [
            {
                "Id": self._template,
                "Name": "Standard",
                "IsDefault": True,
                "Theme": "Standard",
                "PrimaryColor": "#1d5fa8",
                "SecondaryColor": "#ffffff",
                "AddressPlacement": "Left",
                "Font": "Arial",
                "LogoType": "Letters",
                "LogoText": "Eksempel",
                "LogoFileGuid": None,
                "MaxImageWidthMm": 60,
                "ShowCompanyInfo": True,
                "ShowPaymentConditions": True,
                "ShowLogo": True,
                "ShowLineQuantity": True,
                "ShowLineUnit": True,
                "ImageFileUploadGuid": None,
                "ImageTextColor": None,
            }
        ]
