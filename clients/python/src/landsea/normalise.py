"""Normalisation classes: each turns every accepted spelling of a value into one text, or refuses.

The rules are those of the ledger's rule set 1. Nothing guesses: what can be read in two ways raises `NormaliseError`. The Unicode
tables are this Python's; a character that they do not know, or of which they do not tell whether it belongs to a word, is refused.
"""

import unicodedata
from collections.abc import Callable, Collection
from datetime import date

FIELD_CHARS_MAX = 256
_DOCNO_CHARS_MAX = 40
_U64_MAX = 2**64 - 1

_WHITE = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {chr(c) for c in range(0x2000, 0x200B)}
_DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d")
_SEPARATORS = frozenset("_/\\.·,:;#()〔〕[]【】")
_INVISIBLE = [
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x180E, 0x180E), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2064),
    (0x2066, 0x2069), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
]  # fmt: skip
# Script=Han of Unicode 16.
_HAN = [
    (0x2E80, 0x2E99), (0x2E9B, 0x2EF3), (0x2F00, 0x2FD5), (0x3005, 0x3005), (0x3007, 0x3007), (0x3021, 0x3029),
    (0x3038, 0x303B), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFA6D), (0xFA70, 0xFAD9), (0x16FE2, 0x16FE3),
    (0x16FF0, 0x16FF1), (0x20000, 0x2A6DF), (0x2A700, 0x2B739), (0x2B740, 0x2B81D), (0x2B820, 0x2CEA1),
    (0x2CEB0, 0x2EBE0), (0x2EBF0, 0x2EE5D), (0x2F800, 0x2FA1D), (0x30000, 0x3134A), (0x31350, 0x323AF),
]  # fmt: skip


class NormaliseError(ValueError):
    """A text that does not fit its class. The message holds no value of the document, because it may end in a log."""

    def __init__(self, reason: str, detail: str = "", field: str = "", cls: str = "") -> None:
        """`reason` is a stable word such as `CheckDigit`; field and class are filled in by `normalise`."""
        self.reason, self.detail, self.field, self.cls = reason, detail, field, cls
        words = f"{reason}: {detail}" if detail else reason
        super().__init__(f"field `{field}` is not a valid {cls}: {words}" if field else words)


def _within(char: str, ranges: Collection[tuple[int, int]]) -> bool:
    return any(low <= ord(char) <= high for low, high in ranges)


def _is_invisible(char: str) -> bool:
    return _within(char, _INVISIBLE)


def _is_separator(char: str) -> bool:
    return char in _WHITE or char in _DASHES or char in _SEPARATORS or _is_invisible(char)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_upper(text: str) -> bool:
    return text.isascii() and text.isalpha() and text.isupper()


def _is_code(text: str) -> bool:
    return all(_is_digits(c) or _is_upper(c) for c in text)


def _narrow_char(char: str) -> str:
    if "\uff01" <= char <= "\uff5e":
        return chr(ord(char) - 0xFEE0)
    if char in _WHITE:
        return " "
    return "-" if char in _DASHES else char


def _ascii_upper(text: str) -> str:
    return "".join(c.upper() if c.isascii() else c for c in text)


def _narrow(text: str) -> str:
    """Folds full-width ASCII, spaces and dashes, drops invisible characters, raises ASCII letters, trims."""
    return _ascii_upper("".join(_narrow_char(c) for c in text if not _is_invisible(c)).strip(" "))


def _compact(text: str, separators: str = "") -> str:
    return "".join(c for c in _narrow(text) if c != " " and c not in separators)


def _nfkc_upper(text: str) -> str:
    for position, char in enumerate(text, 1):
        if unicodedata.category(char) == "Cn":
            raise NormaliseError("Character", f"character {position} is not allowed")
    return unicodedata.normalize("NFKC", text).upper()


def _only(text: str, allowed: Callable[[str], bool]) -> None:
    for position, char in enumerate(text, 1):
        if not allowed(char):
            raise NormaliseError("Character", f"character {position} is not allowed")


def _length(text: str, expected: str, accepted: Callable[[int], bool]) -> None:
    if not text:
        raise NormaliseError("Empty", "nothing is left after normalisation")
    if not accepted(len(text)):
        raise NormaliseError("Length", f"{len(text)} characters where {expected} are required")


# Document numbers


def _strip_once(text: str) -> str:
    if text.startswith("第"):
        return text[1:]
    if text.endswith("号"):
        return text[:-1]
    if text.startswith("NO") and len(text) > 2 and _is_separator(text[2]):
        return text[2:]
    return text


def _trim(text: str) -> str:
    start, end = 0, len(text)
    while start < end and _is_separator(text[start]):
        start += 1
    while end > start and _is_separator(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_docno_char(char: str) -> bool:
    return _is_code(char) or _within(char, _HAN)


def _docno(text: str) -> str:
    rest = _trim(_nfkc_upper(text))
    while (shorter := _trim(_strip_once(rest))) != rest:
        rest = shorter
    body = "".join(c for c in rest if not _is_separator(c))
    _only(body, _is_docno_char)
    _length(body, "1 to 40", lambda n: n <= _DOCNO_CHARS_MAX)
    return body


def _skeleton(text: str) -> str:
    merged = _docno(text).translate(str.maketrans("OILSBZ", "011582"))
    result, in_run = "", False
    for index, char in enumerate(merged):
        if char == "0" and not in_run and _is_digits(merged[index + 1 : index + 2]):
            continue
        in_run = _is_digits(char)
        result += char
    return result


def _cell(text: str) -> str:
    visible = "".join(c for c in _nfkc_upper(text) if not _is_invisible(c))
    spaced = "".join(" " if _is_separator(c) else c for c in visible)
    body = "-".join(part for part in spaced.split(" ") if part)
    _only(body, lambda c: c == "-" or _is_docno_char(c))
    _length(body, "1 to 40", lambda n: n <= _DOCNO_CHARS_MAX)
    return body


# Firms

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_LATIN_SUFFIXES = frozenset({"co", "ltd", "pte", "gmbh", "llc"})
_HAN_SUFFIXES = ("有限公司", "股份")
_SIMPLIFY = str.maketrans(
    "國際貿易運輸車鐵龍東華廣發業電機設備進電聯陸慶長滙豐銀行貨倉儲鋼鋁銅糧農漁產實業財資開區灣門濱瀾潤興達遠橋輪馬島關總團務處經濟礦紡織製造藥學藝術圖書報館飯專賣買",
    "国际贸易运输车铁龙东华广发业电机设备进电联陆庆长汇丰银行货仓储钢铝铜粮农渔产实业财资开区湾门滨澜润兴达远桥轮马岛关总团务处经济矿纺织制造药学艺术图书报馆饭专卖买",
)


def _uscc(text: str) -> str:
    code = _compact(text)
    _length(code, "18", lambda n: n == 18)
    _only(code, lambda c: c in _USCC_ALPHABET)
    weights = [pow(3, i, 31) for i in range(17)] + [1]
    if sum(_USCC_ALPHABET.index(c) * w for c, w in zip(code, weights, strict=True)) % 31:
        raise NormaliseError("CheckDigit", "the check digit does not hold")
    return code


def _lei(text: str) -> str:
    code = _compact(text)
    _length(code, "20", lambda n: n == 20)
    _only(code, _is_code)
    if not _is_digits(code[18:]) or int("".join(str(int(c, 36)) for c in code)) % 97 != 1:
        raise NormaliseError("CheckDigit", "the check digit does not hold")
    return code


def _party(text: str) -> str:
    size = len(_compact(text))
    if size == 0:
        raise NormaliseError("Empty", "nothing is left after normalisation")
    if size == 18:
        return _uscc(text)
    if size == 20:
        return _lei(text)
    raise NormaliseError("Length", f"{size} characters where 18 (USCC) or 20 (LEI) are required")


def _belongs_to_word(char: str) -> bool:
    """Whether a character is alphanumeric; refuses where Unicode's `Alphabetic` goes beyond the categories."""
    category = unicodedata.category(char)
    if category[0] == "M" and not 0x300 <= ord(char) <= 0x344 and not 0x346 <= ord(char) <= 0x362:
        raise NormaliseError("Character", "a combining mark is not allowed; name the firm by its USCC or LEI")
    if category == "Cn" or 0x1F130 <= ord(char) <= 0x1F189:
        raise NormaliseError("Character", "a character is unknown here; name the firm by its USCC or LEI")
    return category[0] in "LN"


def _name(text: str) -> str:
    lower = "".join(c.lower() for c in _nfkc_upper(text))
    folded = unicodedata.normalize("NFKC", lower).translate(_SIMPLIFY)
    kept = "".join(" " if c in _WHITE else c for c in folded if c in _WHITE or _belongs_to_word(c))
    words = [w for w in kept.split(" ") if w and w not in _LATIN_SUFFIXES]
    while True:
        bare = " ".join(w.replace(_HAN_SUFFIXES[0], "").replace(_HAN_SUFFIXES[1], "") for w in words)
        shorter = [w for w in bare.split(" ") if w and w not in _LATIN_SUFFIXES]
        if shorter == words:
            break
        words = shorter
    if not words:
        raise NormaliseError("Empty", "nothing is left after normalisation")
    return " ".join(words)


def _trader(text: str) -> str:
    place = next((i for i, c in enumerate(text) if c in ":："), None)
    if place is not None and _compact(text[:place]) == "NAME":
        return "NAME:" + _name(text[place + 1 :])
    return _party(text)


def _consignee(text: str) -> str:
    words = _compact(text, "_.,-")
    if words == "ORDER" or words.startswith(("TOORDER", "TOTHEORDER", "凭指示", "凭指定")):
        return "ORDER"
    return _trader(text)


def _issuer_code(text: str) -> str:
    code = _compact(text)
    if 2 <= len(code) <= 8:
        _only(code, _is_code)
        return code
    if len(code) in (18, 20):
        return _party(text)
    _length(code, "2 to 8 (code), 18 (USCC) or 20 (LEI)", lambda n: False)
    raise AssertionError("unreachable")


# Codes of fixed shape

_UIC = dict(
    pair.split(":")
    for pair in (
        "10:FI 20:RU 21:BY 22:UA 23:MD 24:LT 25:LV 26:EE 27:KZ 28:GE 29:UZ 30:KP 31:MN 32:VN 33:CN 41:AL 51:PL 52:BG 53:RO 54:CZ "
        "55:HU 56:SK 57:AZ 58:AM 59:KG 62:ME 65:MK 66:TJ 67:TM 68:AF 70:GB 71:ES 72:RS 73:GR 74:SE 75:TR 76:NO 78:HR 79:SI 80:DE "
        "81:AT 82:LU 83:IT 84:NL 85:CH 86:DK 87:FR 88:BE 94:PT 96:IR 60:IE"
    ).split()
)


def _digits(text: str, expected: str, accepted: Collection[int]) -> str:
    code = _compact(text, "-")
    _only(code, _is_digits)
    _length(code, expected, lambda n: n in accepted)
    return code


def _container(text: str) -> str:
    code = _compact(text, "-")
    _length(code, "11", lambda n: n == 11)
    if not (_is_upper(code[:3]) and code[3] in "UJZ" and _is_digits(code[4:])):
        raise NormaliseError("Malformed", "expected three owner letters, U, J or Z, and seven digits")
    # ISO 6346: letter values skip the multiples of 11.
    values = [v if (v := int(c, 36)) <= 10 else v + (v - 1) // 10 for c in code[:10]]
    if sum(value << power for power, value in enumerate(values)) % 11 % 10 != int(code[10]):
        raise NormaliseError("CheckDigit", "the check digit does not hold")
    return code


def _vin(text: str) -> str:
    code = _compact(text, "-")
    _length(code, "17", lambda n: n == 17)
    _only(code, lambda c: _is_code(c) and c not in "IOQ")
    return code


def _sscc(text: str) -> str:
    code = _digits(_compact(text, "-").removeprefix("(00)"), "18 digits", (18,))
    if sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(code)) % 10:
        raise NormaliseError("CheckDigit", "the check digit does not hold")
    return code


def _hs(text: str) -> str:
    code = _compact(text, ".-")
    _only(code, _is_digits)
    _length(code, "6 to 13 digits", lambda n: 6 <= n <= 13)
    return code[:6]


def is_locode(code: str) -> bool:
    """Whether a normalised place is a UN/LOCODE, whose first two letters are its country."""
    return len(code) == 5 and _is_upper(code[:2]) and all(_is_upper(c) or c in "23456789" for c in code[2:])


def _place(text: str) -> str:
    code = _compact(text, "-")
    _length(code, "3 to 8", lambda n: 3 <= n <= 8)
    letters, numbers = sum(map(_is_upper, code)), sum(map(_is_digits, code))
    if (letters, numbers) == (3, 0) or (letters == 0 and numbers >= 5 and numbers == len(code)) or is_locode(code):
        return code
    raise NormaliseError("Malformed", "expected a UN/LOCODE, a three-letter rail code or a rail code of 5 to 8 digits")


def _country(text: str) -> str:
    code = _compact(text)
    _length(code, "2", lambda n: n == 2)
    if _is_upper(code):
        return code
    if code in _UIC:
        return _UIC[code]
    raise NormaliseError("Malformed", "expected an ISO 3166 alpha-2 code or a UIC country number")


def _e_invoice(text: str) -> str:
    groups = [g for g in _narrow(text).replace("-", " ").replace("/", " ").split(" ") if g]
    if not groups:
        raise NormaliseError("Empty", "nothing is left after normalisation")
    sizes = [len(g) if _is_digits(g) else 0 for g in groups]
    if sizes == [20]:
        return groups[0]
    if sizes in ([10, 8], [12, 8]):
        return "-".join(groups)
    expected = "20 digits, or a code of 10 or 12 digits, a separator and a number of 8 digits"
    raise NormaliseError("Malformed", f"expected {expected}")


# Dates

_MONTHS = "JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER".split()
_DATE_SHAPE = "expected a calendar date such as 2026-03-02, 02/MAR/26 or 2026年3月2日"


def _day(year: str, month: str, day: str) -> str:
    if not all(_is_digits(p) and len(p) <= 2 for p in (month, day)) or len(year) not in (2, 4) or not _is_digits(year):
        raise NormaliseError("Malformed", _DATE_SHAPE)
    number = int(year) + (2000 if len(year) == 2 else 0)
    try:
        if not 1970 <= number <= 2199:
            raise ValueError
        return date(number, int(month), int(day)).strftime("%Y%m%d")
    except ValueError:
        raise NormaliseError("NoSuchDate", "there is no such day in the calendar") from None


def _year_first(year: str, month: str, day: str) -> str:
    if len(year.encode()) != 4:
        raise NormaliseError("Ambiguous", "the year needs four digits")
    return _day(year, month, day)


def _chinese_date(text: str) -> tuple[str, str, str] | None:
    year, found_year, rest = text.replace(" ", "").partition("年")
    month, found_month, rest = rest.partition("月")
    if not (found_year and found_month and rest.endswith(("日", "号"))):
        return None
    return year, month, rest[:-1]


def _date_tokens(text: str) -> list[str]:
    plain = text.replace(", ", " ")
    separators = {c for c in plain if not (c.isascii() and c.isalnum())}
    if len(separators) > 1 or not separators <= set("-/. "):
        raise NormaliseError("Malformed", _DATE_SHAPE)
    if separators:
        return plain.split(separators.pop())
    parts: list[str] = []
    for char in text:
        if parts and _is_digits(parts[-1][-1]) == _is_digits(char):
            parts[-1] += char
        else:
            parts.append(char)
    return parts


def _date(text: str, order: str | None = None) -> str:
    folded = _narrow(text)
    if not folded:
        raise NormaliseError("Empty", "nothing is left after normalisation")
    if parts := _chinese_date(folded):
        return _year_first(*parts)
    tokens = _date_tokens(folded)
    if len(tokens) == 1 and _is_digits(tokens[0]) and len(tokens[0]) == 8:
        return _year_first(tokens[0][:4], tokens[0][4:6], tokens[0][6:])
    if len(tokens) == 3:
        a, b, c = tokens
        if all(map(_is_digits, tokens)):
            return _numeric_date(a, b, c, order)
        if _is_digits(a) and _is_digits(c):
            return _named_month(a, b, c)
        if _is_digits(b) and _is_digits(c) and len(c) == 4:
            return _named_month(b, a, c)
    raise NormaliseError("Malformed", _DATE_SHAPE)


def _numeric_date(a: str, b: str, c: str, order: str | None) -> str:
    if len(a) == 4 or order == "YMD":
        return _day(a, b, c)
    if order == "DMY":
        return _day(c, b, a)
    if order == "MDY":
        return _day(c, a, b)
    raise NormaliseError("Ambiguous", "state `date_order` (DMY, MDY or YMD), or write the year first")


def _named_month(day: str, month: str, year: str) -> str:
    for index, name in enumerate(_MONTHS, 1):
        if month in (name, name[:3]) or (month == "SEPT" and name == "SEPTEMBER"):
            return _day(year, str(index), day)
    raise NormaliseError("Malformed", _DATE_SHAPE)


# Numbers

_NUMBER = "expected a number with a decimal point, and commas only before full groups of three digits"
_UNITS = {
    name: (base, power)
    for base, power, names in (
        ("KGM", 0, "KG KGS KGM 公斤 千克"), ("KGM", 3, "T MT TNE TONNE TONNES 吨 公吨"), ("KGM", -3, "G GRM 克"),
        ("LTR", 0, "L LTR 升"), ("LTR", 3, "M3 MTQ CBM 立方米"), ("PCE", 0, "PCE PC PCS 件 个 台 辆"),
        ("NMP", 0, "NMP PKG PKGS 包"),
    )
    for name in names.split()
}  # fmt: skip


def _ungrouped(whole: str) -> str:
    groups = whole.split(",")
    if not all(map(_is_digits, groups)):
        raise NormaliseError("Malformed", _NUMBER)
    first, *rest = groups
    if rest and not (len(first) <= 3 and not first.startswith("0") and all(len(g) == 3 for g in rest)):
        raise NormaliseError("Ambiguous", "a comma must stand before a full group of three digits")
    return "".join(groups)


def _in_range(number: int) -> int:
    if number > _U64_MAX:
        raise NormaliseError("OutOfRange", "the value is out of range")
    return number


def _scaled(number: str, power: int) -> int:
    """The decimal number times ten to the power, exactly."""
    whole, point, fraction = number.partition(".")
    if point and not _is_digits(fraction):
        raise NormaliseError("Malformed", _NUMBER)
    fraction = fraction.rstrip("0")
    value, zeros = _in_range(int(_ungrouped(whole) + fraction)), power - len(fraction)
    factor = _in_range(10 ** abs(zeros))
    if zeros >= 0:
        return _in_range(value * factor)
    if value % factor:
        raise NormaliseError("NotExact", "cannot be expressed exactly in the base unit")
    return value // factor


def _positive(number: int) -> int:
    if number == 0:
        raise NormaliseError("OutOfRange", "the value is out of range")
    return number


def _number_end(text: str) -> int:
    return next((i for i, c in enumerate(text) if not (_is_digits(c) or c in ",.")), len(text))


def _quantity(text: str) -> tuple[str, int]:
    folded = _narrow(text).replace("M³", "M3")
    if not folded:
        raise NormaliseError("Empty", "nothing is left after normalisation")
    end = _number_end(folded)
    unit = _UNITS.get(folded[end:].strip(" "))
    if unit is None:
        raise NormaliseError("UnknownUnit", "the unit of measure is absent or unknown")
    return unit[0], _positive(_scaled(folded[:end], unit[1] + 3))


def _count(text: str) -> str:
    folded = _narrow(text)
    if not folded:
        raise NormaliseError("Empty", "nothing is left after normalisation")
    return str(_positive(_scaled(folded, 0)))


_DECIMALS = {
    code: decimals
    for decimals, codes in (
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"),
        (
            2,
            "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP "
            "CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS "
            "KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD "
            "PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP "
            "TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG",
        ),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
    )
    for code in codes.split()
}


def _money(text: str) -> str:
    folded = _narrow(text)
    if not folded:
        raise NormaliseError("Empty", "nothing is left after normalisation")
    end = _number_end(folded)
    if end:
        number, currency = folded[:end], folded[end:].strip(" ")
    else:
        start = next((i for i, c in enumerate(folded) if _is_digits(c) or c in ",."), len(folded))
        currency, number = folded[:start].strip(" "), folded[start:]
    code = "CNY" if currency in ("RMB", "人民币") else currency
    if not number or code not in _DECIMALS:
        raise NormaliseError("UnknownCurrency", "the currency is absent or not an ISO 4217 code")
    return f"{code}{_scaled(number, _DECIMALS[code])}"


_RULES: dict[str, Callable[[str], str]] = {
    "DOCNO": _docno,
    "SKELETON": _skeleton,
    "CELL": _cell,
    "USCC": _uscc,
    "LEI": _lei,
    "PARTY": _party,
    "TRADER": _trader,
    "CONSIGNEE": _consignee,
    "ISSUER_CODE": _issuer_code,
    "CONTAINER": _container,
    "WAGON": lambda text: _digits(text, "7, 8 or 12 digits", (7, 8, 12)),
    "VIN": _vin,
    "SSCC": _sscc,
    "COUNT": _count,
    "MONEY": _money,
    "HS": _hs,
    "PLACE": _place,
    "COUNTRY": _country,
    "NAME": _name,
    "E_INVOICE": _e_invoice,
    "CUSTOMS": lambda text: _digits(text, "18 digits", (18,)),
}
CLASSES = (*_RULES, "DATE", "QTY")


def normalise(cls: str, text: str, field: str = "field", order: str | None = None) -> str:
    """The one spelling of a text of a class such as `CONTAINER`; `order` says how numeric dates are read (DMY, MDY, YMD).

    Raises `NormaliseError`, which names field, class and reason.
    """
    try:
        if len(text) > FIELD_CHARS_MAX:
            raise NormaliseError("TooLong", f"longer than {FIELD_CHARS_MAX} characters")
        if cls == "DATE":
            return _date(text, order)
        if cls == "QTY":
            unit, thousandths = _quantity(text)
            return f"{unit}{thousandths}"
        return _RULES[cls](text)
    except NormaliseError as error:
        raise NormaliseError(error.reason, error.detail, field, cls) from None


def quantity(text: str, field: str = "quantity") -> tuple[str, int]:
    """Base unit (`KGM`, `LTR`, `PCE`, `NMP`) and thousandths of it."""
    try:
        return _quantity(text)
    except NormaliseError as error:
        raise NormaliseError(error.reason, error.detail, field, "QTY") from None
