"""The comparison's networks as functions of JAX."""
import jax
from jax import numpy as jnp

from layers import (GRU, LSTM, Activation, BatchNormalization, Conv2D, Dense, DepthwiseConv2D, Dropout, Flatten,
                    GlobalAveragePooling, Pool, Residual, Rows)

ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu}


def convolution(layer, x, kernel, bias=None):
    depthwise = isinstance(layer, DepthwiseConv2D)
    axes = x.ndim - 2
    y = jax.lax.conv_general_dilated(
        x, kernel.transpose(0, 1, 3, 2) if depthwise else kernel, (layer.strides,) * axes,
        [layer.pads(extent) for extent in x.shape[1:-1]], rhs_dilation=(layer.dilation,) * axes,
        dimension_numbers=("NHWC", "HWIO", "NHWC") if axes == 2 else ("NWC", "WIO", "NWC"),
        feature_group_count=x.shape[-1] if depthwise else 1)
    return y if bias is None else y + bias


def pooled(layer, x):
    """As a mean or maximum over a reshaped image, which is faster than over windows."""
    samples, rows, columns, channels = x.shape
    windows = x.reshape(samples, rows // 2, 2, columns // 2, 2, channels)
    return windows.mean((2, 4)) if layer.kind == "average" else windows.max((2, 4))


def normalized(layer, x, gamma, beta, mean, variance, training):
    """The result and, where it is training, the averages moved to those of the batch."""
    averages = []
    if training:
        axes = tuple(range(x.ndim - 1))
        batch = x.mean(axes), x.var(axes)
        averages = [layer.momentum * old + (1 - layer.momentum) * jax.lax.stop_gradient(new)
                    for old, new in zip((mean, variance), batch)]
        mean, variance = batch
    scale = gamma * jax.lax.rsqrt(variance + layer.epsilon)
    return (x - mean) * scale + beta, averages


def last_state(layer, x, kernel, recurrent_kernel, bias):
    """The inputs of all steps are multiplied at once."""
    own, other = (bias[0], bias[1]) if isinstance(layer, GRU) else (bias, 0)
    inputs = x.transpose(1, 0, 2) @ kernel + own

    def gru(carry, given):
        state, = carry
        z, r, c = jnp.split(given, 3, -1)
        hz, hr, hc = jnp.split(state @ recurrent_kernel + other, 3, -1)
        z, r = jax.nn.sigmoid(z + hz), jax.nn.sigmoid(r + hr)
        return (z * state + (1 - z) * jnp.tanh(c + r * hc),), None

    def lstm(carry, given):
        state, memory = carry
        i, f, c, o = jnp.split(given + state @ recurrent_kernel, 4, -1)
        memory = jax.nn.sigmoid(f) * memory + jax.nn.sigmoid(i) * jnp.tanh(c)
        return (jax.nn.sigmoid(o) * jnp.tanh(memory), memory), None

    zeros = jnp.zeros((len(x), layer.units))
    step, carry = (gru, (zeros,)) if isinstance(layer, GRU) else (lstm, (zeros, zeros))
    return jax.lax.scan(step, carry, inputs)[0][0]


def applied(layers, x, shape, tensors, moved, key):
    """The result of `layers`, which take their values from the iterator `tensors`; moving averages go to `moved`."""
    for layer in layers:
        given = [next(tensors) for _ in layer.tensors(shape)]
        if isinstance(layer, Conv2D):
            x = convolution(layer, x, *given)
        elif isinstance(layer, Dense):
            x = x @ given[0] + (given[1] if layer.bias else 0)
        elif isinstance(layer, BatchNormalization):
            x, averages = normalized(layer, x, *given, training=key is not None)
            moved += averages
        elif isinstance(layer, LSTM):
            x = last_state(layer, x, *given)
        elif isinstance(layer, Pool):
            x = pooled(layer, x)
        elif isinstance(layer, GlobalAveragePooling):
            x = x.mean(tuple(range(1, x.ndim - 1)))
        elif isinstance(layer, (Flatten, Rows)):
            x = x.reshape(len(x), *layer.output(shape))
        elif isinstance(layer, Dropout):
            if key is not None:
                key, own = jax.random.split(key)
                x = jnp.where(jax.random.bernoulli(own, 1 - layer.rate, x.shape), x / (1 - layer.rate), 0)
        elif isinstance(layer, Residual):
            x = (applied(layer.layers, x, shape, tensors, moved, key)
                 + applied(layer.shortcut, x, shape, tensors, moved, key))
        elif not isinstance(layer, Activation):
            raise TypeError(f"no function for {layer}")
        x = ACTIVATIONS.get(getattr(layer, "activation", None), lambda x: x)(x)
        shape = layer.output(shape)
    return x


def forward(network, arrays, images, key=None):
    """The logits and the moving averages after the batch. With a key, which random numbers come from, in training."""
    moved = []
    return applied(network.layers, images, network.input, iter(arrays), moved, key), tuple(moved)
