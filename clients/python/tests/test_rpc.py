"""The JSON-RPC client against answers that are made up."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from landsea import (
    CODEC,
    BusyError,
    Client,
    ForbiddenError,
    HeightError,
    Identity,
    ProtocolError,
    QuotaExceededError,
    RefusedError,
    RpcError,
    SecretKey,
    TransportError,
    UnauthenticatedError,
    WaitTimeoutError,
    WrongNodeError,
)
from landsea.crypto import sign_bytes, verify_strict

STATUS = {"chain_id": "22" * 32, "member": 3, "height": 10}
IDENTITY = Identity("11" * 32, SecretKey(b"i" * 32), 1)


def client(answer: Callable[[dict[str, Any], str], Any], identity: Identity | None = None, member: int | None = None) -> Client:
    """A client whose node answers every request (its JSON, its token) with a result, an error object or a whole response."""

    def handle(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        given = answer(asked, request.headers.get("authorization", ""))
        if isinstance(given, httpx.Response):
            return given
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": asked["id"], **given})

    return Client("http://node", identity, httpx.Client(transport=httpx.MockTransport(handle)), member)


def failing(code: int) -> Client:
    return client(lambda asked, token: {"error": {"code": code, "message": "words", "data": {"next": "do this"}}})


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (5001, RefusedError),
        (-32001, UnauthenticatedError),
        (-32002, ForbiddenError),
        (-32003, BusyError),
        (-32004, WaitTimeoutError),
        (-32005, HeightError),
        (-32012, QuotaExceededError),
        (-32013, WaitTimeoutError),
        (-32601, ProtocolError),
    ],
)
def test_an_error_is_raised_as_who_must_react_with_what_the_node_said_beside_it(code: int, error: type[RpcError]) -> None:
    with pytest.raises(error, match="words") as raised:
        failing(code).status()
    assert type(raised.value) is error and raised.value.data == {"next": "do this"}


def test_a_refusal_names_the_ledgers_code() -> None:
    with pytest.raises(RefusedError) as refused:
        failing(1003).status()
    assert (refused.value.code, refused.value.name) == (1003, "TRANSACTION_EXPIRED")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>", b'{"error":1}', b'{"error":{"code":"x","message":""}}', b'{"result":[]}'])
def test_an_answer_that_is_none_is_a_protocol_error(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        client(lambda asked, token: httpx.Response(200, content=body)).status()


def test_a_node_that_refuses_the_connection_or_is_overloaded_says_so() -> None:
    def unreachable(asked: dict[str, Any], token: str) -> Any:
        raise httpx.ConnectError("refused")

    with pytest.raises(TransportError, match="refused"):
        client(unreachable).status()
    for status in (429, 503):
        with pytest.raises(BusyError):
            client(lambda asked, token, status=status: httpx.Response(status)).status()  # type: ignore[misc]


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landsea.rpc.RESPONSE_BYTES_MAX", 100)
    with pytest.raises(ProtocolError, match="longer than 100"):
        client(lambda asked, token: {"result": {"long": "x" * 200}}).status()


def test_parameters_that_are_not_stated_are_left_out() -> None:
    asked_for: list[Any] = []

    def answer(asked: dict[str, Any], token: str) -> Any:
        asked_for.append(asked["params"])
        return {"result": None}

    assert client(answer).document(doc="aa") is None
    assert asked_for == [{"doc": "aa"}]


def test_a_token_is_signed_for_one_chain_and_member_and_renewed_once_when_the_node_refuses_it() -> None:
    tokens: list[bytes] = []

    def answer(asked: dict[str, Any], token: str) -> Any:
        if asked["method"] == "status" and not token:
            return {"result": STATUS}
        tokens.append(bytes.fromhex(token.removeprefix("Bearer ")))
        return {"error": {"code": -32001, "message": "no"}} if len(tokens) % 2 else {"result": []}

    node = client(answer, IDENTITY)
    assert node.lots("aa") == []
    assert len(tokens) == 2
    for token in tokens:
        body, signature = token[:-64], token[-64:]
        assert verify_strict(IDENTITY.secret.public, sign_bytes("token", b"\x22" * 32, body), signature)
        account, index, key, member, _ = CODEC.decode({"tuple": ["AccountId", "u16", "PublicKey", "Member", "Timestamp"]}, body)
        assert (account, index, key, member) == (IDENTITY.account, 1, IDENTITY.secret.public.hex(), 3)
    always = client(lambda asked, token: {"error": {"code": -32001, "message": "no"}} if token else {"result": STATUS}, IDENTITY)
    with pytest.raises(UnauthenticatedError):
        always.lots("aa")


def test_a_node_that_calls_itself_another_members_than_is_meant_is_refused_and_gets_no_token() -> None:
    heard: list[tuple[str, str]] = []

    def answer(asked: dict[str, Any], token: str) -> Any:
        heard.append((asked["method"], token))
        return {"result": STATUS if asked["method"] == "status" else []}

    for identity in (IDENTITY, None):
        node = client(answer, identity, member=2)
        for call in (node.status, lambda node=node: node.lots("aa")):
            with pytest.raises(WrongNodeError, match="member 3, and member 2 is meant"):
                call()
    assert heard == [("status", "")] * 4
    assert client(answer, IDENTITY, member=3).lots("aa") == []
    assert heard[-1][1] != ""


def test_a_node_whose_member_was_not_named_is_held_to_its_first_answer() -> None:
    said, audiences = dict(STATUS), list[int]()

    def answer(asked: dict[str, Any], token: str) -> Any:
        if not token:
            return {"result": said}
        audiences.append(bytes.fromhex(token.removeprefix("Bearer "))[66])
        return {"result": said} if asked["method"] == "status" else {"error": {"code": -32001, "message": "no"}}

    node = client(answer, IDENTITY)
    assert node.status()["member"] == 3
    for other, why in (({"member": 4}, "member 4, and member 3 is meant"), ({"member": 3, "chain_id": "33" * 32}, "and was one of chain")):
        said.update(other)
        with pytest.raises(UnauthenticatedError):
            node.lots("aa")
        with pytest.raises(WrongNodeError, match=why):
            node.status()
    assert set(audiences) == {3} and len(audiences) == 7


def test_a_status_that_names_no_member_is_no_answer() -> None:
    for status in ("[]", "{}", "null"):
        body = f'{{"jsonrpc":"2.0","id":1,"result":{status}}}'.encode()
        with pytest.raises(ProtocolError):
            client(lambda asked, token, body=body: httpx.Response(200, content=body), IDENTITY).lots("aa")  # type: ignore[misc]


def test_a_draft_is_the_identitys_own_and_ends_some_heights_from_now() -> None:
    draft = client(lambda asked, token: {"result": STATUS}, IDENTITY).draft(heights=7)
    assert (draft.chain_id, draft.sender, draft.valid_until) == (STATUS["chain_id"], IDENTITY.account, 17)
    with pytest.raises(UnauthenticatedError):
        client(lambda asked, token: {"result": STATUS}).draft()
