"""The models of Keras that tests convert: with random weights that are numbers of single precision, so that nothing is
lost on the way, and random moving averages; computed in double precision."""
import io
import os
import sys
import zipfile
from pathlib import Path
from typing import Callable, Dict, List

os.environ.setdefault("KERAS_BACKEND", "numpy")  # convolutions are computed by JAX there, too
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_ENABLE_X64", "1")

import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers as L  # noqa: E402
from keras.src.backend.common import dtypes  # noqa: E402

# Backends but TensorFlow compute with single precision where double is asked for.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"

keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")
MODELS: Dict[str, Callable[[], keras.Model]] = {}
SAMPLES = 100


def model(build: Callable[[], keras.Model]) -> Callable[[], keras.Model]:
    """Adds a model under the name of its function."""
    MODELS[build.__name__] = build
    return build


@model
def lenet5() -> keras.Model:
    return keras.Sequential([
        keras.Input((28, 28, 1)), L.Conv2D(6, 5, padding="same", activation="tanh"), L.AveragePooling2D(2),
        L.Conv2D(16, 5, activation="tanh"), L.AveragePooling2D(2), L.Flatten(), L.Dense(120, activation="tanh"),
        L.Dense(84, activation="tanh"), L.Dense(10, activation="softmax")])


@model
def vgg() -> keras.Model:
    blocks = [layer for n in (4, 8) for layer in (
        L.Conv2D(n, 3, padding="same", activation="relu"), L.Conv2D(n, (3, 2), padding="same", use_bias=False),
        L.BatchNormalization(), L.ReLU(), L.MaxPooling2D(), L.Dropout(0.25))]
    return keras.Sequential([keras.Input((12, 10, 3)), L.Rescaling(1 / 127.5, offset=-1), *blocks, L.Flatten(),
                             L.Dense(16, activation="gelu"), L.Dense(5, activation="softmax")])


@model
def resnet20() -> keras.Model:
    x = inputs = keras.Input((8, 8, 3))

    def convolution(x, filters, strides=1, size=3):
        x = L.Conv2D(filters, size, strides=strides, padding="same", use_bias=False)(x)
        return L.BatchNormalization(epsilon=1e-5)(x)

    x = L.ReLU()(convolution(x, 4))
    for filters in (4, 6, 8):
        for block in range(3):
            strides = 2 if block == 0 and filters > 4 else 1
            y = convolution(L.ReLU()(convolution(x, filters, strides)), filters)
            if strides == 2:
                x = convolution(x, filters, strides, 1)
            x = L.Activation("relu")(L.Add()([y, x]) if block else L.Add()([x, y]))
    return keras.Model(inputs, L.Dense(10)(L.GlobalAveragePooling2D()(x)))


@model
def lstm() -> keras.Model:
    return keras.Sequential([keras.Input((7, 3)), L.LSTM(5, return_sequences=True, dropout=0.2),
                             L.LSTM(4, recurrent_activation="hard_sigmoid", activation="softplus"), L.Dense(2)])


@model
def grus() -> keras.Model:
    return keras.Sequential([keras.Input((6, 3)), L.GRU(4, return_sequences=True),
                             L.GRU(4, reset_after=False, return_sequences=True, use_bias=False),
                             L.GRU(3, reset_after=False, go_backwards=True, return_sequences=True),
                             L.SimpleRNN(3, activation="relu"), L.Dense(2)])


@model
def bidirectional() -> keras.Model:
    return keras.Sequential([keras.Input((6, 2)), L.Bidirectional(L.LSTM(3, return_sequences=True)),
                             L.Bidirectional(L.GRU(4, return_sequences=True), merge_mode="sum"),
                             L.TimeDistributed(L.Dense(3, activation="elu")),
                             L.Bidirectional(L.SimpleRNN(3), merge_mode="ave")])


@model
def tcn() -> keras.Model:
    x = inputs = keras.Input((16, 2))
    for block, dilation in enumerate((1, 2, 4)):
        y = L.Conv1D(4, 3, padding="causal", dilation_rate=dilation, activation="relu")(x)
        y = L.SpatialDropout1D(0.1)(y)
        y = L.Conv1D(4, 3, padding="causal", dilation_rate=dilation, activation="relu")(y)
        x = L.Activation("relu")(L.Add()([L.Conv1D(4, 1)(x) if block == 0 else x, y]))
    return keras.Model(inputs, L.Dense(1)(L.Cropping1D((15, 0))(x)))


@model
def norms() -> keras.Model:
    """Without scale or center the places of the other variables move up."""
    return keras.Sequential([
        keras.Input((5, 4, 4)), L.BatchNormalization(scale=False), L.Conv2D(4, 1), L.BatchNormalization(center=False),
        L.GroupNormalization(2), L.BatchNormalization(scale=False, center=False, epsilon=0.01),
        L.LayerNormalization(scale=False), L.GroupNormalization(-1, center=False), L.RMSNormalization(),
        L.UnitNormalization(), L.LayerNormalization(epsilon=1e-2)])


@model
def shared_names() -> keras.Model:
    """Layers of one class whose own names are in another order than Keras' numbers."""
    return keras.Sequential([keras.Input((4,)), L.Dense(4, name="dense_7"), L.Dense(4, name="a", activation="mish"),
                             L.Dense(4, name="dense"), L.PReLU(name="dense_1"), L.Dense(4, name="z")])


@model
def nested() -> keras.Model:
    """Models in models, one of them used twice, and a layer used twice."""
    inner = keras.Sequential([keras.Input((4,)), L.Dense(4, activation="silu"), L.Dense(4)], name="inner")
    deeper = keras.Sequential([keras.Input((4,)), inner, L.LayerNormalization(), L.Dense(4)], name="deeper")
    x = inputs = keras.Input((4,))
    dense = L.Dense(4, activation="tanh")
    x = inner(dense(deeper(dense(x))))
    return keras.Model(inputs, x)


@model
def images() -> keras.Model:
    return keras.Sequential([
        keras.Input((7, 6, 2)), L.Normalization(mean=[0.5, -1.0], variance=[2.0, 0.25]),
        L.ZeroPadding2D(((1, 0), (2, 1))), L.DepthwiseConv2D(3, depth_multiplier=2),
        L.SeparableConv2D(6, 3, padding="same", strides=2, activation="selu"), L.PReLU(shared_axes=[1, 2]),
        L.Conv2DTranspose(4, 3, strides=2, padding="same"), L.Conv2DTranspose(3, (4, 3), strides=(2, 1)),
        L.UpSampling2D(interpolation="bilinear"), L.Cropping2D(((1, 2), (0, 3))), L.Conv2D(4, 3, groups=1, strides=3),
        L.MaxPooling2D(3, strides=2, padding="same"), L.AveragePooling2D(2, strides=1, padding="same"),
        L.Conv2D(4, 3, padding="same", dilation_rate=2, activation=L.LeakyReLU(negative_slope=0.1)),
        L.Permute((2, 1, 3)), L.GlobalMaxPooling2D(keepdims=True), L.Reshape((2, -1)), L.Conv1DTranspose(2, 2)])


@model
def branches() -> keras.Model:
    """Concatenations, merges of three, sums of arrays as operators, attention to another sequence."""
    inputs = keras.Input((6, 4))
    a = L.Conv1D(4, 3, padding="same", activation="leaky_relu")(inputs)
    b = L.AveragePooling1D(2, strides=1, padding="same")(inputs)
    c = L.Dense(4, activation="hard_silu")(inputs)
    x = L.Concatenate()([a, b, c + inputs])
    query, source = L.Dense(4)(x), L.MaxPooling1D(2)(L.Dense(5)(x))
    x = L.MultiHeadAttention(2, 3, value_dim=4, output_shape=6)(value=source, query=query)
    x = L.Average()([x, L.Dense(6)(x), L.Dense(6, activation="relu6")(x)])
    x = L.LayerNormalization()(x + L.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True))
    return keras.Model(inputs, L.Multiply()([x, L.Dense(6, activation="sigmoid")(x)]))


@model
def masked() -> keras.Model:
    return keras.Sequential([keras.Input((6, 2)), L.Masking(), L.Dense(4, activation="tanh"),
                             L.Bidirectional(L.LSTM(3, return_sequences=True)), L.GRU(4, return_sequences=True),
                             L.GlobalAveragePooling1D()])


@model
def words() -> keras.Model:
    return keras.Sequential([keras.Input((5,)), L.Embedding(11, 3, mask_zero=True),
                             L.LSTM(4, return_sequences=True, zero_output_for_mask=True), L.Conv1D(3, 2),
                             L.SimpleRNN(3), L.Dense(2)])


@model
def video() -> keras.Model:
    """A model for each step of a sequence."""
    picture = keras.Sequential([keras.Input((6, 6, 1)), L.Conv2D(3, 3, activation="relu"), L.BatchNormalization(),
                                L.MaxPooling2D(), L.Flatten()])
    return keras.Sequential([keras.Input((4, 6, 6, 1)), L.TimeDistributed(picture), L.GRU(3), L.Dense(2)])


@model
def bfloat16() -> keras.Model:
    """Weights are stored as bfloat16; they are computed with in double precision, to compare."""
    return keras.Sequential([keras.Input((5,)), L.Dense(6, activation="elu", dtype="bfloat16"),
                             L.Dense(2, dtype="bfloat16")])


def randomize(network: keras.Model, seed: int) -> None:
    """Random weights, as numbers of single precision; variances are positive."""
    draw = np.random.default_rng(seed)
    for variable in network.variables:
        if "seed" in variable.path or variable.path.startswith("normalization/"):
            continue
        values = draw.normal(size=variable.shape) / np.sqrt(max(1, np.prod(variable.shape[:-1])))
        if "variance" in variable.path:
            values = np.abs(draw.normal(size=variable.shape)) + 0.2
        elif "gamma" in variable.path or "bias" in variable.path or "mean" in variable.path:
            values = draw.normal(size=variable.shape)
        exact = values.astype(np.float32)
        variable.assign(exact if variable.dtype == "bfloat16" else exact.astype(variable.dtype))


def inputs_of(name: str, network: keras.Model) -> np.ndarray:
    """Random inputs; some steps are left out where a mask would see it."""
    draw = np.random.default_rng(99)
    shape = (SAMPLES, *network.input_shape[1:])
    if name == "words":
        return draw.integers(0, 11, shape).astype(np.float64)
    x = draw.normal(size=shape) * (100 if name == "vgg" else 1)
    if name == "masked":
        x[draw.random(shape[:2]) < 0.4] = 0
        x[:, 0] = 1
    return x.astype(np.float32).astype(np.float64)


def predictions(network: keras.Model, x: np.ndarray) -> np.ndarray:
    """What Keras makes of the inputs, in double precision."""
    if network.layers[0].dtype_policy.name == "bfloat16":
        copy = keras.Sequential([keras.Input((5,)), L.Dense(6, activation="elu"), L.Dense(2)])
        copy.set_weights([np.asarray(w).astype(np.float64) for w in network.get_weights()])
        network = copy
    return np.asarray(network(x, training=False), dtype=np.float64)


def save_forms(folder: Path) -> None:
    """One model in all of Keras' forms."""
    network = bidirectional_and_more()
    randomize(network, 7)
    x = inputs_of("forms", network)
    np.savez(folder / "forms.npz", x=x, y=predictions(network, x))
    network.save(folder / "forms.keras")
    network.save(folder / "folder", zipped=False)
    network.save(folder / "forms.h5")
    network.save_weights(folder / "forms.weights.h5")
    (folder / "shards").mkdir(exist_ok=True)
    network.save_weights(folder / "shards" / "model.weights.json", max_shard_size=5e-7)
    save_arrays(folder / "forms.keras", folder / "arrays.keras")
    network = frozen_inside()
    randomize(network, 8)
    x = inputs_of("frozen", network)
    np.savez(folder / "frozen.npz", x=x, y=predictions(network, x))
    network.save(folder / "frozen.h5")


def save_arrays(source: Path, target: Path) -> None:
    """The same model with model.weights.npz, as Keras meant it: dictionaries of arrays."""
    groups: Dict[str, Dict[str, np.ndarray]] = {}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in ("config.json", "metadata.json"):
            new.writestr(name, old.read(name))
        with h5py.File(io.BytesIO(old.read("model.weights.h5"))) as file:
            file.visititems(lambda name, item: groups.setdefault(name.rpartition("/vars/")[0], {}).update(
                {name.rpartition("/")[2]: np.asarray(item)}) if isinstance(item, h5py.Dataset) else None)
        content = io.BytesIO()
        np.savez(content, **groups)
        new.writestr("model.weights.npz", content.getvalue())


def frozen_inside() -> keras.Model:
    """A layer that is not trained inside of one that is: Keras 2's form has its weights behind those of the others."""
    frozen = L.TimeDistributed(L.Dense(4))
    frozen.layer.trainable = False
    inner = keras.Sequential([keras.Input((3, 4)), L.Dense(4), frozen, L.Dense(4)])
    return keras.Sequential([keras.Input((3, 4)), inner])


def bidirectional_and_more() -> keras.Model:
    """Layers whose weights lie in parts of them, and more than ten variables in a container."""
    normalization = L.Normalization()
    normalization.adapt(np.random.default_rng(3).normal(size=(50, 6, 4)) * 3 + 1)
    return keras.Sequential([
        keras.Input((6, 4)), normalization,
        L.Bidirectional(L.GRU(2, return_sequences=True)), L.TimeDistributed(L.Dense(4)), L.Dropout(0.5),
        L.BatchNormalization(), L.Dense(4, trainable=False), L.LSTM(3, return_sequences=True), L.Dense(2)])


def main(folder: Path, chosen: List[str]) -> None:
    """Saves the models, all unless some are chosen, their inputs and predictions."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (name, build) in enumerate(MODELS.items()):
        if chosen and name not in chosen:
            continue
        keras.utils.clear_session(free_memory=False)
        network = build()
        randomize(network, seed)
        x = inputs_of(name, network)
        network.save(folder / f"{name}.keras")
        np.savez(folder / f"{name}.npz", x=x, y=predictions(network, x))


if __name__ == "__main__":
    main(Path(sys.argv[1]) / "models", sys.argv[2:])
    save_forms(Path(sys.argv[1]))
