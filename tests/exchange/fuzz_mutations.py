"""Changes files at random so that most of them are still read halfway: a change knows what a file is made of, a zip
file of members, JSON of values, a message of protobuf of fields, a pickle of commands, an HDF5 file of objects."""
import io
import json
import pickletools
import random
import struct
import zipfile
from typing import Any, Callable, List, Sequence, Tuple

import numpy as np

NUMBERS = (0, 1, -1, 2, 3, 5, 7, 16, 127, 255, 100_000, 2**31 - 1, 2**31, -2**31, 2**40, 2**63 - 1, 2**63, 10**30)
VALUES = (None, True, False, *NUMBERS, 0.0, 0.5, 1.5, -2.5, 1e-30, 1e30, float("nan"), float("inf"), "", "relu", "same",
          "causal", "valid", "a\x00b", "\ud800", "x" * 50, "../x", [], [1], [1, 2, 3], [None, 3], [[1, 1], [2, 2]],
          [2**40, 2**40], {}, {"config": {}}, {"class_name": "Dense", "config": {}}, {"as_int": 2})
EIGHT_BYTES = (b"\xff" * 8, b"\0" * 8, (2**40).to_bytes(8, "little"), (2**31).to_bytes(8, "little"))
HDF5 = b"\x89HDF\r\n\x1a\n"
Random = random.Random


def bytes_changed(r: Random, data: bytes, others: Sequence[bytes] = ()) -> bytes:
    """Bits, bytes and numbers; what is left out, doubled, cut off, or taken from another file."""
    if not data:
        return b"\0"
    kind = r.random()
    if kind < 0.1:
        return data[:r.randrange(len(data))]
    if kind < 0.2:
        other, at = r.choice([data, *others]) or b"\0", r.randrange(len(data))
        start = r.randrange(len(other))
        part = other[start:start + r.choice((1, 4, 16, 256, 4096))]
        return data[:at] + part + data[at + (len(part) if r.random() < 0.5 else 0):]
    changed = bytearray(data)
    for _ in range(r.choice((1, 1, 2, 4, 16, 64))):
        near = min(len(changed), 4096)  # most of what describes a file stands at one of its ends
        at = r.choice((r.randrange(len(changed)), r.randrange(near), len(changed) - 1 - r.randrange(near)))
        kind = r.random()
        if kind < 0.4:
            changed[at] ^= 1 << r.randrange(8)
        elif kind < 0.7:
            changed[at] = r.choice((0, 1, 2, 3, 7, 8, 0x7F, 0x80, 0xFF, r.randrange(256)))
        elif kind < 0.8 and len(changed) > 16:
            del changed[at:at + r.choice((1, 2, 4, 8))]
        elif kind < 0.9:
            changed[at:at] = r.randbytes(r.choice((1, 2, 4)))
        else:
            changed[at:at + 8] = r.choice(EIGHT_BYTES)
    return bytes(changed)


def places_of(value: Any) -> List[Tuple[Any, Any]]:
    """All containers in a value, each with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in ((value, key), *places_of(value[key]))]


def json_changed(r: Random, text: bytes) -> bytes:
    """Values of other types and sizes, values that are missing, doubled or moved."""
    try:
        value = json.loads(text)
    except ValueError:
        return bytes_changed(r, text)
    for _ in range(r.choice((1, 1, 1, 2, 4))):
        places = places_of(value)
        if not places:
            break
        holder, key = r.choice(places)
        kind = r.random()
        if kind < 0.6:
            holder[key] = json.loads(json.dumps(r.choice(VALUES)))
        elif kind < 0.75:
            del holder[key]
        elif kind < 0.85 and isinstance(holder, list):
            holder.append(json.loads(json.dumps(holder[key])))
        else:
            other, from_key = r.choice(places)
            try:
                holder[key] = json.loads(json.dumps(other[from_key]))
            except KeyError:  # it has just been left out
                pass
    return json.dumps(value).encode()


def varint(number: int) -> bytes:
    """A number as protobuf writes it."""
    parts = []
    number &= 2**64 - 1
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def read_varint(data: bytes, at: int) -> Tuple[int, int]:
    """A number, and where it ends. Throws IndexError."""
    number = shift = 0
    while True:
        number |= (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 128:
            return number, at


def fields_of(data: bytes) -> List[List[Any]]:
    """The fields of a message: key, and number or bytes. Throws ValueError or IndexError for what is none."""
    fields, at = [], 0
    while at < len(data):
        key, at = read_varint(data, at)
        if key < 8 or key >> 3 > 100:
            raise ValueError("no field")
        if key & 7 == 0:
            content, at = read_varint(data, at)
        else:
            if key & 7 not in (1, 2, 5):
                raise ValueError("no field")
            size, at = read_varint(data, at) if key & 7 == 2 else (8 if key & 7 == 1 else 4, at)
            if at + size > len(data):
                raise ValueError("no field")
            content, at = data[at:at + size], at + size
        fields.append([key, content])
    return fields


def message_of(fields: Sequence[Sequence[Any]]) -> bytes:
    """The bytes of fields."""
    return b"".join(varint(key) + (varint(content) if key & 7 == 0 else content if key & 7 != 2 else
                                   varint(len(content)) + content) for key, content in fields)


def message_changed(r: Random, data: bytes, deep: int = 0) -> bytes:
    """A field of a message, or of a message in it: another number, or text; left out, doubled, moved."""
    try:
        fields = fields_of(data)
    except (ValueError, IndexError):
        fields = []
    if not fields:
        return bytes_changed(r, data) if deep == 0 or r.random() < 0.5 else data
    place = r.randrange(len(fields))
    key, content = fields[place]
    kind = r.random()
    if kind < 0.1:
        del fields[place]
    elif kind < 0.17:
        fields.insert(r.randrange(len(fields) + 1), [key, content])
    elif kind < 0.24:
        other = r.randrange(len(fields))
        fields[place][1], fields[other][1] = ((fields[other][1], content) if fields[other][0] & 7 == key & 7
                                              else (content, fields[other][1]))
    elif isinstance(content, int):
        fields[place][1] = r.choice((*NUMBERS, r.randrange(32)))
    elif key & 7 == 2 and deep < 8:
        fields[place][1] = message_changed(r, content, deep + 1)
    else:
        fields[place][1] = r.choice((bytes_changed(r, content)[:len(content)].ljust(len(content), b"\0"),
                                     struct.pack("<f", float("nan")).ljust(len(content), b"\0")[:len(content)]))
    return message_of(fields)


def pickle_changed(r: Random, data: bytes) -> bytes:
    """Commands that are left out, doubled or moved, and numbers."""
    try:
        starts = [place for _, _, place in pickletools.genops(data)]
    except Exception:  # it throws all kinds
        return bytes_changed(r, data)
    parts = [data[a:b] for a, b in zip(starts, [*starts[1:], len(data)])]
    for _ in range(r.choice((1, 1, 2, 4))):
        at, other = r.randrange(len(parts)), r.randrange(len(parts))
        kind = r.random()
        if kind < 0.25:
            parts[at] = b""
        elif kind < 0.5:
            parts.insert(at, parts[other])
        elif kind < 0.6:
            parts[at], parts[other] = parts[other], parts[at]
        elif kind < 0.9:
            number = r.choice(NUMBERS)
            parts[at] = b"\x8a\x09" + (number & 2**72 - 1).to_bytes(9, "little") if parts[at][:1] in b"KMJ\x8a" else \
                r.choice((b"N", b"\x88", b"]", b"}", b")", b"0", b"2", b"(", b"\x85", b"R"))
        else:
            parts[at] = bytes_changed(r, parts[at])
    return b"".join(parts)


def npy_changed(r: Random, data: bytes) -> bytes:
    """An array of NumPy's that holds a pickle."""
    begin = data.find(b"\n") + 1
    return data[:begin] + pickle_changed(r, data[begin:]) if r.random() < 0.8 else bytes_changed(r, data)


def safetensors_changed(r: Random, data: bytes) -> bytes:
    """The header as JSON, its length, and the numbers."""
    size = int.from_bytes(data[:8], "little")
    header, rest = data[8:8 + size], data[8 + size:]
    kind = r.random()
    if kind < 0.7:
        header = json_changed(r, header)
        header += b" " * (-len(header) % 8)
    elif kind < 0.85:
        rest = bytes_changed(r, rest)
    length = len(header) if r.random() < 0.95 else r.choice(NUMBERS) % 2**64
    return struct.pack("<Q", length) + header + rest


def array_changed(r: Random, values: Any) -> Any:
    """What may stand in place of an array."""
    values = np.asarray(values)
    nothing = np.zeros((0, *values.shape[1:]), np.float32)
    choices: List[Callable[[], Any]] = [
        lambda: values.reshape(-1), lambda: values.T, lambda: nothing, lambda: "text", lambda: values.astype("c8"),
        lambda: values.astype(r.choice(("f8", "f2", "i4", "i1", "bool", "S4"))), lambda: values[..., None],
        lambda: np.full(values.shape, r.choice((np.nan, np.inf, -1.0, 1e300)))]
    return r.choice(choices)()


def attribute_changed(r: Random, attributes: Any) -> None:
    """One attribute of an object of HDF5."""
    name = r.choice(list(attributes))
    value = attributes[name]
    if isinstance(value, (str, bytes)) and r.random() < 0.8:
        text = value.encode("utf-8", "replace") if isinstance(value, str) else value
        changed = json_changed(r, text) if text[:1] in (b"{", b"[") else bytes_changed(r, text)
        attributes[name] = changed.decode("utf-8", "replace").replace("\0", "")
    elif r.random() < 0.3:
        del attributes[name]
    else:
        attributes[name] = r.choice((1, "x", 1.5, "", np.arange(3), np.array([b"a", b"b"]), np.zeros(0)))


def object_changed(r: Random, file: Any) -> None:
    """One object of an HDF5 file."""
    import h5py
    names: List[str] = []
    file.visit(names.append)
    name = r.choice([*names, "/"])
    found, kind = file[name], r.random()
    if len(found.attrs) and kind < 0.5:
        attribute_changed(r, found.attrs)
    elif name != "/":
        del file[name]
        if kind < 0.6:
            file[name] = h5py.SoftLink(r.choice(["/", "/nowhere", *names]))
        elif kind < 0.65:
            file.create_group(name)
        elif kind < 0.7:
            file.create_dataset(name, (2**40, 2**20), np.float32, chunks=(1024, 1024))
        elif isinstance(found, h5py.Dataset) and kind < 0.95:
            file[name] = array_changed(r, found[()])


def hdf5_changed(r: Random, data: bytes) -> bytes:
    """Objects, their attributes, their links; without h5py bytes alone."""
    try:
        import h5py
        content = io.BytesIO(data)
        with h5py.File(content, "r+") as file:
            for _ in range(r.choice((1, 1, 2))):
                object_changed(r, file)
        return content.getvalue()
    except (ImportError, OSError, RuntimeError, ValueError, TypeError, KeyError, OverflowError, MemoryError):
        return bytes_changed(r, data)


def zip_changed(r: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """A member, which stays one of a whole zip file; or the names of members, or how they are packed."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(content, "w") as written:
        names, sizes = archive.namelist(), [info.file_size + 1 for info in archive.infolist()]
        chosen, kind = r.choice((r.choice(names), r.choices(names, sizes)[0])), r.random()
        for name in names:
            member, packed = archive.read(name), zipfile.ZIP_STORED
            if name == chosen:
                if kind < 0.85:
                    member = changed(r, member, others)
                elif kind < 0.88:
                    continue
                elif kind < 0.91:
                    name = r.choice((*names, "../" + name, "/" + name, name.upper(), name + "/x"))
                elif kind < 0.94:
                    member = archive.read(r.choice(names))
                else:
                    packed = r.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
            written.writestr(zipfile.ZipInfo(name), member, packed)
    return content.getvalue()


def changed(r: Random, data: bytes, others: Sequence[bytes] = ()) -> bytes:
    """A file that is like another one, by what it is made of."""
    if r.random() < 0.1 or not data:
        return bytes_changed(r, data, others)
    if data[:4] == b"PK\3\4":
        return zip_changed(r, data, others)
    if data[:8] == HDF5:
        return hdf5_changed(r, data) if r.random() < 0.8 else bytes_changed(r, data, others)
    if data[:1] in (b"{", b"["):
        return json_changed(r, data)
    if data[:6] == b"\x93NUMPY":
        return npy_changed(r, data)
    if data[8:9] == b"{":
        return safetensors_changed(r, data)
    if data[:1] == b"\x80":
        return pickle_changed(r, data)
    if data[:1] == b"\x08":  # ONNX: the field ir_version comes first
        for _ in range(r.choice((1, 1, 1, 2, 3, 6))):
            data = message_changed(r, data)
        return data
    return bytes_changed(r, data, others)
