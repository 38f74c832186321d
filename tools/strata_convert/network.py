"""strata's type expressions, `Sequential<Input<3>, Dense<8, Tanh>>`, as trees: parsed, changed and printed.

This text is what a model file has as its metadata `network`, what a C++ program has as the type of its model, and what
all readers and writers here hand to each other.
"""
import re
from dataclasses import dataclass, field, replace
from typing import Any, Callable, List, Mapping, Optional, Tuple, Union

from strata_convert.errors import ConvertError, quoted

Argument = Union["Node", int, float]


@dataclass(frozen=True)
class Node:
    """A type: its name, and its template arguments; None where it has no brackets (`Tanh`, not `Dropout<0.5>`)."""

    name: str
    arguments: Optional[Tuple[Argument, ...]] = None
    comment: str = field(default="", compare=False)  # where a layer came from, for people
    # A layer's tensors by strata's names ("kernel"), if a reader puts them here; those of a Bidirectional's directions
    # are "forward/kernel" and "backward/kernel". See Model.of.
    weights: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def args(self) -> Tuple[Argument, ...]:
        """The arguments, none where there are no brackets."""
        return self.arguments or ()

    def types(self) -> List["Node"]:
        """The arguments that are types."""
        return [argument for argument in self.args if isinstance(argument, Node)]

    def __str__(self) -> str:
        if self.arguments is None:
            return self.name
        return f"{self.name}<{', '.join(argument_text(argument) for argument in self.arguments)}>"


def node(name: str, *arguments: Argument, comment: str = "") -> Node:
    """A type with brackets: `node("Dense", 8, Node("Tanh"))`."""
    return Node(name, arguments, comment)


def mapped(tree: Node, change: Callable[[Node], Optional[Node]]) -> Optional[Node]:
    """A type that `change` is applied to, and then to its parts; those that it makes nothing of are left out."""
    changed = change(tree)
    if changed is None or changed.arguments is None:
        return changed
    parts = [mapped(part, change) if isinstance(part, Node) else part for part in changed.arguments]
    return replace(changed, arguments=tuple(part for part in parts if part is not None))


def argument_text(argument: Argument) -> str:
    """As strata prints it: real numbers as Python does."""
    return repr(argument) if isinstance(argument, float) else str(argument)


TOKEN = re.compile(r"\s*(?:(?P<number>-?\d+(?:\.\d*)?(?:e[+-]?\d+)?|-?inf\b)[uUlL]*"
                   r"|(?P<name>[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*)|(?P<mark>[<>,]))")
DEEPEST = 100
LONGEST_NUMBER = 400


class Parser:
    """Goes over a text from front to back. Texts come from strangers: their depth is bounded."""

    def __init__(self, text: str) -> None:
        self.tokens: List[Tuple[str, str]] = []
        at = 0
        while at < len(text.rstrip()):
            match = TOKEN.match(text, at)
            if match is None:
                raise ConvertError(f"The network {quoted(text)} is no type, because of {quoted(text[at:at + 12])}.")
            self.tokens.append((str(match.lastgroup), str(match.group(str(match.lastgroup)))))
            at = match.end()
        self.text = text
        self.at = 0

    def peek(self) -> str:
        """The text of the next token, none at the end."""
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def fail(self, wanted: str) -> ConvertError:
        """The error for what comes next."""
        found = quoted(self.peek()) if self.peek() else "the end"
        return ConvertError(f"The network {quoted(self.text)} is no type: {wanted} expected, {found} found.")

    def argument(self, depth: int = 0) -> Argument:
        """A number, or a type with all that it is made of."""
        if self.at == len(self.tokens) or depth > DEEPEST:
            raise self.fail("a name")
        kind, text = self.tokens[self.at]
        if kind == "mark":
            raise self.fail("a name")
        self.at += 1
        if kind == "number":
            if len(text) > LONGEST_NUMBER:
                raise ConvertError(f"The network has a number of {len(text)} characters.")
            return int(text) if re.fullmatch(r"-?\d+", text) else float(text)
        name = text[len("strata::"):] if text.startswith("strata::") else text
        if self.peek() != "<":
            return Node(name)
        self.at += 1
        arguments: List[Argument] = []
        while self.peek() != ">":
            if arguments:
                if self.peek() != ",":
                    raise self.fail('"," or ">"')
                self.at += 1
            arguments.append(self.argument(depth + 1))
        self.at += 1
        return Node(name, tuple(arguments))


def parse(text: str) -> Node:
    """The tree of a network's text. Throws ConvertError."""
    parser = Parser(text)
    tree = parser.argument()
    if parser.at != len(parser.tokens):
        raise parser.fail("the end")
    if not isinstance(tree, Node) or tree.name not in ("Sequential", "basic_sequential"):
        raise ConvertError(f"The network {quoted(text)} is no Sequential.")
    input_and_layers(tree)
    return tree


def input_and_layers(network: Node) -> Tuple[Tuple[int, ...], List[Node]]:
    """The shape of a Sequential's input, and its layers."""
    types = network.types()
    if network.name == "basic_sequential":  # basic_sequential<double, Input<...>, ...>
        types = types[1:]
    extents = types[0].args if types and types[0].name == "Input" else ()
    if not extents or not all(isinstance(extent, int) and extent > 0 for extent in extents):
        raise ConvertError("The network has no Input<...> as its first part.")
    return tuple(int(extent) for extent in extents if isinstance(extent, int)), types[1:]
