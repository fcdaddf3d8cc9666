"""Borsh encodings of the ledger's types, driven by the schema that is written from the Rust types.

A value has the shape of its JSON: what a node answers, what stands in a file. `encode` checks all of it (unknown and missing fields,
ranges, lengths), so that whatever it accepts has exactly one encoding; a field that holds an option may be absent. See
clients/README.md for the format of the schema.
"""

import json
import re
from collections.abc import Callable
from importlib import resources
from typing import Any

from .crypto import hash_of, sign_bytes, unhex

_INTEGERS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}
_ASCII = re.compile(r"[A-Z0-9]+")
# Of a variant that is its name alone: nothing stands beside the name, not even `null`.
_NOTHING = object()


class CodecError(ValueError):
    """A value or bytes that do not fit their type; the message names the place."""


def _fail(path: str, expected: str) -> CodecError:
    return CodecError(f"{path}: expected {expected}")


class Codec:
    """Encodes and decodes the types of one schema."""

    def __init__(self, schema: dict[str, Any]) -> None:
        """Takes the parsed schema."""
        self.types: dict[str, Any] = schema["types"]
        self.constants: dict[str, Any] = schema["constants"]

    def encode(self, type_: Any, value: Any, without: tuple[str, ...] = ()) -> bytes:
        """The encoding of a value of a type: a name, or an expression such as `{"tuple": ["string", "PublicKey"]}`.

        `without` names fields of a structure that are left out. Raises `CodecError`.
        """
        out = bytearray()
        self._write(type_, value, out, str(type_), without)
        return bytes(out)

    def decode(self, type_: Any, data: bytes) -> Any:
        """The value of an encoding, which must be used up. Raises `CodecError`."""
        reader = _Reader(data)
        value = self._read(type_, reader)
        if reader.position != len(data):
            raise CodecError(f"{type_}: {len(data) - reader.position} bytes are left over")
        return value

    def hash(self, domain: str, value: Any) -> bytes:
        """The hash of an object by its domain, such as `header`."""
        layout = self.constants["hash"]["domains"][domain]
        return hash_of(domain, self.encode(layout["type"], value, tuple(layout["without"])))

    def message(self, kind: str, chain: bytes, value: Any) -> bytes:
        """What is signed for an object by its kind, such as `vote`."""
        layout = self.constants["sign"]["kinds"][kind]
        return sign_bytes(kind, chain, self.encode(layout["type"], value, tuple(layout["without"])))

    # Writing

    def _write(self, type_: Any, value: Any, out: bytearray, path: str, without: tuple[str, ...] = ()) -> None:
        if isinstance(type_, str):
            if type_ in self.types:
                self._write_named(self.types[type_], value, out, path, without)
            else:
                _write_basic(type_, value, out, path)
            return
        ((form, of),) = type_.items()
        if form == "hex":
            out += _hex(value, path, of)
        elif form == "ascii":
            if not isinstance(value, str) or not 1 <= len(value) <= of or not _ASCII.fullmatch(value):
                raise _fail(path, f"1 to {of} upper-case letters or digits")
            out += value.encode().ljust(of)
        elif form == "option":
            out.append(value is not None)
            if value is not None:
                self._write(of, value, out, path)
        elif form == "map":
            self._write_map(of, value, out, path)
        else:
            self._write_list(form, of, value, out, path)

    def _write_named(self, definition: Any, value: Any, out: bytearray, path: str, without: tuple[str, ...]) -> None:
        if "is" in definition:
            self._write(definition["is"], value, out, path)
        elif "struct" in definition:
            self._write_struct(definition["struct"], value, out, path, without)
        else:
            tag, type_, content = self._variant(definition, value, path)
            out += tag.to_bytes(definition["tag_bytes"], "little")
            if type_ is not None:
                self._write(type_, content, out, path)

    def _write_struct(self, fields: Any, value: Any, out: bytearray, path: str, without: tuple[str, ...]) -> None:
        if not isinstance(value, dict):
            raise _fail(path, "an object")
        if unknown := set(value) - {name for name, _ in fields}:
            raise CodecError(f"{path}: unknown field {min(map(str, unknown))!r}")
        for name, type_ in fields:
            if name in without:
                continue
            if name not in value and not (isinstance(type_, dict) and "option" in type_):
                raise CodecError(f"{path}: field {name!r} is missing")
            self._write(type_, value.get(name), out, f"{path}.{name}")

    def _write_list(self, form: str, of: Any, value: Any, out: bytearray, path: str) -> None:
        if not isinstance(value, list | tuple):
            raise _fail(path, "a list")
        if form == "seq":
            out += len(value).to_bytes(4, "little")
            types = [of] * len(value)
        else:
            types = of if form == "tuple" else [of[0]] * of[1]
        if len(types) != len(value):
            raise _fail(path, f"{len(types)} elements")
        for index, (type_, element) in enumerate(zip(types, value, strict=True)):
            self._write(type_, element, out, f"{path}[{index}]")

    def _write_map(self, of: Any, value: Any, out: bytearray, path: str) -> None:
        if not isinstance(value, dict):
            raise _fail(path, "an object")
        pairs = sorted((self.encode(of[0], key), key) for key in value)
        out += len(pairs).to_bytes(4, "little")
        for encoded, key in pairs:
            out += encoded
            self._write(of[1], value[key], out, f"{path}.{key}")

    def _variant(self, definition: Any, value: Any, path: str) -> tuple[int, Any, Any]:
        """Tag, type and content of a variant in its JSON form."""
        name, body = _untagged(definition["json"], value)
        for number, known, type_ in definition["enum"]:
            if known == name:
                if type_ is None and body is not _NOTHING:
                    raise _fail(path, f"{known} and nothing beside it")
                return number, type_, None if body is _NOTHING else body
        raise _fail(path, "one of " + ", ".join(known for _, known, _ in definition["enum"][:8]))

    # Reading

    def _read(self, type_: Any, reader: "_Reader") -> Any:
        if isinstance(type_, str):
            if type_ in self.types:
                return self._read_named(self.types[type_], reader, type_)
            return _READERS[type_](reader)
        ((form, of),) = type_.items()
        if form == "hex":
            return reader.take(of).hex()
        if form == "ascii":
            return _read_ascii(reader.take(of))
        if form == "option":
            return self._read(of, reader) if reader.flag() else None
        if form == "tuple":
            return [self._read(t, reader) for t in of]
        if form == "array":
            return [self._read(of[0], reader) for _ in range(of[1])]
        if form == "map":
            return self._read_map(of, reader)
        return [self._read(of, reader) for _ in range(reader.number(4))]

    def _read_map(self, of: Any, reader: "_Reader") -> dict[Any, Any]:
        result, last = {}, b""
        for _ in range(reader.number(4)):
            start = reader.position
            key = self._read(of[0], reader)
            encoded = reader.data[start : reader.position]
            if encoded <= last:
                raise CodecError("expected ascending keys")
            result[key], last = self._read(of[1], reader), encoded
        return result

    def _read_named(self, definition: Any, reader: "_Reader", name: str) -> Any:
        if "is" in definition:
            return self._read(definition["is"], reader)
        if "struct" in definition:
            return {field: self._read(type_, reader) for field, type_ in definition["struct"]}
        number = reader.number(definition["tag_bytes"])
        for known, variant, type_ in definition["enum"]:
            if known == number:
                body = None if type_ is None else self._read(type_, reader)
                return _tagged(definition["json"], variant, type_ is not None, body)
        raise CodecError(f"{name}: {number} is not defined")


def _untagged(how: Any, value: Any) -> tuple[str | None, Any]:
    """Name and content of a variant, `_NOTHING` where none stands; no name for a value of another shape."""
    tag, content = how.get("tag"), how.get("content")
    if tag is None:
        if isinstance(value, dict) and len(value) == 1:
            ((name, body),) = value.items()
            return name, body
        return (value, _NOTHING) if isinstance(value, str) else (None, None)
    if not isinstance(value, dict) or not isinstance(value.get(tag), str):
        return None, None
    rest = {key: part for key, part in value.items() if key != tag}
    if content is None:
        return value[tag], rest or _NOTHING
    return (value[tag], rest.get(content, _NOTHING)) if set(rest) <= {content} else (None, None)


def _tagged(how: Any, variant: str, has_body: bool, body: Any) -> Any:
    tag, content = how.get("tag"), how.get("content")
    if tag is None:
        return {variant: body} if has_body else variant
    if content is not None:
        return {tag: variant, content: body} if has_body else {tag: variant}
    return {tag: variant, **(body or {})}


def _hex(value: Any, path: str, size: int | None = None) -> bytes:
    try:
        return unhex(value, size)
    except ValueError as error:
        raise CodecError(f"{path}: {error}") from None


def _write_basic(type_: str, value: Any, out: bytearray, path: str) -> None:
    if type_ in _INTEGERS:
        size = _INTEGERS[type_]
        if type(value) is not int or not 0 <= value < 1 << 8 * size:
            raise _fail(path, f"a whole number below 2^{8 * size}")
        out += value.to_bytes(size, "little")
    elif type_ == "bool":
        if not isinstance(value, bool):
            raise _fail(path, "true or false")
        out.append(value)
    else:
        data = _hex(value, path) if type_ == "bytes" else _utf8(value, path)
        out += len(data).to_bytes(4, "little") + data


def _utf8(value: Any, path: str) -> bytes:
    if not isinstance(value, str):
        raise _fail(path, "text")
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise _fail(path, "text without lone surrogates") from None


def _read_ascii(data: bytes) -> str:
    text = data.rstrip(b" ").decode("ascii", "replace")
    if not _ASCII.fullmatch(text):
        raise CodecError("expected upper-case letters and digits")
    return text


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.position = data, 0

    def take(self, size: int) -> bytes:
        taken = self.data[self.position : self.position + size]
        if len(taken) != size:
            raise CodecError("the bytes end too early")
        self.position += size
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def flag(self) -> bool:
        value = self.number(1)
        if value > 1:
            raise CodecError(f"expected 0 or 1, got {value}")
        return bool(value)

    def text(self) -> str:
        try:
            return self.take(self.number(4)).decode()
        except UnicodeDecodeError:
            raise CodecError("expected UTF-8") from None


_READERS: dict[str, Callable[[_Reader], Any]] = {
    "u8": lambda reader: reader.number(1),
    "u16": lambda reader: reader.number(2),
    "u32": lambda reader: reader.number(4),
    "u64": lambda reader: reader.number(8),
    "bool": _Reader.flag,
    "string": _Reader.text,
    "bytes": lambda reader: reader.take(reader.number(4)).hex(),
}

CODEC = Codec(json.loads(resources.files(__package__).joinpath("schema.json").read_text(encoding="utf-8")))
