"""Spellings of fields that people write, and some that only a cheat would."""

import random
from typing import Any

PIECES = (
    list("0123456789") * 3
    + list("ABCDEFXYZOILSBabcxyz") * 2
    + list(" -/.,:;#_()\t\u3000\u00a0\u2009\u200b\ufeff\u00ad–—−‐〔〕（）［］【】第号№年月日·'&+\"")
    + [
        "NO",
        "No. ",
        "NO-",
        "ＡＢ",
        "１２",
        "Ⅳ",
        "①",
        "㎏",
        "ß",
        "İ",
        "ﬁ",
        "²",
        "½",
        "Ω",
        "ж",
        "é",
        "e\u0301",
        "有限公司",
        "股份",
        "國際",
        "貿易",
        "co",
        "Ltd",
        " LLC ",
    ]
)
NUMBERS = ["25.2", "25,200.000", "25200", "0", "1,23", "0,252", "61,280", "1.0005", "9" * 20, "١٢", "25，200", "", "1.", ".5", "1e3"]
UNITS = ["t", " kg", "KGS", "吨", " 公斤", "M³", "m3", " cbm", "pcs", "件", "ton", "", "g", " ＫＧ"]
SHAPES: dict[str, list[str]] = {
    "issuer": ["91500106XXDEM0023Q", "91500106xxdem0023q", "9999XXDEMSTRAITS0174", "COSU", "MSCU1", "91500106XXDEM0023R"],
    "consignor": ["91500107XXDEM00FX5", "NAME: Acme Co., Ltd", "name：巴渝重機有限公司", "Name:股份", "NAME: Straße GmbH", "NAME: İ LLC"],
    "consignee": ["TO ORDER", "to the order of X", "凭指示", "ORDER", "Or-der", "NAME: Ωmega", "91500107 XXDEM00FX5"],
    "containers": ["XLHU2601019", "xlhu 260101-9", "XLHU2601018", "ＸＬＨＵ２６０１０１９", "XLRU2602015"],
    "hs": ["8429.52", "0202.30.00.90", "84295", "842952-0000", "８４２９５２"],
    "destination": ["SGSIN", "sg sin", "CNQZH", "TJC", "12345", "SG1IN", "ABCDEFGH"],
    "issue_date": [
        "2026-3-2", "02/MAR/26", "2026年3月2日", "2026.03.02", "03/02/2026", "March 2, 2026", "2MAR2026", "20260302", "2026-02-30",
        "26年3月2号",
    ],
}  # fmt: skip


def junk(chance: random.Random) -> str:
    """Pieces one after the other."""
    return "".join(chance.choice(PIECES) for _ in range(chance.randrange(1, 12)))


def spelled(text: str, chance: random.Random) -> str:
    """A text with a piece put in, taken out or in another case."""
    for _ in range(chance.randrange(3)):
        at = chance.randrange(len(text) + 1)
        text = chance.choice([text[:at] + chance.choice(PIECES) + text[at:], text[:at] + text[at + 1 :], text.lower(), text.upper()])
    return text


def document(base: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A copy of a bill in which one to three fields are spelled otherwise."""
    changed = dict(base)
    for _ in range(chance.randrange(1, 4)):
        name = chance.choice(["number", "gross_weight", "packages", "amount", "seals", "date_order", *SHAPES])
        if name == "date_order":
            changed[name] = chance.choice(["DMY", "MDY", "YMD"])
        elif name in SHAPES:
            text = spelled(chance.choice(SHAPES[name]), chance)
            changed[name] = [text] if name in ("containers", "hs") else text
        elif name == "gross_weight":
            changed[name] = spelled(chance.choice(NUMBERS) + chance.choice(UNITS), chance)
        elif name == "packages":
            changed[name] = spelled(chance.choice(NUMBERS), chance)
        elif name == "amount":
            changed[name] = spelled(chance.choice(["USD ", "CNY", "￥", "人民币", "JPY ", "kwd"]) + chance.choice(NUMBERS), chance)
        else:
            changed[name] = [junk(chance)] if name == "seals" else junk(chance)
    return changed
