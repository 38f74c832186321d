"""Writes what a conversion makes: the type and the weights, both or none."""
from pathlib import Path
from typing import Optional, Tuple, Union

from strata_convert import __version__, cpp, model_file
from strata_convert.errors import ConvertError, quoted
from strata_convert.layers import class_name
from strata_convert.layers.table import OF_TRAINING, WITHOUT_MEANING
from strata_convert.model import Model
from strata_convert.network import Node, mapped


def leave_out_own(model: Model) -> None:
    """Leaves out of a model's type what is a program's own and matters to training alone, with a note: model.hpp has
    only what strata has."""
    def known(part: Node) -> Optional[Node]:
        if not part.name.endswith(WITHOUT_MEANING) or part.name in OF_TRAINING:
            return part
        if all(class_name(argument) in OF_TRAINING for argument in part.types()):
            return part
        note = f"{quoted(part)} is left out of the type: strata does not have it, and it matters to training alone."
        if note not in model.notes:
            model.notes.append(note)
        return None

    model.network = mapped(model.network, known) or model.network


def write(model: Model, folder: Union[str, Path], source: str = "A model", name: str = "Model") -> Tuple[Path, Path]:
    """Writes model.hpp, with a type of this name, and model.safetensors. Throws ConvertError."""
    folder = Path(folder)
    leave_out_own(model)
    content = model_file.model_bytes(model)
    text = cpp.header(model, source, __version__, name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConvertError(f"{folder} cannot be made: {error.strerror}.") from None
    model_file.write_together({folder / "model.safetensors": content, folder / "model.hpp": text.encode()})
    return folder / "model.hpp", folder / "model.safetensors"
