"""From a paper to its fingerprints: one document, one identity.

A `Paper` reads one flat JSON object, the document as a firm's own system knows it, and normalises every field. Only raw fingerprints
leave the firm (`derive_request`); its branch applies the network key and signs tickets. The content root commits to all fields, and
`open_identity` discloses those that make the identity.
"""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from struct import pack
from typing import Any

from blake3 import blake3

from .codec import CODEC
from .crypto import hash_bytes, unhex
from .keys import write_private
from .normalise import NormaliseError, is_locode, normalise, quantity

RULES = 1
DOMAIN = b"landsea/fp/v1"
ZERO = bytes(32)
CONTENT_FIELDS_MAX = 256

KINDS: dict[str, int] = {name: number for number, name in CODEC.constants["kinds"]}
KIND_NAMES = {number: name for name, number in KINDS.items()}

# Field numbers and their names in JSON; `parties`, the skeleton and the bucket are computed.
FIELDS = {
    "number": 1, "issue_date": 2, "issuer": 3, "country": 4, "departure_station": 5, "departure_date": 6, "train": 7, "version": 8,
    "consignor": 10, "consignee": 11, "buyer": 12, "parties": 13, "containers": 20, "wagons": 21, "seals": 22, "vins": 23,
    "batches": 24, "ssccs": 25, "meat_lots": 26, "certificates": 27, "brand": 28, "packages": 30, "gross_weight": 31, "hs": 32,
    "quantity": 33, "destination": 40, "destination_country": 41, "site": 50, "depositor": 51, "inbound_date": 52, "cells": 53,
    "quality_certificate": 54, "national_code": 55, "arrived_in": 56, "contract_number": 60, "invoice_number": 61, "amount": 62,
    "transport_document": 63, "aggregate": 64, "party": 70, "skeleton": 0x8001, "bucket": 0x8002,
}  # fmt: skip
FIELD_NAMES = {number: name for name, number in FIELDS.items()}

_TEXTS = (
    "number issue_date issuer country departure_station departure_date train version consignor consignee buyer brand packages "
    "gross_weight quantity destination destination_country site depositor inbound_date quality_certificate national_code "
    "contract_number invoice_number amount transport_document aggregate"
).split()
_SETS = "containers wagons seals vins ssccs certificates hs cells".split()
_LEG_NOTES = frozenset({"LEG_NOTE_CN", "LEG_NOTE_SMGS", "LEG_NOTE_CIM"})
_TRANSPORT = _LEG_NOTES | {"MTD", "NCD", "RAIL_BL", "OBL", "HOUSE_BILL"}
_LEDGER = _TRANSPORT | {"WHR"}
_RECEIPT_ONLY = frozenset("site depositor inbound_date cells quality_certificate national_code arrived_in".split())
_NOT_ON_RECEIPT = frozenset({"wagons", "train", "departure_date"})
_CLASSES = {
    "issuer": "PARTY", "country": "COUNTRY", "destination_country": "COUNTRY", "departure_station": "PLACE", "destination": "PLACE",
    "issue_date": "DATE", "departure_date": "DATE", "inbound_date": "DATE", "consignor": "TRADER", "buyer": "TRADER",
    "depositor": "TRADER", "consignee": "CONSIGNEE", "containers": "CONTAINER", "wagons": "WAGON", "vins": "VIN", "ssccs": "SSCC",
    "packages": "COUNT", "gross_weight": "QTY", "quantity": "QTY", "hs": "HS", "cells": "CELL", "amount": "MONEY",
}  # fmt: skip
_IDENTITY = {
    "LEG_NOTE_CN": "number issue_date issuer departure_station",
    "LEG_NOTE_SMGS": "number issue_date issuer departure_station",
    "LEG_NOTE_CIM": "number issue_date issuer country departure_station",
    "WHR": "number issue_date issuer site",
    "OBL": "number issuer",
    "POLICY": "number issuer",
    "ORIGIN": "number issuer",
    "DECLARATION": "number",
    "E_INVOICE": "number",
    "INVOICE": "number issue_date consignor",
    "PACKING_LIST": "number issue_date consignor",
    "CONTRACT": "number issue_date parties",
}
_CONTENT_RECEIPT = "vins batches ssccs meat_lots certificates hs quantity site depositor inbound_date".split()
_CONTENT_TRANSPORT = "consignor consignee containers wagons vins batches packages gross_weight hs destination".split()
_NEAR_TRANSPORT = (
    "departure_date containers", "consignor hs bucket", "issuer skeleton", "consignor consignee packages", "seals",
    "departure_date wagons", "packages gross_weight hs", "containers destination",
)  # fmt: skip
_NEAR_RECEIPT = (
    "site cells", "hs quantity depositor", "batches", "site skeleton", "quantity inbound_date", "brand quantity",
    "quality_certificate", "national_code",
)  # fmt: skip
_GROSS_BUCKET_THOUSANDTHS = 100_000
_GOODS_CLASSES = {"C": "containers", "V": "vins", "B": "batches", "P": "ssccs", "M": "meat_lots"}

Value = str | list[str]
GoodsKey = tuple[str, bytes]


class PaperError(ValueError):
    """A paper from which no fingerprint can be derived, or a disclosure that does not open. Names the field, never its value."""


def family(kind: str) -> int:
    """The number that enters a fingerprint: kinds of one family share their fingerprints."""
    if kind in ("MTD", "NCD", "RAIL_BL"):
        return KINDS["MTD"]
    return KINDS["LEG_NOTE_CN"] if kind in _LEG_NOTES else KINDS[kind]


def identity_fields(kind: str) -> list[int]:
    """The numbers of the fields whose combination is the identity (fp1) of a kind, ascending."""
    return [FIELDS[name] for name in _IDENTITY.get(kind, "number issue_date issuer").split()]


def _raw(family_number: int, layer: int, fields: Iterable[tuple[int, bytes]]) -> bytes:
    """BLAKE3 of the borsh encoding of {domain, kind, layer, fields}."""
    ordered = sorted(fields)
    if len({number for number, _ in ordered}) != len(ordered):
        raise PaperError("the fields are not in strictly ascending order")
    parts = [pack("<I", len(DOMAIN)), DOMAIN, pack("<HBI", family_number, layer, len(ordered))]
    for number, value in ordered:
        parts += [pack("<HI", number, len(value)), value]
    return hash_bytes(*parts)


def _encoded(value: Value) -> bytes:
    """A text as its UTF-8 bytes, a set as its count and its elements."""
    if isinstance(value, str):
        return value.encode()
    elements = sorted(text.encode() for text in value)
    return pack("<I", len(elements)) + b"".join(pack("<I", len(e)) + e for e in elements)


def goods_key(cls: str, normalised: str) -> GoodsKey:
    """The raw goods key of a normalised value: its class letter and its hash."""
    return cls, hash_bytes(b"gk/v1/", cls.encode(), normalised.encode())


def raw_fp1_from_fields(kind: str, fields: Sequence[tuple[int, bytes]]) -> bytes:
    """Recomputes the raw identity from disclosed normalised fields; `PaperError` when one is missing or given twice."""
    wanted = identity_fields(kind)
    for number in wanted:
        if all(known != number for known, _ in fields):
            raise PaperError(f"a document of kind {kind} needs the field `{FIELD_NAMES[number]}`")
    return _raw(family(kind), 1, [(number, value) for number, value in fields if number in wanted])


def party_raw(uscc_or_lei: str) -> bytes:
    """The raw fingerprint of a firm by its USCC or LEI."""
    return _raw(KINDS["PARTY"], 1, [(FIELDS["party"], normalise("PARTY", uscc_or_lei, "party").encode())])


def site_raw(code: str) -> bytes:
    """The raw fingerprint of a warehouse site by its licence number or national code."""
    return _raw(KINDS["SITE"], 1, [(FIELDS["site"], normalise("DOCNO", code, "site").encode())])


def single_request(kind: str, raw: bytes) -> dict[str, Any]:
    """The request for the fingerprint of a firm (`PARTY`) or a site (`SITE`)."""
    return _request(kind, raw, ZERO, [ZERO] * 8, [], [])


def _request(
    kind: str, fp1: bytes, fp2: bytes, near: Sequence[bytes], goods: Sequence[GoodsKey], arrival: Sequence[GoodsKey]
) -> dict[str, Any]:
    return {
        "kind": KINDS[kind],
        "rules": RULES,
        "fp1": fp1.hex(),
        "fp2": fp2.hex(),
        "near": [raw.hex() for raw in near],
        "goods_keys": [[cls, raw.hex()] for cls, raw in goods],
        "arrival_keys": [[cls, raw.hex()] for cls, raw in arrival],
    }


class _Reader:
    """Normalises the fields that a document states, without asking which it needs."""

    def __init__(self, kind: str, document: dict[str, Any]) -> None:
        self.kind, self.document = kind, document
        self.fields: dict[str, Value] = {}

    def read(self) -> dict[str, Value]:
        for name in _TEXTS:
            if (text := self.document.get(name)) is not None:
                self.fields[name] = self.text(name, self.class_of(name), text)
        for name in _SETS:
            self.add_set(name, [self.text(name, self.class_of(name), t) for t in self.list_of(name)])
        self.add_set("batches", [self.batch(b) for b in self.list_of("batches")])
        self.add_set("meat_lots", [self.meat_lot(lot) for lot in self.list_of("meat_lots")])
        if (arrived := self.document.get("arrived_in")) is not None:
            self.add_set("arrived_in", self.arrivals(arrived))
        self.add_computed()
        return self.fields

    def class_of(self, name: str) -> str:
        if name == "number" and self.kind in ("DECLARATION", "E_INVOICE"):
            return "CUSTOMS" if self.kind == "DECLARATION" else "E_INVOICE"
        if name == "issuer" and (self.kind in _LEG_NOTES or self.kind in ("OBL", "ORIGIN")):
            return "ISSUER_CODE"
        return _CLASSES.get(name, "DOCNO")

    def check_applicable(self, name: str) -> None:
        is_receipt = self.kind == "WHR"
        if (name in _RECEIPT_ONLY and not is_receipt) or (name in _NOT_ON_RECEIPT and is_receipt):
            raise PaperError(f"a document of kind {self.kind} has no field `{name}`")

    def text(self, name: str, cls: str, text: Any) -> str:
        self.check_applicable(name)
        return self.part(name, cls, text)

    def part(self, name: str, cls: str, text: Any) -> str:
        if not isinstance(text, str):
            raise PaperError(f"the field `{name}` must be text" + (" or a whole number" if name == "packages" else ""))
        value = normalise(cls, text, name, self.document.get("date_order"))
        if name == "gross_weight" and not value.startswith("KGM"):
            raise NormaliseError("UnknownUnit", "the unit of measure is absent or unknown", name, cls)
        return value

    def list_of(self, name: str) -> list[Any]:
        value = self.document.get(name, [])
        if not isinstance(value, list):
            raise PaperError(f"the field `{name}` must be a list")
        return value

    def add_set(self, name: str, texts: list[str]) -> None:
        if texts:
            self.check_applicable(name)
            self.fields[name] = sorted(set(texts))

    def missing(self, name: str) -> PaperError:
        return PaperError(f"a document of kind {self.kind} needs the field `{name}`")

    def batch(self, batch: Any) -> str:
        parts = {"number": batch} if isinstance(batch, str) else _object("batches", batch, {"brand", "number"}, {"number"})
        brand = parts["brand"] if parts.get("brand") is not None else self.document.get("brand")
        if brand is None:
            raise self.missing("brand")
        return f"{self.part('brand', 'DOCNO', brand)}|{self.part('batches', 'DOCNO', parts['number'])}"

    def meat_lot(self, lot: Any) -> str:
        names = ("establishment", "production_date", "health_certificate")
        parts = _object("meat_lots", lot, set(names), set(names))
        classes = ("DOCNO", "DATE", "DOCNO")
        return "|".join(self.part("meat_lots", cls, parts[name]) for name, cls in zip(names, classes, strict=True))

    def arrivals(self, arrived: Any) -> list[str]:
        parts = _object("arrived_in", arrived, {"containers", "wagons", "departure_date", "vins", "local"}, set())
        lists = [parts.get(name, []) for name in ("containers", "wagons", "vins")]
        if not all(isinstance(value, list) for value in lists) or not isinstance(parts.get("local", False), bool):
            raise PaperError("the field `arrived_in` needs lists of numbers, and `local` true or false")
        texts = [f"C|{self.part('arrived_in', 'CONTAINER', t)}" for t in parts.get("containers", [])]
        texts += [f"V|{self.part('arrived_in', 'VIN', t)}" for t in parts.get("vins", [])]
        for wagon in parts.get("wagons", []):
            if (departed := parts.get("departure_date")) is None:
                raise self.missing("departure_date")
            day = self.part("arrived_in", "DATE", departed)
            texts.append(f"W|{self.part('arrived_in', 'WAGON', wagon)}|{day}")
        return [*texts, "L|LOCAL"] if parts.get("local", False) else texts

    def add_computed(self) -> None:
        """Adds the sorted parties of a contract, and the country of a destination that is a UN/LOCODE."""
        seller, buyer = self.fields.get("consignor"), self.fields.get("buyer") or self.fields.get("consignee")
        if self.kind == "CONTRACT" and isinstance(seller, str) and isinstance(buyer, str):
            self.fields["parties"] = sorted({seller, buyer})
        destination = self.fields.get("destination")
        if self.kind in _LEG_NOTES or not isinstance(destination, str) or not is_locode(destination):
            return
        if self.fields.get("destination_country", destination[:2]) != destination[:2]:
            raise NormaliseError("Malformed", "expected the country of `destination`", "destination_country", "COUNTRY")
        self.fields["destination_country"] = destination[:2]


def _object(name: str, value: Any, known: set[str], needed: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or not needed <= set(value) <= known:
        raise PaperError(f"the field `{name}` needs an object with {', '.join(sorted(known))}")
    return value


def _kind_name(kind: Any) -> str:
    if isinstance(kind, str) and kind.upper() in KINDS:
        return kind.upper()
    if type(kind) is int and kind in KIND_NAMES:
        return KIND_NAMES[kind]
    raise PaperError("unknown document kind")


_KNOWN = frozenset({"kind", "date_order", "batches", "meat_lots", "arrived_in", *_TEXTS, *_SETS})


@dataclass(frozen=True)
class Paper:
    """A document with everything computed from it.

    `fields` are the normalised fields, ascending by number; `fp1`, `fp2` and `near` are raw, zero where there is none.
    """

    kind: str
    document: dict[str, Any] = field(repr=False)
    values: dict[str, Value] = field(repr=False)
    fp1: bytes
    fp2: bytes
    near: list[bytes] = field(repr=False)
    goods_keys: list[GoodsKey] = field(repr=False)
    arrival_keys: list[GoodsKey] = field(repr=False)

    @classmethod
    def load(cls, path: str | Path) -> "Paper":
        """Reads a document from a JSON file."""
        return cls.from_json(Path(path).read_text(encoding="utf-8"))

    @classmethod
    def from_json(cls, text: str) -> "Paper":
        """Reads a document from JSON text; a field given twice is refused."""
        try:
            document = json.loads(text, object_pairs_hook=_unique)
        except json.JSONDecodeError as error:
            raise PaperError(f"the document cannot be read: line {error.lineno} column {error.colno}") from None
        return cls.new(document)

    @classmethod
    def new(cls, document: dict[str, Any]) -> "Paper":
        """Computes everything. Raises `NormaliseError` or `PaperError`, which name the field."""
        if not isinstance(document, dict):
            raise PaperError("the document must be a JSON object")
        document = dict(document)
        if "seller" in document:
            if "consignor" in document:
                raise PaperError("`seller` and `consignor` are one field")
            document["consignor"] = document.pop("seller")
        if unknown := set(document) - _KNOWN:
            raise PaperError(f"unknown field `{min(unknown)}`")
        if type(document.get("packages")) is int and document["packages"] >= 0:
            document["packages"] = str(document["packages"])
        if document.get("date_order") not in (None, "DMY", "MDY", "YMD"):
            raise PaperError("`date_order` must be DMY, MDY or YMD")
        kind = _kind_name(document.get("kind"))
        values = _Reader(kind, document).read()
        _check_required(kind, values)
        content = _CONTENT_RECEIPT if kind == "WHR" else _CONTENT_TRANSPORT
        is_ledger = kind in _LEDGER
        goods = _goods_keys(kind, values) if is_ledger else []
        if is_ledger and not goods:
            raise PaperError(f"a document of kind {kind} needs goods: {_goods_fields(kind)}")
        return cls(
            kind,
            document,
            values,
            _layer(kind, values, 1, [FIELD_NAMES[n] for n in identity_fields(kind)]),
            _layer(kind, values, 2, content) if is_ledger else ZERO,
            _near(kind, values) if is_ledger else [ZERO] * 8,
            goods,
            sorted(goods_key(*_split(text)) for text in _elements(values, "arrived_in")),
        )

    @property
    def fields(self) -> list[tuple[int, bytes]]:
        """The normalised fields with their numbers, ascending, as they stand under a content root."""
        return sorted((FIELDS[name], _encoded(value)) for name, value in self.values.items())

    @property
    def issue_date(self) -> int:
        """The issue date as yyyymmdd, which operations need."""
        if "issue_date" not in self.values:
            raise PaperError("the document states no `issue_date`")
        return int(str(self.values["issue_date"]))

    def derive_request(self) -> dict[str, Any]:
        """What is sent to the branch for a ticket: no field of the document can be read from it without guessing."""
        return _request(self.kind, self.fp1, self.fp2, self.near, self.goods_keys, self.arrival_keys)

    def whole_lot(self, ticket: dict[str, Any]) -> dict[str, Any]:
        """The document's goods as one lot with all keys of its derive ticket, for `waybill.issue`."""
        keys = ticket["body"]["goods_keys"]
        if [key["class"] for key in keys] != [ord(cls) for cls, _ in self.goods_keys]:
            raise PaperError("the ticket was made for another document: its goods keys do not pair with this one's")
        stated = self.document.get("quantity", self.document.get("gross_weight"))
        if stated is None:
            raise PaperError("the document states neither `quantity` nor `gross_weight`")
        uom, thousandths = quantity(stated)
        hs = self.document.get("hs") or []
        return {
            "kind": "UNIT",
            "uom": uom,
            "qty": thousandths,
            "packages": int(str(self.values.get("packages", 0))),
            "goods_class": normalise("HS", hs[0], "hs") if hs else "000000",
            "keys": keys,
        }

    def content_root(self, secret: bytes) -> bytes:
        """The commitment to all fields under the salts derived from a secret."""
        levels = _levels(self._leaves(secret))
        return _root(len(levels[0]), levels[-1][0])

    def open(self, salts: "Salts", chosen: Sequence[int]) -> dict[str, Any]:
        """Discloses the chosen fields under the content root: the JSON that `landsea fingerprint open` writes."""
        if self.content_root(salts.secret) != salts.content_root:
            raise PaperError("the salts file is for another document")
        fields, levels = self.fields, _levels(self._leaves(salts.secret))
        numbers = [number for number, _ in fields]
        if absent := [number for number in chosen if number not in numbers]:
            raise PaperError(f"the document does not state field {absent[0]}")
        opened = [
            {
                "index": index,
                "field": number,
                "bytes": value.hex(),
                "salt": _salt(salts.secret, number).hex(),
                "path": [h.hex() for h in _path(levels, index)],
            }
            for index, (number, value) in enumerate(fields)
            if number in chosen
        ]
        return {"leaves": len(fields), "fields": opened}

    def open_identity(self, salts: "Salts") -> dict[str, Any]:
        """Discloses just the fields that make the document's identity."""
        return self.open(salts, identity_fields(self.kind))

    def _leaves(self, secret: bytes) -> list[bytes]:
        return [_leaf(number, value, _salt(secret, number)) for number, value in self.fields]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise PaperError("a field is given twice")
    return result


def _split(text: str) -> tuple[str, str]:
    cls, _, value = text.partition("|")
    return cls, value


def _elements(values: dict[str, Value], name: str) -> list[str]:
    value = values.get(name, [])
    return [value] if isinstance(value, str) else value


def _check_required(kind: str, values: dict[str, Value]) -> None:
    needed = [FIELD_NAMES[number] for number in identity_fields(kind)]
    if kind == "WHR":
        needed += ["hs", "quantity", "depositor", "inbound_date"]
    elif kind in _TRANSPORT:
        needed += ["consignor", "consignee", "packages", "gross_weight", "destination"]
        needed += [] if kind in _LEG_NOTES else ["hs"]
    for name in needed:
        if name not in values:
            raise PaperError(f"a document of kind {kind} needs the field `{'buyer' if name == 'parties' else name}`")


def _layer(kind: str, values: dict[str, Value], layer: int, names: Iterable[str]) -> bytes:
    return _raw(family(kind), layer, [(FIELDS[name], _encoded(values[name])) for name in names if name in values])


def _near(kind: str, values: dict[str, Value]) -> list[bytes]:
    values = dict(values)
    if isinstance(number := values.get("number"), str):
        values["skeleton"] = normalise("SKELETON", number, "number")
    if isinstance(gross := values.get("gross_weight"), str):
        values["bucket"] = str(int(gross.removeprefix("KGM")) // _GROSS_BUCKET_THOUSANDTHS)
    result = []
    for layer, combination in enumerate(_NEAR_RECEIPT if kind == "WHR" else _NEAR_TRANSPORT, 3):
        names = combination.split()
        if "wagons" in names and "wagons" not in values:
            names = ["departure_date", "train"]
        result.append(_layer(kind, values, layer, names) if all(name in values for name in names) else ZERO)
    return result


def _goods_fields(kind: str) -> str:
    if kind == "WHR":
        return "`batches`, `meat_lots`, `vins`, `ssccs`, `containers` or `cells`"
    return "`containers`, `wagons`, `vins`, `batches`, `ssccs` or `meat_lots`"


def _goods_keys(kind: str, values: dict[str, Value]) -> list[GoodsKey]:
    keys = {goods_key(cls, text) for cls, name in _GOODS_CLASSES.items() for text in _elements(values, name)}
    for wagon in _elements(values, "wagons"):
        # A wagon runs again, so its number alone identifies nothing.
        if "departure_date" not in values:
            raise PaperError(f"a document of kind {kind} needs the field `departure_date`")
        keys.add(goods_key("W", f"{wagon}|{values['departure_date']}"))
    keys |= {goods_key("S", f"{values.get('site', '')}|{cell}") for cell in _elements(values, "cells")}
    return sorted(keys)


# Selective disclosure: a Merkle tree over salted leaves; an odd node moves up, the root binds the number of leaves.


def _salt(secret: bytes, number: int) -> bytes:
    return blake3(b"landsea/content-salt/v1" + pack("<H", number), key=secret).digest()


def _leaf(number: int, value: bytes, salt: bytes) -> bytes:
    return hash_bytes(b"landsea/content-leaf/v1", pack("<HQ", number, len(value)), value, salt)


def _node(left: bytes, right: bytes) -> bytes:
    return hash_bytes(b"landsea/content-node/v1", left, right)


def _root(leaves: int, top: bytes) -> bytes:
    return hash_bytes(b"landsea/content-root/v1", pack("<I", leaves), top)


def _levels(leaves: list[bytes]) -> list[list[bytes]]:
    if not 1 <= len(leaves) <= CONTENT_FIELDS_MAX:
        raise PaperError(f"there must be 1 to {CONTENT_FIELDS_MAX} fields")
    levels = [leaves]
    while len(level := levels[-1]) > 1:
        pairs = [level[i : i + 2] for i in range(0, len(level), 2)]
        levels.append([_node(*pair) if len(pair) == 2 else pair[0] for pair in pairs])
    return levels


def _path(levels: list[list[bytes]], index: int) -> list[bytes]:
    path = []
    for level in levels:
        if (sibling := index ^ 1) < len(level):
            path.append(level[sibling])
        index //= 2
    return path


def verify_opening(opening: dict[str, Any], root: bytes) -> list[tuple[int, bytes]]:
    """Checks every disclosed field against a content root and returns the fields.

    Raises `PaperError` naming the first field that does not open, or `KeyError`, `TypeError`, `ValueError` for another shape.
    """
    leaves, fields = _unsigned(opening["leaves"], 32), opening["fields"]
    for opened in fields:
        _unsigned(opened["index"], 32)
        _unsigned(opened["field"], 16)
    for before, after in pairwise(fields):
        if before["index"] >= after["index"] or before["field"] >= after["field"]:
            raise PaperError("the fields are not in strictly ascending order")
    for opened in fields:
        top = _top(opened, leaves)
        if top is None or _root(leaves, top) != root:
            raise PaperError(f"field {opened['field']} does not open under the content root")
    return [(opened["field"], unhex(opened["bytes"])) for opened in fields]


def _unsigned(value: Any, bits: int) -> int:
    if type(value) is not int or not 0 <= value < 1 << bits:
        raise ValueError(f"expected a whole number below 2^{bits}")
    return value


def _top(opened: dict[str, Any], leaves: int) -> bytes | None:
    """Folds the path from the leaf to the top; `None` when the path does not fit the tree's width."""
    index, width = opened["index"], leaves
    if index >= width:
        return None
    value = _leaf(opened["field"], unhex(opened["bytes"]), unhex(opened["salt"], 32))
    path = [unhex(h, 32) for h in opened["path"]]
    while width > 1:
        if index % 2 or index + 1 < width:
            if not path:
                return None
            sibling = path.pop(0)
            value = _node(sibling, value) if index % 2 else _node(value, sibling)
        index, width = index // 2, (width + 1) // 2
    return None if path else value


@dataclass(frozen=True)
class Salts:
    """What the issuer keeps so that the fields can be disclosed later: the root and the secret of all salts."""

    content_root: bytes
    secret: bytes = field(repr=False)

    @classmethod
    def for_paper(cls, paper: Paper) -> "Salts":
        """Draws a secret and computes the content root of a paper."""
        secret = os.urandom(32)
        return cls(paper.content_root(secret), secret)

    @classmethod
    def load(cls, path: str | Path) -> "Salts":
        """Reads a file; `PaperError` when it is not a salts file."""
        try:
            stored = json.loads(Path(path).read_text(encoding="utf-8"))
            return cls(unhex(stored["content_root"], 32), unhex(stored["secret"], 32))
        except (ValueError, TypeError, KeyError):
            raise PaperError(f"{path} is not a salts file") from None

    def create(self, path: str | Path) -> None:
        """Writes a new file that only its owner may read."""
        stored = {"content_root": self.content_root.hex(), "secret": self.secret.hex()}
        write_private(path, json.dumps(stored, indent=2) + "\n")
