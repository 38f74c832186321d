"""The files that fuzz_readers.py begins with: small models in every form that strata-convert reads. Neither Keras
nor PyTorch is needed: the converter writes .keras itself, and files of PyTorch, Keras 2 and ONNX lie in tests/data."""
import io
import json
import pickle
import shutil
import zipfile
from pathlib import Path
from typing import Dict, List, NamedTuple

import h5py
import numpy as np
from strata_convert import model_file
from strata_convert.graph import Graph
from strata_convert.keras.writer import keras_bytes
from strata_convert.model import Model
from strata_convert.network import parse
from strata_convert.torch.writer import to_torch

DATA = Path(__file__).resolve().parents[1] / "data" / "exchange"
KERAS_2_PLAIN = "Sequential<Input<5, 2>, Conv1D<3, Kernel<2>, Tanh>, SimpleRNN<3>, Dense<2, Softmax>>"
LARGEST = 100_000  # bytes; larger files are read too slowly
IN_PYTORCH = ("dense", "image", "both_ways")  # whose state_dicts are written, too

NETWORKS = {
    "dense": "Sequential<Input<4>, Dense<3, ReLU>, BatchNormalization<>, Dropout<0.5>, Dense<2, Softmax>>",
    "image": "Sequential<Input<6, 6, 2>, Conv2D<3, Same, Groups<1>, ELU>, MaxPooling2D<>, BatchNormalization<>, "
             "ZeroPadding2D<1>, DepthwiseConv2D<Kernel<2>, DepthMultiplier<2>>, AveragePooling2D<Pool<3>, Strides<1>>, "
             "Flatten, Dense<2>>",
    "more_images": "Sequential<Input<4, 4, 2>, SeparableConv2D<2, Same>, Conv2DTranspose<2, Strides<2>, Same>, "
                   "PReLU<SharedAxes<1, 2>>, Cropping2D<1>, UpSampling2D<>, GroupNormalization<Groups<2>>, "
                   "GlobalAveragePooling2D<>, Rescaling<2, 1>, Dense<2>>",
    "sequence": "Sequential<Input<6, 2>, Conv1D<3, Causal, Dilation<2>>, LayerNormalization<>, LSTM<2, "
                "ReturnSequences>, GRU<2, ReturnSequences>, TimeDistributed<Dense<2>>, SimpleRNN<3>>",
    "both_ways": "Sequential<Input<5, 2>, Bidirectional<LSTM<2, ReturnSequences>>, GlobalMaxPooling1D<>, Dense<2>>",
    "masked": "Sequential<Input<5>, Embedding<7, 3, MaskZero>, GRU<2, ResetBefore, ZeroOutputForMask>>",
    "attention": "Sequential<Input<5, 4>, MultiHeadAttention<2, 2>, RMSNormalization<>, UnitNormalization, "
                 "Permute<2, 1>, Reshape<10, 2>, ReLU::With<MaxValue<3>>, Conv1DTranspose<2>>",
    "branches": "Sequential<Input<4>, Residual<Dense<4>, GELU>, Concatenate<Branch<Dense<2>>, Branch<Dense<3, SiLU>>>, "
                "Multiply<Branch<Dense<2>>, Branch<Dense<2, Sigmoid>>>, Normalization, RepeatVector<3>, Flatten>",
}


class Seed(NamedTuple):
    """A file or a folder, and the type that its weights go onto, "" where it says that itself."""

    path: Path
    onto: str = ""


def random_model(text: str) -> Model:
    """A network with random weights."""
    r, network = np.random.default_rng(1), parse(text)
    return Model(network, {name: r.random(shape, np.float32) for name, shape in Graph(network).tensors().items()})


def state_dict_bytes(tensors: Dict[str, np.ndarray]) -> bytes:
    """A .pt file, as torch.save writes a state_dict."""
    def text(value: str) -> bytes:
        return b"X" + len(value.encode()).to_bytes(4, "little") + value.encode()

    def whole(*numbers: int) -> bytes:
        return b"(" + b"".join(b"J" + n.to_bytes(4, "little") for n in numbers) + b"t"

    nothing = b"ccollections\nOrderedDict\n)R"
    commands, content = b"\x80\x02" + nothing + b"(", io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for index, (name, values) in enumerate(tensors.items()):
            values = np.ascontiguousarray(values, np.float32)
            storage = (b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text(str(index)) + text("cpu") +
                       whole(values.size)[1:-1] + b"tQ")
            commands += (text(name) + b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + whole(0)[1:-1] +
                         whole(*values.shape) + whole(*(step // 4 for step in values.strides)) + b"\x89" + nothing +
                         b"tR")
            archive.writestr(zipfile.ZipInfo(f"weights/data/{index}"), values.tobytes())
        archive.writestr(zipfile.ZipInfo("weights/data.pkl"), commands + b"u.")
        archive.writestr(zipfile.ZipInfo("weights/byteorder"), "little")
    return content.getvalue()


def layers_of(weights: h5py.File) -> Dict[str, Dict[str, np.ndarray]]:
    """The arrays of all layers by their paths."""
    found: Dict[str, Dict[str, np.ndarray]] = {}

    def add(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            found.setdefault(name.rpartition("/vars")[0], {})[name.rpartition("/")[2]] = item[()]

    weights.visititems(add)
    return found


def write_forms(model: Model, folder: Path, name: str) -> List[Seed]:
    """A model of Keras in all its forms: .keras with HDF5 and with NumPy's arrays, a folder, and the weights alone."""
    whole, network = folder / f"{name}.keras", str(model.network)
    whole.write_bytes(keras_bytes(model))
    with zipfile.ZipFile(whole) as archive:
        config, weights = archive.read("config.json"), archive.read("model.weights.h5")
        archive.extractall(folder / f"{name}_folder")
    (folder / f"{name}.weights.h5").write_bytes(weights)
    with h5py.File(io.BytesIO(weights)) as file:
        layers = layers_of(file)
    arrays = io.BytesIO()
    with zipfile.ZipFile(arrays, "w") as archive:
        for path, values in layers.items():
            content = io.BytesIO()
            np.lib.format.write_array_header_1_0(content, {"descr": "|O", "fortran_order": False, "shape": ()})
            pickle.dump(np.array(values, dtype=object), content)
            archive.writestr(f"{path}.npy", content.getvalue())
    with zipfile.ZipFile(folder / f"{name}_arrays.keras", "w") as archive:
        archive.writestr("config.json", config)
        archive.writestr("model.weights.npz", arrays.getvalue())
    shards = folder / f"{name}_shards"
    shards.mkdir()
    shutil.copy(folder / f"{name}.weights.h5", shards / "model_00000.weights.h5")
    places = {f"/{path}/vars": ["model_00000.weights.h5"] for path in layers}
    (shards / "model.weights.json").write_text(json.dumps({"metadata": {"total_size": 0}, "weight_map": places}))
    return [Seed(whole), Seed(folder / f"{name}.weights.h5", network), Seed(folder / f"{name}_arrays.keras"),
            Seed(folder / f"{name}_folder"), Seed(shards / "model.weights.json", network)]


def write_seeds(folder: Path) -> List[Seed]:
    """All of them."""
    seeds = [Seed(path) for path in sorted(DATA.rglob("*")) if path.suffix in (".h5", ".keras", ".onnx", ".pt2")
             and path.stat().st_size < LARGEST and not path.name.startswith("keras_2_plain")]
    seeds += [Seed(path, KERAS_2_PLAIN) for path in sorted(DATA.glob("keras_2_plain*.h5"))]
    for name, text in NETWORKS.items():
        model = random_model(text)
        seeds += write_forms(model, folder, name)
        own = folder / f"{name}.safetensors"
        own.write_bytes(model_file.model_bytes(model))
        seeds.append(Seed(own))
        if name in IN_PYTORCH:
            tensors = to_torch(model, name, name)[1]
            pt, other = folder / f"{name}.pt", folder / f"{name}.torch.safetensors"
            pt.write_bytes(state_dict_bytes(tensors))
            import safetensors.numpy
            other.write_bytes(safetensors.numpy.save(tensors))
            seeds += [Seed(pt, text), Seed(other, text)]
    return seeds
