"""The books' archive of files (facts.md, Dinero 2.18; API-NOTES)."""

import secrets
from email.parser import BytesParser
from email.policy import HTTP

from dinero.model.clock import Clock
from dinero.sandbox.entries import Entries
from dinero.sandbox.values import Json, Refusal

MAX_BYTES = 6 * 1024 * 1024
EXTENSIONS = ("pdf", "png", "jpg", "jpeg", "gif", "tif", "tiff", "webp")


class FileRefused(Exception):
    """A file that Dinero does not take: 400 with a plain text, other than all else."""


class Files(Entries):
    """`files` by their Guid, which is a plain text and no UUID; `_content` is what was uploaded."""

    def __init__(self, clock: Clock, *, webshop_account: bool = True) -> None:
        super().__init__(clock, webshop_account=webshop_account)
        self.files: dict[str, Json] = {}

    def upload(self, content_type: str, body: bytes, *, archived: bool) -> Json:
        """Keeps the part `file` of a form; the OpenAPI document writes its type multipart/formdata. Raises
        FileRefused or Refusal."""
        if not content_type.lower().startswith(("multipart/form-data", "multipart/formdata")):
            raise Refusal(400, 44, "The body must be a form with a file")
        form = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
        parts = [part for part in form.iter_parts() if part.get_param("name", header="content-disposition") == "file"]
        if not parts:
            raise Refusal(400, 42, "Validation Error", validation={"file": "is required"})
        name = parts[0].get_filename() or "file"
        content = parts[0].get_payload(decode=True)
        extension = name.rpartition(".")[2].lower()
        if not isinstance(content, bytes) or len(content) > MAX_BYTES:
            raise FileRefused("The file is larger than 6 MB")
        if extension not in EXTENSIONS:
            raise FileRefused("The file is neither an image nor a PDF")
        number = secrets.token_hex(16)
        self.files[number] = {
            "FileGuid": number,
            "Name": name,
            "Extension": extension,
            "Size": len(content),
            "UploadedAt": self._now(),
            "Note": None,
            "NumberOfPages": None,
            "UploadedBy": None,
            "_content": content,
            "_archived": archived,
        }
        return {"FileGuid": number}

    def file(self, number: str) -> bytes:
        """What was uploaded under a Guid; unknown is 404."""
        if number not in self.files:
            raise Refusal(404, 40, "File not found")
        content: bytes = self.files[number]["_content"]
        return content

    def archive(self) -> list[Json]:
        """The files in the archive, with the vouchers that use them, the newest first."""
        used = [("ledger", *pair) for pair in self.ledger_items.items()]
        used += [("voucher", *pair) for pair in self.vouchers.items()]
        return [
            {name: value for name, value in found.items() if not name.startswith("_")}
            | {
                "Linked": [
                    {"VoucherId": place, "VoucherGuid": number, "LinkedAt": None}
                    for place, (_, number, voucher) in enumerate(used, 1)
                    if voucher["FileGuid"] == found["FileGuid"]
                ]
            }
            for found in reversed(self.files.values())
            if found["_archived"]
        ]
