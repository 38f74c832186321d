"""The one kind of error that users see: sentences, without a traceback."""
import lzma
import struct
import zipfile
import zlib
from typing import Iterable, List

# What zipfile throws for a damaged file.
DAMAGED_ZIP = (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, struct.error, zipfile.BadZipFile,
               zlib.error, lzma.LZMAError)


def printable(text: str) -> str:
    """A text without what steers a terminal, but for the ends of lines."""
    return "".join(c if c == "\n" or c.isprintable() else f"\\x{ord(c):02x}" for c in text)


class ConvertError(Exception):
    """What is wrong with a file or a request: one sentence, or one for each thing that is wrong with it."""

    def __init__(self, *sentences: str) -> None:
        self.sentences = [printable(sentence) for sentence in sentences]
        super().__init__("\n".join(self.sentences))


class Problems:
    """Collects all that is wrong, so that users hear of it at once, not one thing after another."""

    def __init__(self) -> None:
        self.sentences: List[str] = []

    def add(self, sentence: str) -> None:
        """Remembers a problem, once."""
        if sentence not in self.sentences:
            self.sentences.append(sentence)

    def raise_any(self, heading: str) -> None:
        """Throws ConvertError with the heading and all problems, if there are any."""
        if self.sentences:
            raise ConvertError(heading, *(f"  - {sentence}" for sentence in self.sentences))


def escaped(text: object, longest: int = 80) -> str:
    """A name out of a file, fit for a message: it may hold anything, also what steers a terminal."""
    shown = "".join(c if " " <= c <= "~" and c not in '"\\' else f"\\x{ord(c):02x}" for c in str(text)[:longest])
    return shown + ("..." if len(str(text)) > longest else "")


def quoted(text: object, longest: int = 80) -> str:
    """The same in quotation marks."""
    return f'"{escaped(text, longest)}"'


def listed(names: Iterable[object]) -> str:
    """Names in a sentence: `"a", "b" and 3 more`."""
    all_names = [quoted(name) for name in names]
    return ", ".join(all_names[:12]) + (f" and {len(all_names) - 12} more" if len(all_names) > 12 else "")
