"""Dinero's API on the sandbox, as any client sees it."""

from typing import Any

import requests

from dinero.sandbox import Sandbox
from dinero.sandbox.connect import API_KEY, PERSONAL_CLIENT_ID, PERSONAL_CLIENT_SECRET

LINE = {
    "BaseAmountValue": 12.35,
    "Quantity": 1,
    "Discount": 0,
    "AccountNumber": 1000,
    "Unit": "parts",
    "Description": "Kop",
    "LineType": "Product",
}


class Caller:
    """Dinero's API as a client sees it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.token = ""
        self.sign_in()

    def sign_in(self) -> None:
        body = {"grant_type": "password", "scope": "read write", "username": API_KEY, "password": API_KEY}
        answer = requests.post(
            f"{self.sandbox.url}/dineroapi/oauth/token",
            body,
            auth=(PERSONAL_CLIENT_ID, PERSONAL_CLIENT_SECRET),
            timeout=10,
        )
        self.token = answer.json()["access_token"]

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        accept: str = "application/json",
        files: Any = None,
        **query: Any,
    ) -> requests.Response:
        return requests.request(
            method,
            self.sandbox.url + path.replace("ORG", "210001"),
            json=body,
            params=query,
            timeout=10,
            files=files,
            headers={"Authorization": f"Bearer {self.token}", "Accept": accept},
        )

    def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        answer = self("GET", path, **query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["Collection"]
        return found

    def contact(self, **changes: Any) -> str:
        body = {
            "Name": "Åse",
            "CountryKey": "DK",
            "IsPerson": True,
            "IsMember": False,
            "UseCvr": False,
            "Email": "aase@example.com",
        }
        answer = self("POST", "/v1/ORG/contacts", body | changes)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["ContactGuid"])

    def draft(self, **changes: Any) -> dict[str, Any]:
        body = {"ContactGuid": self.contact(), "ProductLines": [LINE], "ShowLinesInclVat": True}
        answer = self("POST", "/v1/ORG/invoices", body | changes)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def booked(self, **changes: Any) -> dict[str, Any]:
        draft = self.draft(**changes)
        answer = self("POST", f"/v1/ORG/invoices/{draft['Guid']}/book", {"Timestamp": draft["TimeStamp"]})
        found: dict[str, Any] = answer.json()
        return found


def error(answer: requests.Response) -> tuple[int, int]:
    return answer.status_code, answer.json()["code"]
