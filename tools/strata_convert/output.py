"""Writes what a conversion makes: the type and the weights, both or none."""
from pathlib import Path
from typing import Tuple, Union

from strata_convert import __version__, cpp, model_file
from strata_convert.errors import ConvertError
from strata_convert.model import Model


def write(model: Model, folder: Union[str, Path], source: str = "A model", name: str = "Model") -> Tuple[Path, Path]:
    """Writes model.hpp, with a type of this name, and model.safetensors. Throws ConvertError."""
    folder = Path(folder)
    content = model_file.model_bytes(model)
    text = cpp.header(model, source, __version__, name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConvertError(f"{folder} cannot be made: {error.strerror}.") from None
    model_file.write_together({folder / "model.safetensors": content, folder / "model.hpp": text.encode()})
    return folder / "model.hpp", folder / "model.safetensors"
