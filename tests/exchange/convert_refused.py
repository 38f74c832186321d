"""What strata does not have, as Keras saves it: a model for each construct, and what the message must say of it."""
import sys
from pathlib import Path
from typing import Callable, Dict, List, Tuple

import convert_models  # noqa: F401  sets Keras up
import keras
from keras import layers as L

REFUSED: Dict[str, str] = {}  # a model's name to what its message says
BUILDERS: List[Tuple[str, Callable[[], keras.Model]]] = []


def refused(says: str) -> Callable[[Callable[[], keras.Model]], None]:
    """Adds a model that is refused with a message that says this."""
    def add(build: Callable[[], keras.Model]) -> None:
        BUILDERS.append((build.__name__, build))
        REFUSED[build.__name__] = says
    return add


def one(name: str, says: str, shape: Tuple[int, ...], *layers: Callable[[], keras.layers.Layer]) -> None:
    """The same for a Sequential."""
    BUILDERS.append((name, lambda: keras.Sequential([keras.Input(shape), *(layer() for layer in layers)])))
    REFUSED[name] = says


@keras.saving.register_keras_serializable("mine")
class Doubled(L.Layer):
    def call(self, x):
        return 2 * x


@keras.saving.register_keras_serializable("mine")
def cubed(x):
    return x * x * x


@keras.saving.register_keras_serializable("mine")
class Subclassed(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = L.Dense(2)

    def call(self, x):
        return self.dense(x)


one("lambda_layer", "holds code", (3,), lambda: L.Lambda(lambda x: x + 1))
one("custom_layer", "code of its user's", (3,), Doubled)
one("custom_activation", 'activation "mine>cubed" is not known', (3,), lambda: L.Dense(2, activation=cubed))
one("channels_first", "channels_first", (3, 8, 8), lambda: L.MaxPooling2D(2, data_format="channels_first"))
one("conv3d", "no such layer", (4, 4, 4, 1), lambda: L.Conv3D(2, 2))
one("pool3d", "no such layer", (4, 4, 4, 1), lambda: L.MaxPooling3D(2))
one("separable_1d", "no such layer", (6, 2), lambda: L.SeparableConv1D(2, 2))
one("depthwise_1d", "no such layer", (6, 2), lambda: L.DepthwiseConv1D(2))
one("center_crop", "no such layer", (6, 6, 1), lambda: L.CenterCrop(4, 4))
one("padding_3d", "no such layer", (2, 2, 2, 1), lambda: L.ZeroPadding3D(1))
one("conv_lstm", "no such layer", (3, 5, 5, 1), lambda: L.ConvLSTM2D(2, 3))
one("masking_of_each_step", 'cannot repeat "Masking"', (2, 5, 3), lambda: L.TimeDistributed(keras.Sequential(
    [keras.Input((5, 3)), L.Masking(), L.LSTM(2)])))
one("mask_of_moved_steps", "hands the mask on", (5, 3), L.Masking, lambda: L.Permute((1, 2)), lambda: L.LSTM(2))
one("mask_of_a_reshape", "hands the mask on", (5, 3), L.Masking, lambda: L.Reshape((5, 3)), lambda: L.LSTM(2))
one("mask_of_fewer_steps", "hands the mask on", (5, 3), L.Masking, lambda: L.Cropping1D(1), lambda: L.LSTM(2))
one("cells", "no such layer", (3, 2), lambda: L.RNN(L.LSTMCell(3)))
one("spectral", "no such layer", (3,), lambda: L.SpectralNormalization(L.Dense(2)))
one("einsum", "no such layer", (3,), lambda: L.EinsumDense("ab,bc->ac", output_shape=2))
one("resizing", "no such layer", (4, 4, 1), lambda: L.Resizing(2, 2))
one("renorm", "renorm=True", (4,), lambda: L.BatchNormalization(renorm=True))
one("batch_axis", "along the axis 1", (4, 3), lambda: L.BatchNormalization(axis=1))
one("softmax_axis", "along the axis 1", (4, 3), lambda: L.Softmax(axis=1))
one("bicubic", "interpolation=bicubic", (4, 4, 1), lambda: L.UpSampling2D(interpolation="bicubic"))
one("threshold", 'activation "threshold" is not known', (4,), lambda: L.Activation("threshold"))
one("gelu_gates", "recurrent layers cannot have activation=GELU", (4, 2), lambda: L.GRU(2, activation="gelu"))
one("masked_softmax", "behind a mask", (4, 3), L.Masking, L.Softmax)
one("masked_batch", "behind a mask", (4, 3), L.Masking, L.BatchNormalization)
one("embedding_later", "must be the first layer", (4,), L.ReLU, lambda: L.Embedding(5, 2))
one("repeated_bidirectional", "cannot repeat", (3, 4, 2), lambda: L.TimeDistributed(L.Bidirectional(L.GRU(2))))
one("adaptive", "no such layer", (4,), lambda: L.Discretization(bin_boundaries=[0.0, 1.0]))


@refused("stateful=True")
def stateful() -> keras.Model:
    a = keras.Input((4, 2), batch_size=2)
    return keras.Model(a, L.LSTM(3, stateful=True)(a))


@refused("return_state=True")
def return_state() -> keras.Model:
    a = keras.Input((4, 2))
    return keras.Model(a, L.GRU(3, return_state=True)(a)[0])


@refused("fixed extents")
def variable_length() -> keras.Model:
    return keras.Sequential([keras.Input((None, 3)), L.GRU(2)])


@refused("2 input layers")
def two_inputs() -> keras.Model:
    a, b = keras.Input((3,)), keras.Input((3,))
    return keras.Model([a, b], L.Add()([a, b]))


@refused("2 output layers")
def two_outputs() -> keras.Model:
    a = keras.Input((3,))
    return keras.Model(a, [L.Dense(2)(a), L.Dense(3)(a)])


@refused("part of several branches")
def crossed() -> keras.Model:
    a = keras.Input((3,))
    b, c = L.Dense(3)(a), L.Dense(3)(a)
    return keras.Model(a, L.Add()([L.Add()([b, c]), L.Dense(3)(b)]))


@refused("merges arrays of one shape")
def broadcast() -> keras.Model:
    a = keras.Input((4, 3))
    return keras.Model(a, L.Multiply()([a, L.Dense(1)(a)]))


@refused("along the axis 1")
def concatenated_rows() -> keras.Model:
    a = keras.Input((4, 3))
    return keras.Model(a, L.Concatenate(axis=1)([a, L.Dense(3)(a)]))


@refused("no such layer")
def dot() -> keras.Model:
    a = keras.Input((3,))
    return keras.Model(a, L.Dot(axes=1)([a, L.Dense(3)(a)]))


@refused('called with "initial_state"')
def initial_state() -> keras.Model:
    a = keras.Input((4, 3))
    return keras.Model(a, L.GRU(2)(a, initial_state=L.Dense(2)(L.Flatten()(a))))


@refused("called with training=")
def trained_dropout() -> keras.Model:
    a = keras.Input((4,))
    return keras.Model(a, L.Dense(2)(L.Dropout(0.5)(a, training=True)))


@refused("nothing like this operation")
def operation() -> keras.Model:
    a = keras.Input((4,))
    return keras.Model(a, keras.ops.sin(a))


@refused("nothing like this operation")
def threshold_of_zero() -> keras.Model:
    a = keras.Input((4,))
    return keras.Model(a, keras.ops.hard_shrink(L.Dense(3)(a), threshold=0.0))


@refused("nothing like this operation")
def softmax_over_samples() -> keras.Model:
    a = keras.Input((4,))
    return keras.Model(a, keras.ops.softmax(L.Dense(3)(a), axis=0))


@refused("which is code of its user's")
def subclassed() -> keras.Model:
    model = Subclassed()
    model.build((None, 3))
    return model


@refused("quantized layers are not supported")
def quantized() -> keras.Model:
    model = keras.Sequential([keras.Input((4,)), L.Dense(3, dtype="float32")])
    model.quantize("int8")
    return model


def main(folder: Path) -> None:
    """Saves all of them, and what their messages say."""
    folder.mkdir(exist_ok=True)
    for name, build in BUILDERS:
        build().save(folder / f"{name}.keras")
        (folder / f"{name}.txt").write_text(REFUSED[name])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
