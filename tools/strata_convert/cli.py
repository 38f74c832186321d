"""The command strata-convert."""
import argparse
import importlib
import re
import sys
from pathlib import Path
from typing import Dict, List, Optional

from strata_convert import __version__, model_file, output
from strata_convert.errors import ConvertError, printable, quoted
from strata_convert.model import Model

# Modules with `recognizes(path) -> bool`, which opens no more than it must, and `read(path, onto) -> Model`, both of
# which import what they need themselves; and what each of them reads. The first one that recognizes a file reads it.
READERS: Dict[str, str] = {
    "strata_convert.model_reader": "strata's model.safetensors",
    "strata_convert.keras.reader": "Keras' .keras, .h5, .weights.h5 and .weights.json",
    "strata_convert.torch.reader": "PyTorch's .pt2, and its .pt and .safetensors",
    "strata_convert.onnx.reader": "ONNX files",
}

# Modules with `main(arguments) -> int` for `strata-convert COMMAND …`.
COMMANDS: Dict[str, str] = {"header": "strata_convert.header", "to-torch": "strata_convert.torch.writer"}


def reads() -> str:
    """What all readers read, for people."""
    return "; ".join(READERS.values())


def read(source: Path, onto: Optional[str]) -> Model:
    """The model of a file or a folder, by the first reader that recognizes it. Throws ConvertError."""
    if not source.exists():
        raise ConvertError(f"{source} does not exist.")
    for name in READERS:
        reader = importlib.import_module(name)
        if reader.recognizes(source):
            return reader.read(source, onto)
    raise ConvertError(f"{source} is nothing that strata-convert reads: {reads()}.")


def convert(arguments: List[str]) -> int:
    """Reads a model, and writes its type and its weights: both, or after an error none."""
    parser = argparse.ArgumentParser(
        prog="strata-convert", description="Turns a trained model into model.hpp, the type of the network for strata, "
        f"and model.safetensors, its weights. Reads {reads()}. Nothing in a file is executed.")
    parser.add_argument("source", type=Path, metavar="SOURCE", help="the file or the folder of the model")
    parser.add_argument("-o", dest="folder", type=Path, default=Path("."), metavar="FOLDER",
                        help="where to write, the current folder by default; a name that ends in .keras: that file")
    parser.add_argument("--onto", metavar="TYPE", help="the type of the network, for a file that holds weights alone: "
                        "'Sequential<Input<3>, Dense<8>>', or a model file of strata's")
    parser.add_argument("--name", default="Model", help="what the type is called in model.hpp, Model by default")
    parser.add_argument("--version", action="version", version=__version__)
    options = parser.parse_args(arguments)
    if not re.fullmatch(r"[A-Za-z]\w*", options.name):
        raise ConvertError(f"{quoted(options.name)} is no name of a type in C++.")
    model = read(options.source, options.onto)
    if options.folder.suffix == ".keras":
        from strata_convert.keras.writer import keras_bytes
        model_file.write_atomically(options.folder, keras_bytes(model))
        print(f"{options.folder}: {sum(values.size for values in model.tensors.values()):,} values")
        return 0
    header, weights = output.write(model, options.folder, options.source.name, options.name)
    for note in model.notes:
        print(f"strata-convert: {printable(note)}", file=sys.stderr)
    count = sum(values.size for values in model.tensors.values())
    print(f"{header}, {weights}: {count:,} values")
    return 0


def main(arguments: Optional[List[str]] = None) -> int:
    """The command; 1 after an error, which is told in sentences."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        if given and given[0] in COMMANDS:
            return int(importlib.import_module(COMMANDS[given[0]]).main(given[1:]))
        return convert(given)
    except ConvertError as error:
        print(f"strata-convert: {error}", file=sys.stderr)
        return 1
