"""Turns trained models of other libraries into strata's: a header with the network's type, a file with its weights."""

__version__ = "0.1.0"  # that of strata, see include/strata/config.hpp


def from_torch(module, input_shape, dtype=None):  # type: ignore[no-untyped-def]
    """The model of a module of PyTorch's that takes batches of inputs of a shape: see torch/reader.py."""
    from strata_convert.torch import reader

    return reader.from_torch(module, input_shape, dtype)


def write(model, folder, source="A model", name="Model"):  # type: ignore[no-untyped-def]
    """Writes model.hpp and model.safetensors: see output.py."""
    from strata_convert import output

    return output.write(model, folder, source, name)
