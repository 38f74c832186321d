"""The reader of what Keras saves: .keras, .h5, .weights.h5, .weights.json, and folders."""
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import List, Optional

from strata_convert.branches import network_of
from strata_convert.errors import DAMAGED_ZIP, ConvertError, escaped
from strata_convert.given import network_given
from strata_convert.graph import Graph
from strata_convert.keras import archive, masks
from strata_convert.keras.models import MODELS, Builder
from strata_convert.keras.onto import fill
from strata_convert.model import Model

HDF5_BEGINS = b"\x89HDF\r\n\x1a\n"


def recognizes(path: Path) -> bool:
    """Whether a file or a folder is one that Keras wrote."""
    if path.is_dir():
        return (path / "config.json").exists()
    if path.name.endswith(".weights.json"):
        return True
    try:
        with path.open("rb") as file:
            if file.read(len(HDF5_BEGINS)) == HDF5_BEGINS:
                return True
        if not zipfile.is_zipfile(path):
            return False
        with zipfile.ZipFile(path) as found:
            return path.suffix == ".keras" or "config.json" in found.namelist()
    except DAMAGED_ZIP:
        return path.suffix == ".keras"


def read(path: Path, onto: Optional[str] = None) -> Model:
    """The model of a file. Throws ConvertError, with all that strata does not have at once."""
    with archive.opened(path) as source:
        if source.config is None:
            return fill(network_given(onto), source)
        if onto is not None:
            raise ConvertError(f"{path.name} says itself which network it holds: leave --onto out.")
        heading = f"{path.name} cannot be converted:"
        if not isinstance(source.config, dict) or source.config.get("class_name") not in MODELS:
            name = source.config.get("class_name") if isinstance(source.config, dict) else None
            raise ConvertError(heading, f"  - Its model is of the class {escaped(name)}, which is code of its user's: "
                               "save a Sequential or a functional model.")
        builder = Builder(re.match(r"[3-9]|\d\d", source.version) is None)  # old files name no version
        problems = builder.problems
        try:
            output = builder.model(source.config, "", "", [], False, True)
        except ConvertError as error:
            problems.add(str(error))
        problems.raise_any(heading)
        weights = source.store.fill(builder.slots, problems)
        problems.raise_any(heading)
    for call in builder.calls:
        slot = builder.slot_of_call.get(call.output)
        if slot is not None:
            call.layer = replace(call.layer, weights=weights.get(slot, {}))
    if builder.input is None or builder.input.shape is None:
        raise ConvertError(heading, "  - It has no input.")
    network = network_of(builder.input.shape, builder.calls, builder.input.number, output.number)
    masks.check(Graph(network)).raise_any(heading)
    model = Model.of(network)
    model.notes = without_doubles(builder.notes)
    return model


def without_doubles(notes: List[str]) -> List[str]:
    """Each note once."""
    return list(dict.fromkeys(notes))
