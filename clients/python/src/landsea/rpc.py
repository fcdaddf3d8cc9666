"""The JSON-RPC client: typed calls over HTTP, tokens attached and renewed by themselves.

Every call raises one of the errors below, split by who must do something about it. Answers have the JSON shape of the node's.
"""

import itertools
import json
import threading
from typing import Any, Self

import httpx

from .certificate import PaperEvidence, Trust, VerifyError, as_asked, now_ms, verify_answer
from .codec import CODEC
from .crypto import sign_bytes, unhex
from .fingerprint import Paper
from .genesis import Genesis
from .keys import Identity
from .transaction import VALID_HEIGHTS, Draft, SignedTransaction
from .verdict import Verification

TOKEN_MS = 10 * 60 * 1000
TOKEN_MARGIN_MS = 60 * 1000
TIMEOUT_S = 120.0
# The age up to which an answer counts as fresh, unless the caller says otherwise.
FRESH_MS = 60 * 60 * 1000
RESPONSE_BYTES_MAX = 32 * 1024 * 1024
_CODES: dict[int, tuple[str, str]] = {number: (name, meaning) for number, name, meaning in CODEC.constants["codes"]}
_TOKEN = {"tuple": ["AccountId", "u16", "PublicKey", "Member", "Timestamp"]}

Json = dict[str, Any]


class RpcError(Exception):
    """A call that gave no answer. `data` is what the node said beside its message."""

    def __init__(self, message: str, data: Any = None) -> None:
        """Keeps the node's words."""
        super().__init__(message)
        self.data = data


class RefusedError(RpcError):
    """The ledger refuses the transaction or question before it is queued; the sender must change it. `code` is stable."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        """`code` is one of the ledger's."""
        super().__init__(message, data)
        self.code = code
        self.name, self.meaning = _CODES.get(code, ("UNKNOWN_CODE", "a code that this client does not know"))


class UnauthenticatedError(RpcError):
    """No token, or one that the node does not accept: name the identity, ask the party's own branch, check the clock."""


class ForbiddenError(RpcError):
    """The caller may not ask this."""


class BusyError(RpcError):
    """The node has too much to do: send the same bytes again in a moment."""


class QuotaExceededError(BusyError):
    """The caller has asked for more than its quota lately: wait `data["retry_after_ms"]`, then send the same again."""


class WaitTimeoutError(RpcError):
    """The transaction was queued but not committed in time: ask `transaction`, or send the same bytes again."""


class HeightError(RpcError):
    """The height is pruned or not reached."""


class TransportError(RpcError):
    """The node cannot be reached."""


class ProtocolError(RpcError):
    """The node answers something that this client does not understand, or did not understand the request."""


class WrongNodeError(RpcError):
    """The node calls itself another member's, or another chain's, than it was taken for: no token was signed for that one."""


class OtherAnswerError(RpcError):
    """The certificate or ticket is about something else than was asked, or older: the node, or who stands between, lies or is broken."""


_OWN_ERRORS: dict[int, type[RpcError]] = {
    -32001: UnauthenticatedError,
    -32002: ForbiddenError,
    -32003: BusyError,
    -32004: WaitTimeoutError,
    -32005: HeightError,
    -32012: QuotaExceededError,
    -32013: WaitTimeoutError,
}


def token(identity: Identity, chain_id: str, member: int, not_after: int) -> str:
    """What a caller sends as `Authorization: Bearer`: it shows who asks, on one chain, to one member's node, until a time."""
    body = CODEC.encode(_TOKEN, [identity.account, identity.key, identity.secret.public.hex(), member, not_after])
    return (body + identity.secret.sign(sign_bytes("token", unhex(chain_id, 32), body))).hex()


class Client:
    """A connection to one node, for anybody or, with an identity, as a party. Safe to use from several threads."""

    def __init__(self, url: str, identity: Identity | None = None, http: httpx.Client | None = None, member: int | None = None) -> None:
        """Prepares calls to `http://HOST:PORT` or `https://..`; nothing is sent yet. `http` brings its own TLS settings or proxies.

        `member` is the member whose node is meant; a node that calls itself another is refused. Without it the first answer is
        believed for the life of the client, which is safe only where the connection itself shows who answers (TLS with a known
        certificate, this computer): a token is signed for one member, and whoever poses as the node could otherwise have it signed
        for any other and use it there.
        """
        self.url, self.identity, self.member = url.rstrip("/"), identity, member
        self._http = http or httpx.Client(timeout=TIMEOUT_S)
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._home: tuple[str, int] | None = None
        self._token: tuple[str, int] | None = None

    def __enter__(self) -> Self:
        """The client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes its connections."""
        self._http.close()

    def call(self, method: str, **params: Any) -> Any:
        """Calls any method with its parameters by name; those that are `None` are left out."""
        stated = {name: value for name, value in params.items() if value is not None}
        try:
            return self._request(method, stated, self._headers())
        except UnauthenticatedError:
            if self.identity is None:
                raise
            self._token = None
            return self._request(method, stated, self._headers())

    def _request(self, method: str, params: Json, headers: dict[str, str]) -> Any:
        request = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        try:
            with self._http.stream("POST", self.url, json=request, headers=headers) as response:
                body = b""
                for part in response.iter_bytes():
                    body += part
                    if len(body) > RESPONSE_BYTES_MAX:
                        raise ProtocolError(f"{method}: the answer is longer than {RESPONSE_BYTES_MAX} bytes")
        except httpx.HTTPError as error:
            raise TransportError(f"cannot reach the node at {self.url}: {error}") from error
        if response.status_code in (429, 503):
            raise BusyError(f"{method}: HTTP {response.status_code}")
        try:
            answer = json.loads(body)
            if "error" not in answer:
                return answer["result"]
            error_ = answer["error"]
            number, message, data = int(error_["code"]), str(error_["message"]), error_.get("data")
        except (ValueError, TypeError, KeyError):
            raise ProtocolError(f"{method}: the answer (HTTP {response.status_code}) is no JSON-RPC") from None
        if number in _CODES:
            raise RefusedError(number, message, data)
        raise _OWN_ERRORS.get(number, ProtocolError)(f"{method}: {message}", data)

    def _headers(self) -> dict[str, str]:
        if self.identity is None and self.member is None:
            return {}
        with self._lock:
            home = self._learn_home()
            if self.identity is None:
                return {}
            if self._token is None or self._token[1] - now_ms() < TOKEN_MARGIN_MS:
                not_after = now_ms() + TOKEN_MS
                self._token = token(self.identity, *home, not_after), not_after
            return {"authorization": f"Bearer {self._token[0]}"}

    def _learn_home(self) -> tuple[str, int]:
        """Whose node it is on which chain: asked once, compared with the member that is meant, and kept."""
        if self._home is None:
            self._home = self._checked(self._request("status", {}, {}), None, self.member)
        return self._home

    def _checked(self, status: Any, chain: str | None, member: int | None) -> tuple[str, int]:
        try:
            said: tuple[str, int] = status["chain_id"], status["member"]
        except (TypeError, KeyError):
            raise ProtocolError("status: the answer names no chain or no member") from None
        if member is not None and said[1] != member:
            raise WrongNodeError(f"{self.url} calls itself the node of member {said[1]}, and member {member} is meant")
        if chain is not None and said[0] != chain:
            raise WrongNodeError(f"{self.url} calls itself a node of chain {said[0]}, and was one of chain {chain}")
        return said

    # Transactions

    def draft(self, heights: int = VALID_HEIGHTS) -> Draft:
        """An empty draft of this identity, valid within so many heights of the node's newest block."""
        if self.identity is None:
            raise UnauthenticatedError("no identity was named, and a draft needs its sender")
        status = self.status()
        return Draft(status["chain_id"], self.identity.account, valid_until=status["height"] + heights)

    def submit(self, transaction: SignedTransaction) -> Json:
        """Queues a transaction; the answer ACCEPTED is not durable."""
        return self._object("submit", transaction=transaction.encoded.hex())

    def submit_and_wait(self, transaction: SignedTransaction) -> Json:
        """Submits and waits for the commit. A refusal in the block is no error here: see `code` and `code_name` of the answer."""
        return self._object("submit_and_wait", transaction=transaction.encoded.hex())

    def submit_batch(self, transactions: list[SignedTransaction]) -> list[Json]:
        """Queues transactions; one answer each, in their order. What is wrong with one of them is in its own answer."""
        return self._list("submit_batch", transactions=[t.encoded.hex() for t in transactions])

    def simulate(self, transaction: SignedTransaction) -> Json:
        """The code that a transaction would get now."""
        return self._object("simulate", transaction=transaction.encoded.hex())

    def transaction(self, id_: str) -> Json | None:
        """A committed transaction with its outcome."""
        return self._maybe("transaction", id=id_)

    # Reading

    def status(self) -> Json:
        """The node's chain, member, height, peers and load; it must call itself what it did before."""
        status = self._object("status")
        if self._home is not None:
            self._checked(status, *self._home)
        return status

    def header(self, height: int) -> Json | None:
        """The header of a height."""
        return self._maybe("header", height=height)

    def document(self, doc: str | None = None, fingerprint: str | None = None) -> Json | None:
        """A document by its id or its fingerprint."""
        return self._maybe("document", doc=doc, fingerprint=fingerprint)

    def lots(self, doc: str, after: str | None = None, limit: int | None = None) -> list[Json]:
        """The lots of a document, in its order."""
        return self._list("lots_by_doc", doc=doc, after=after, limit=limit)

    def pledge(self, id_: str) -> Json | None:
        """A pledge, as far as the caller may know it."""
        return self._maybe("pledge", pledge=id_)

    def party(self, account: str) -> Json | None:
        """A party, as far as the caller may know it."""
        return self._maybe("party", party=account)

    # Papers and certificates

    def derive(self, request: Json) -> Json:
        """`{ticket, query_ticket}` for raw fingerprints; only the caller's own branch answers."""
        return self._object("fingerprint_derive", **request)

    def certificate(self, question: Json, height: int | None = None, max_age_ms: int | None = FRESH_MS) -> Json:
        """The certificate that answers a question such as `{"question": "not_pledged", "fp1": ..}`, of the newest height or a named one.

        Verify it before you believe it, or ask `proven`. Raises `OtherAnswerError` for one that answers another question, is of another
        height or, where none was named, is older than `max_age_ms` (any age with `None`).
        """
        try:
            certificate = as_asked(self._certificate(question, height), question, height)
        except VerifyError as error:
            raise OtherAnswerError(f"certificate: {error}") from None
        age = now_ms() - certificate["header"]["time"]
        if height is None and max_age_ms is not None and age > max_age_ms:
            raise OtherAnswerError(f"certificate: the newest one is {age} ms old, at most {max_age_ms} are accepted")
        return certificate

    def proven(
        self,
        question: Json,
        genesis: Genesis,
        *,
        height: int | None = None,
        max_age_ms: int | None = FRESH_MS,
        pinned: Json | None = None,
        paper: PaperEvidence | None = None,
    ) -> tuple[Json, Verification]:
        """A certificate and what it proves: INVALID when it answers something else than was asked, STALE when it is old.

        `max_age_ms` concerns answers of the newest height; one of a named height may have any age.
        """
        certificate = self._certificate(question, height)
        trust = Trust(genesis, max_age_ms if height is None else None, pinned)
        return certificate, verify_answer(certificate, question, trust, height=height, paper=paper)

    def proven_for_paper(
        self,
        paper: Paper,
        genesis: Genesis,
        *,
        opening: Json | None = None,
        question: str = "not_pledged",
        height: int | None = None,
        max_age_ms: int | None = FRESH_MS,
        pinned: Json | None = None,
    ) -> tuple[Json, Verification]:
        """The certificate about a paper in hand and what it proves, with the paper as evidence: see `is_free_for_this_paper`.

        `opening` is the issuer's disclosure, which the bearer hands over; without it no registered document is shown to be this paper.
        Every field that it opens is compared with the paper's; a field that it does not open is not shown.
        """
        ticket = self._tickets(paper)["query_ticket"]
        evidence = PaperEvidence(ticket, opening, paper.fields)
        asked = {"question": question, "fp1": ticket["body"]["fp1"]}
        return self.proven(asked, genesis, height=height, max_age_ms=max_age_ms, pinned=pinned, paper=evidence)

    def certificate_for_paper(self, paper: Paper, question: str = "not_pledged", height: int | None = None) -> tuple[Json, Json]:
        """The certificate about a paper in hand, and the query ticket that ties the paper to it."""
        query_ticket = self._tickets(paper)["query_ticket"]
        return self.certificate({"question": question, "fp1": query_ticket["body"]["fp1"]}, height), query_ticket

    def document_for_paper(self, paper: Paper) -> tuple[Json | None, Json]:
        """The registered document that a paper in hand is, if there is one, and its derive ticket."""
        ticket = self._tickets(paper)["ticket"]
        return self.document(fingerprint=ticket["body"]["fp1"]), ticket

    def _certificate(self, question: Json, height: int | None) -> Any:
        CODEC.encode("Question", question)
        return self.call("certificate", question=question, height=height)

    def _tickets(self, paper: Paper) -> Json:
        """Both tickets, which must be about the paper that was asked about."""
        derived = self.derive(paper.derive_request())
        try:
            query, derive = derived["query_ticket"]["body"], derived["ticket"]["body"]
            same = query["raw1"] == paper.fp1.hex() and query["fp1"] == derive["fp1"]
        except (TypeError, KeyError):
            same = False
        if not same:
            raise OtherAnswerError("fingerprint_derive: the tickets are about another paper than was asked about")
        return derived

    def _object(self, method: str, **params: Any) -> Json:
        answer = self.call(method, **params)
        if not isinstance(answer, dict):
            raise ProtocolError(f"{method}: expected an object")
        return answer

    def _maybe(self, method: str, **params: Any) -> Json | None:
        answer = self.call(method, **params)
        if answer is not None and not isinstance(answer, dict):
            raise ProtocolError(f"{method}: expected an object or null")
        return answer

    def _list(self, method: str, **params: Any) -> list[Json]:
        answer = self.call(method, **params)
        if not isinstance(answer, list):
            raise ProtocolError(f"{method}: expected a list")
        return answer
