"""Writes the files of Keras 2.15 in tests/data/exchange; needs tensorflow==2.15.1 (pip install tensorflow-cpu==2.15.1).

    python convert_keras_2.py ../data/exchange
"""
import sys
from pathlib import Path

import numpy as np
from tensorflow import keras

L = keras.layers


def randomize(network, seed):
    """Random weights; variances are positive."""
    draw = np.random.default_rng(seed)
    for weight in network.weights:
        values = draw.normal(size=weight.shape) / 2
        weight.assign((np.abs(values) + 0.2 if "variance" in weight.name else values).astype("float32"))


def mixed():
    """A functional model with a Sequential in it, of which a layer is not trained."""
    inputs = keras.Input((6, 6, 2))
    x = shortcut = L.Conv2D(3, 3, padding="same")(inputs)
    x = L.LeakyReLU(0.2)(L.BatchNormalization(scale=False)(x))
    x = L.Add()([x, shortcut])
    x = L.Concatenate()([x, L.MaxPooling2D(2, 1, "same")(x)])
    x = L.Bidirectional(L.GRU(3, return_sequences=True))(L.Reshape((6, -1))(x))
    x = L.MultiHeadAttention(2, 2)(x, x)
    inner = keras.Sequential([L.Input((6, 6)), L.LSTM(3, trainable=False), L.Dropout(0.1), L.BatchNormalization(),
                              L.Dense(3, activation="swish")], name="inner")
    return keras.Model(inputs, inner(x))


def plain():
    """Without an Input."""
    return keras.Sequential([L.Conv1D(3, 2, activation="tanh", input_shape=(5, 2)), L.SimpleRNN(3),
                             L.Dense(2, activation="softmax")])


def main(folder):
    """Writes all files."""
    for seed, build in enumerate((mixed, plain)):
        keras.backend.clear_session()
        network, name = build(), f"{folder}/keras_2_{build.__name__}"
        randomize(network, seed)
        x = np.random.default_rng(5).normal(size=(3, *network.input_shape[1:])).astype("float32")
        np.savez(f"{name}.npz", x=x, y=network(x, training=False).numpy())
        if build is mixed:
            network.save(f"{name}.keras")
            network.save(f"{name}.h5")
        else:
            network.save_weights(f"{name}.weights.h5")
            network.save_weights(f"{name}.h5", save_format="h5")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
