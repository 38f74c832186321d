"""Reads data.pkl of a .pt file: what torch.load(weights_only=True) admits, without a line of it being executed.

The standard library takes the file apart into its commands; those that plain data and tensors need are carried out
here. What would be called or made is named in the file, and all such names but those of tensors are refused.
"""
import pickletools
from dataclasses import dataclass
from typing import Any, Dict, List, Tuple

from strata_convert.errors import ConvertError, listed

STORAGES = {"FloatStorage": "float32", "DoubleStorage": "float64", "HalfStorage": "float16",
            "BFloat16Storage": "bfloat16", "LongStorage": "int64", "IntStorage": "int32", "ShortStorage": "int16",
            "CharStorage": "int8", "ByteStorage": "uint8", "BoolStorage": "bool"}
ADMITTED = {"collections OrderedDict", "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter",
            "torch Size", *(f"torch {storage}" for storage in STORAGES)}
MOST_COMMANDS = 5_000_000


@dataclass(frozen=True)
class Named:
    """A class or a function that the file names."""

    name: str


@dataclass(frozen=True)
class Storage:
    """Where the numbers of tensors lie."""

    part: str
    dtype: str


@dataclass(frozen=True)
class Tensor:
    """A tensor, whose numbers have not been read."""

    storage: Storage
    offset: int
    shape: Tuple[int, ...]
    strides: Tuple[int, ...]


class Mark:
    """Where a list on the stack begins."""


def storage_of(identity: Any) -> Storage:
    """What a persistent id says: ("storage", FloatStorage, "0", "cpu", 25)."""
    if isinstance(identity, tuple) and len(identity) == 5 and identity[0] == "storage" \
            and isinstance(identity[1], Named) and isinstance(identity[2], str):
        dtype = STORAGES.get(identity[1].name.partition(" ")[2])
        if dtype is not None:
            return Storage(identity[2], dtype)
    raise ValueError("a storage of another kind")


def called(function: Any, arguments: Any) -> Any:
    """What a call of an admitted function makes."""
    name = function.name if isinstance(function, Named) else ""
    if name == "collections OrderedDict" and arguments in ((), ([],)):
        return {}
    if name == "torch Size" and len(arguments) == 1:
        return arguments[0]
    if name == "torch._utils _rebuild_parameter" and isinstance(arguments[0], Tensor):
        return arguments[0]
    if name == "torch._utils _rebuild_tensor_v2":
        storage, offset, shape, strides = arguments[:4]
        if isinstance(storage, Storage) and all(type(n) is int and n >= 0 for n in (offset, *shape, *strides)):
            return Tensor(storage, offset, tuple(shape), tuple(strides))
    raise ValueError(f"a call of {name or 'something else'}")


CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
WITH_ARGUMENT = {"BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
                 "SHORT_BINBYTES", "BINBYTES", "INT", "LONG", "FLOAT", "UNICODE", "STRING", "BINSTRING",
                 "SHORT_BINSTRING"}
IGNORED = {"PROTO", "FRAME"}


class Machine:
    """Carries out the commands."""

    def __init__(self) -> None:
        self.stack: List[Any] = []
        self.memo: Dict[int, Any] = {}

    def to_mark(self) -> List[Any]:
        """Takes what lies above the last mark."""
        items: List[Any] = []
        while True:
            item = self.stack.pop()
            if isinstance(item, Mark):
                return items[::-1]
            items.append(item)

    def set_items(self, target: Any, items: List[Any]) -> None:
        """Pairs into a dictionary."""
        if not isinstance(target, dict) or len(items) % 2:
            raise ValueError("items for something that is no dictionary")
        target.update(zip(items[::2], items[1::2]))

    def collect(self, name: str) -> None:
        """Commands that put values together."""
        stack = self.stack
        if name in ("EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE", "EMPTY_SET"):
            stack.append({"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple, "EMPTY_SET": set}[name]())
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            count = int(name[-1])
            stack[-count:] = [tuple(stack[-count:])]
        elif name == "TUPLE":
            stack.append(tuple(self.to_mark()))
        elif name in ("LIST", "DICT"):
            items = self.to_mark()
            stack.append(items if name == "LIST" else dict(zip(items[::2], items[1::2])))
        elif name in ("APPEND", "APPENDS"):
            items = [stack.pop()] if name == "APPEND" else self.to_mark()
            if not isinstance(stack[-1], list):
                raise ValueError("items for something that is no list")
            stack[-1].extend(items)
        elif name in ("SETITEM", "SETITEMS"):
            items = self.to_mark() if name == "SETITEMS" else [stack.pop(), stack.pop()][::-1]
            self.set_items(stack[-1], items)
        else:
            raise ValueError(f"the command {name}")

    def command(self, name: str, argument: Any) -> None:
        """One command."""
        stack = self.stack
        if name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name in WITH_ARGUMENT:
            stack.append(argument)
        elif name == "MARK":
            stack.append(Mark())
        elif name == "GLOBAL":
            stack.append(Named(argument))
        elif name == "STACK_GLOBAL":
            attribute, module = stack.pop(), stack.pop()
            stack.append(Named(f"{module} {attribute}"))
        elif name in ("BINPUT", "LONG_BINPUT", "PUT"):
            self.memo[argument] = stack[-1]
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET", "GET"):
            stack.append(self.memo[argument])
        elif name == "BINPERSID":
            stack.append(storage_of(stack.pop()))
        elif name == "REDUCE":
            arguments = stack.pop()
            stack.append(called(stack.pop(), arguments))
        elif name == "BUILD":  # attributes of an OrderedDict, which say nothing about tensors
            stack.pop()
        elif name == "POP":
            stack.pop()
        else:
            self.collect(name)


def foreign_names(commands: List[Tuple[str, Any]]) -> List[str]:
    """All classes and functions that the file names, but for admitted ones."""
    names = [str(argument) for name, argument in commands if name == "GLOBAL"]
    for at, (name, argument) in enumerate(commands):
        if name == "STACK_GLOBAL":
            texts = [str(argument) for kind, argument in commands[max(at - 4, 0):at] if "UNICODE" in kind]
            names.append(" ".join(texts[-2:]) if len(texts) >= 2 else "something that is not named")
        elif name in ("INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4"):
            names.append(str(argument or name))
    return sorted({name.replace(" ", ".") for name in names if name not in ADMITTED})


def unpickle(data: bytes, source: str) -> Any:
    """What a file holds. Throws ConvertError."""
    try:
        commands = []
        for opcode, argument, _ in pickletools.genops(data):
            commands.append((opcode.name, argument))
            if len(commands) > MOST_COMMANDS:
                raise ValueError("it has too many commands")
        foreign = foreign_names(commands)
    except Exception as error:  # pickletools throws all kinds for damaged files
        raise ConvertError(f"{source} is damaged: {error}.") from None
    if foreign:
        raise ConvertError(f"{source} holds more than tensors: it names {listed(foreign)}. Nothing in a file is "
                           "executed: save model.state_dict(), or export the model with torch.export.save.")
    machine = Machine()
    try:
        for name, argument in commands:
            if name == "STOP":
                return machine.stack.pop()
            if name not in IGNORED:
                machine.command(name, argument)
        raise ValueError("it has no end")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise ConvertError(f"{source} is damaged, or holds more than tensors: {error}.") from None
