"""Numbers and bytes as C++ writes them, in forms that compilers read quickly."""
from typing import Iterable, List

import numpy as np

COLUMNS = 118
BLOCK = 64_000  # bytes of a literal; some compilers take no more than 65,535


def wrapped(words: Iterable[str]) -> str:
    """Words with commas between them, in lines."""
    lines: List[str] = []
    line = ""
    for word in words:
        if line and len(line) + len(word) + 2 > COLUMNS:
            lines.append(line)
            line = ""
        line += (" " if line else "") + word + ","
    return "\n".join([*lines, line] if line else lines)


def float_literal(value: float) -> str:
    """A float as C++ reads it back, bit for bit: hexadecimal, which compilers read faster than decimal digits."""
    if value == 0:
        return "-0.0f" if np.signbit(value) else "0"
    digits, exponent = value.hex().split("p")
    return f"{digits.rstrip('0').rstrip('.')}p{int(exponent)}f"


def floats(values: np.ndarray) -> str:
    """The elements of an array of floats, in lines."""
    return wrapped(float_literal(value) for value in values.astype(np.float32).astype(np.float64).reshape(-1).tolist())


def string_line(data: bytes) -> str:
    """Bytes as a string literal, of a line."""
    text, open_escape = "", False  # of less than three octal digits, which a digit behind it would belong to
    for byte in data:
        character = chr(byte)
        if " " <= character <= "~" and not (open_escape and character in "01234567"):
            text += "\\" + character if character in '"\\?' else character
            open_escape = False
        else:
            text += f"\\{byte:o}"
            open_escape = byte < 0o100
    return f'"{text}"'


def string_blocks(data: bytes) -> List[str]:
    """Bytes as string literals of at most BLOCK bytes, each of them in lines."""
    blocks = [data[at:at + BLOCK] for at in range(0, len(data), BLOCK)]
    return ["\n".join(string_line(block[at:at + 38]) for at in range(0, len(block), 38)) for block in blocks]


def text_literal(text: str) -> str:
    """A text as a string literal, in UTF-8."""
    return string_line(text.encode())
