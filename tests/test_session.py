"""Calls to Dinero: what broke before anything was sent or while the answer came, what an answer means, and waiting."""

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dinero.api import session as calls
from dinero.api.session import Session
from dinero.model.clock import SimulatedClock
from dinero.model.errors import AnswerUnknown, Duplicate, TryLater, Unread
from dinero.store import Store


class Tokens:
    """A token that is always there."""

    def token(self, spend: Callable[[], None]) -> str:
        return "token"

    def renew(self, refused: str, spend: Callable[[], None]) -> str:
        return "token"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


Answer = Callable[[socket.socket, ssl.SSLContext], None]


def breaks_in_the_answer(raw: socket.socket, context: ssl.SSLContext) -> None:
    """Reads the whole request, and answers with what is no TLS."""
    tls = context.wrap_socket(raw, server_side=True)
    read = b""
    while b"\r\n\r\n" not in read or not read.endswith((b"}", b"\r\n\r\n")):
        read += tls.recv(65536)
    with socket.socket(fileno=tls.detach()) as bare:
        bare.sendall(b"this is no record of TLS" * 20)


def breaks_in_the_body(raw: socket.socket, context: ssl.SSLContext) -> None:
    """The same in the middle of an answer that began well."""
    tls = context.wrap_socket(raw, server_side=True)
    tls.recv(65536)
    tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    with socket.socket(fileno=tls.detach()) as bare:
        bare.sendall(b"this is no record of TLS" * 20)


def breaks_in_the_handshake(raw: socket.socket, context: ssl.SSLContext) -> None:
    """Answers the greeting with what is no TLS."""
    raw.recv(65536)
    raw.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.fixture
def serve(certificate: Path) -> Iterator[Callable[[Answer], str]]:
    """Starts a server that answers each connection in a certain way; returns its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listening: list[socket.socket] = []

    def start(answer: Answer) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)

        def run() -> None:
            while True:
                try:
                    raw, _ = server.accept()
                except OSError:
                    return
                try:
                    answer(raw, context)
                except OSError:
                    pass
                finally:
                    raw.close()

        threading.Thread(target=run, daemon=True).start()
        return f"https://127.0.0.1:{server.getsockname()[1]}"

    yield start
    for server in listening:
        server.close()


@pytest.fixture
def session_at(tmp_path: Path, clock: SimulatedClock) -> Callable[[str], Session]:
    store = Store(tmp_path / "data", clock=clock)
    return lambda address: Session(address, Tokens(), store, calls_per_minute=100, clock=clock)


@pytest.mark.parametrize("answer", [breaks_in_the_answer, breaks_in_the_body])
def test_a_write_whose_answer_broke_may_have_been_done(
    serve: Callable[[Answer], str],
    session_at: Callable[[str], Session],
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with pytest.raises(AnswerUnknown):
        session_at(serve(answer)).post("/v1/1/accounts/deposit", {"Number": 55100})


def test_a_read_whose_answer_broke_is_only_trouble(
    serve: Callable[[Answer], str],
    session_at: Callable[[str], Session],
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with pytest.raises(Unread):
        session_at(serve(breaks_in_the_answer)).get("/v1/organizations")


def test_a_write_whose_connection_was_never_made_was_not_done(
    serve: Callable[[Answer], str],
    session_at: Callable[[str], Session],
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with pytest.raises(TryLater) as raised:
        session_at(serve(breaks_in_the_handshake)).post("/v1/1/accounts/deposit", {"Number": 55100})
    assert not isinstance(raised.value, Unread)


def test_a_server_that_can_not_prove_its_name_is_sent_nothing(
    serve: Callable[[Answer], str], session_at: Callable[[str], Session]
) -> None:
    with pytest.raises(TryLater) as raised:
        session_at(serve(breaks_in_the_answer)).post("/v1/1/accounts/deposit", {"Number": 55100})
    assert not isinstance(raised.value, Unread)


# --- what an answer means, and waiting ---------------------------------------------------------------------------


@pytest.fixture
def answer_with(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Dinero's next answers: status, body and headers of each."""

    def prepare(*answers: tuple[int, bytes, dict[str, str]]) -> None:
        left = list(answers)
        monkeypatch.setattr(calls, "exchange", lambda *_, **__: left.pop(0))

    return prepare


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_no_answer_to_a_write(
    session_at: Callable[[str], Session], answer_with: Callable[..., None], status: int
) -> None:
    answer_with((status, b"", {"Location": "https://elsewhere.example/"}))
    with pytest.raises(AnswerUnknown):
        session_at("https://api.example").post("/v1/1/invoices", {})


def test_what_an_error_says_of_one_field_goes_before_what_it_says_in_general(
    session_at: Callable[[str], Session], answer_with: Callable[..., None]
) -> None:
    body = b'{"code": 43, "message": "invalid", "errorMessageList": [{"code": 72, "message": "there already"}]}'
    answer_with((400, body, {}))
    with pytest.raises(Duplicate) as raised:
        session_at("https://api.example").post("/v1/1/invoices", {})
    assert raised.value.code == "72"


def test_a_wait_for_the_budget_is_told_before_it_begins(
    tmp_path: Path, clock: SimulatedClock, answer_with: Callable[..., None]
) -> None:
    told: list[tuple[float, float]] = []
    start = clock.now()

    def on_wait(seconds: float) -> None:
        told.append(((clock.now() - start).total_seconds(), seconds))

    store = Store(tmp_path / "data", clock=clock)
    session = Session("https://api.example", Tokens(), store, calls_per_minute=2, clock=clock, on_wait=on_wait)
    answer_with(*[(200, b"[]", {})] * 3)
    for _ in range(3):
        session.get("/v1/organizations")
    ((at, seconds),) = told
    assert at == 0, "the lease is made longer before the worker sleeps"
    assert 60 < seconds < 61
    assert (clock.now() - start).total_seconds() >= seconds


def test_after_a_429_no_other_worker_calls_before_the_pause_is_over(
    session_at: Callable[[str], Session], answer_with: Callable[..., None], clock: SimulatedClock
) -> None:
    one, other = session_at("https://api.example"), session_at("https://api.example")
    answer_with((429, b"", {"Retry-After": "17"}), (200, b"[]", {}), (200, b"[]", {}))
    start, called = clock.now(), list[float]()

    def meanwhile(seconds: float) -> None:
        one.on_wait = lambda seconds: None
        other.get("/v1/organizations")
        called.append((clock.now() - start).total_seconds())

    one.on_wait = meanwhile
    one.get("/v1/organizations")
    assert called
    assert called[0] >= 17


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_call_in_the_middle_of_a_write_is_refused(
    tmp_path: Path, clock: SimulatedClock, answer_with: Callable[..., None], method: str
) -> None:
    store = Store(tmp_path / "data", clock=clock)
    session = Session("https://api.example", Tokens(), store, calls_per_minute=100, clock=clock)
    answer_with((200, b"[]", {}), (200, b"[]", {}))
    with store.transaction(), pytest.raises(RuntimeError, match="in the middle of a write"):
        getattr(session, method)("/v1/organizations", {})
    assert session.calls == 0
    assert getattr(session, method)("/v1/organizations", {}) == []
