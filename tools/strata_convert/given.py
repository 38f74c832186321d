"""The network that a user names for a file that holds weights alone."""
import re
from pathlib import Path
from typing import Optional

from strata_convert import model_file
from strata_convert.errors import ConvertError
from strata_convert.network import Node, parse


def network_given(onto: Optional[str]) -> Node:
    """A type: its text, or a file that has it, model.hpp or a model file of strata's. Throws ConvertError."""
    if onto is None:
        raise ConvertError("The file holds weights alone: say onto which network, --onto 'Sequential<Input<3>, "
                           "Dense<8>>', --onto model.hpp or --onto model.safetensors.")
    path = Path(onto)
    if "<" in onto or path.suffix not in (".hpp", ".safetensors"):
        return parse(onto)
    if path.suffix == ".safetensors":
        return parse(model_file.read_metadata(path).get("network", ""))
    try:
        text = re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise ConvertError(f"{path} cannot be read: {error.strerror}.") from None
    found = re.search(r"using\s+\w+\s*=\s*((?:strata::)?Sequential\s*<[^;]*>)\s*;", text)
    if found is None:
        raise ConvertError(f"{path} has no `using Model = strata::Sequential<...>;`.")
    return parse(found.group(1))
