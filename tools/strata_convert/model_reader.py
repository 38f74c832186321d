"""The reader of strata's own model files."""
from pathlib import Path
from typing import Optional

from strata_convert import model_file
from strata_convert.model import Model


def recognizes(path: Path) -> bool:
    """Whether a file is a model of strata's."""
    return path.suffix == ".safetensors" and model_file.recognizes(path)


def read(path: Path, onto: Optional[str] = None) -> Model:
    """The model of a file; it says itself which network it holds. Throws ConvertError."""
    return model_file.read(path)[0]
