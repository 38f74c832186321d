"""`strata-convert header`: a model in one C++ header, its weights and `predict`, and a C interface beside it."""
import argparse
import re
from dataclasses import replace
from pathlib import Path
from typing import Dict, List, Optional, Tuple

import numpy as np

from strata_convert import __version__, c_interface, cpp, model_file, packing
from strata_convert.errors import ConvertError, quoted
from strata_convert.graph import Graph
from strata_convert.layers.table import WITHOUT_MEANING
from strata_convert.literals import BLOCK, floats, string_blocks, text_literal, wrapped
from strata_convert.model import Model
from strata_convert.network import Node, input_and_layers, mapped
from strata_convert.packing import Packed
from strata_convert.reference.cost import is_too_much

HEAD = """\
// {source} in C++, by strata-convert {version}: {count:,} values as {form}.
// Needs strata's headers, xsimd and C++20; no file, no allocation, no exception: strata's docs/deploy.md.
// clang-format off
#pragma once

#include <strata/deploy.hpp>

#include <cmath>
#include <cstddef>
#include <string_view>

namespace {name} {{
inline namespace STRATA_ISA {{

using network = strata::Predictor<
{layers}

/// The values of a sample ({input_shape}) and of what is made of it ({output_shape}); the last axis runs fastest.
inline constexpr std::size_t input_size = {inputs}, output_size = {outputs};
{class_names}
/// What a prediction works in: one for each thread.
using workspace = network::workspace;

namespace data {{

static_assert(network::input::size == input_size && network::output::size == output_size &&
                  network::value_count == {count},
              "{name}: this header was written for another version of strata");

"""
CLASS_NAMES = """
inline constexpr std::string_view class_names[] = {{
{names}
}};
"""
VALUES = """\
alignas(64) inline constexpr float values[network::array_size] = {{
{values}
}};

inline const float* weights() noexcept {{ return values; }}
"""
PACKED = """\
{blocks}
inline constexpr std::string_view blocks[] = {{
{block_list}
}};
inline constexpr float scales[] = {{
{scales}
}};
inline constexpr strata::authoring::packed_tensor tensors[] = {{
{tensors}
}};

/// Decoded by the first call.
inline const float* weights() noexcept {{
    static const struct decoded {{
        alignas(64) float values[network::array_size]{{}};
        decoded() noexcept {{ strata::authoring::unpack_weights(tensors, scales, blocks, values); }}
    }} all;
    return all.values;
}}
"""
TAIL = """\

inline constexpr float test_inputs[] = {{
{test_inputs}
}};
inline constexpr float test_outputs[] = {{
{test_outputs}
}};

}}  // namespace data

/// Writes the outputs of one sample of floats, doubles, integers, or bytes, which count 1 / 255 of themselves unless the
/// first layer takes them as they are. Returns false, and writes nothing, where an Embedding is given what is no index.
template <class T> bool predict(const T* x, float* y, workspace& memory) noexcept {{
    return network::predict(data::weights(), x, y, memory);
}}

/// The same in a workspace of the thread's own.
template <class T> bool predict(const T* x, float* y) noexcept {{
    static thread_local workspace memory;
    return {name}::predict(x, y, memory);
}}

/// Predicts a sample whose outputs are known, and returns how far off they are, as a share of the largest: 1e-5, say.
inline float self_test(workspace& memory) noexcept {{
    float found[output_size], largest = 0, difference = 0;
    {name}::predict(data::test_inputs, found, memory);
    for (std::size_t i = 0; i < output_size; ++i) {{
        const float off = std::fabs(found[i] - data::test_outputs[i]);
        if (off != off) return off;  // no number
        difference = std::fmax(difference, off);
        largest = std::fmax(largest, std::fabs(data::test_outputs[i]));
    }}
    return largest > 0 ? difference / largest : difference;
}}

inline float self_test() noexcept {{
    static thread_local workspace memory;
    return self_test(memory);
}}

}}  // namespace STRATA_ISA
}}  // namespace {name}
"""
TAKEN = set("""alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t
class co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype
default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int long
mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast
requires return short signed sizeof static static_assert static_cast struct switch template this thread_local throw
true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq main std strata
xsimd network workspace data predict self_test input_size output_size class_names""".split())


def for_prediction(part: Node) -> Optional[Node]:
    """A part of a network without what matters to training alone: initializers and the like, and that it is frozen."""
    if part.name.endswith(WITHOUT_MEANING):
        return None
    return replace(part, name="Chain") if part.name == "Frozen" else part


def network_text(network: Node) -> str:
    """The layers of a Predictor, one on a line."""
    shape, layers = input_and_layers(mapped(network, for_prediction) or network)
    parts = [Node("Input", shape), *layers]
    return "\n".join(line for part in parts for line in cpp.lines_of(part, 4, "," if part is not parts[-1] else ">;"))


def all_of(arrays: List[np.ndarray]) -> np.ndarray:
    """The elements of all arrays; a zero where there are none, since C++ has no array of nothing."""
    together = np.concatenate([np.zeros(0), *arrays])
    return together if together.size else np.zeros(1)


def values_text(packed: Dict[str, Packed], form: str) -> str:
    """The definition of `weights()`, with all that it reads."""
    if form == "float32":
        return VALUES.format(values=floats(all_of([tensor.values for tensor in packed.values()])))
    data = b"".join(tensor.data for tensor in packed.values())
    blocks = string_blocks(data)
    sizes = [min(len(data) - at, BLOCK) for at in range(0, len(data), BLOCK)]
    scales = all_of([tensor.scales for tensor in packed.values()])
    tensors = [f"{{strata::authoring::packed_type::{tensor.form}, {tensor.values.size}, {max(1, tensor.scales.size)}, "
               f"{tensor.inner}}}" for tensor in packed.values()]
    return PACKED.format(
        blocks="".join(f"inline constexpr char block{i}[] =\n{block};\n" for i, block in enumerate(blocks)),
        block_list=wrapped(f"{{block{i}, {size}}}" for i, size in enumerate(sizes)), scales=floats(scales),
        tensors="\n".join(f"{tensor}," for tensor in tensors))


def shape_text(shape: Tuple[int, ...]) -> str:
    """28 x 28 x 1."""
    return " x ".join(str(extent) for extent in shape)


def header_text(source: str, name: str, model: Model, graph: Graph, packed: Dict[str, Packed], form: str,
                test: Dict[str, np.ndarray]) -> str:
    """The text of the header."""
    names = wrapped(text_literal(class_name) for class_name in model.class_names)
    head = HEAD.format(source=re.sub(r"[^ -~]|\\", "?", source), version=__version__, form=form, name=name,
                       count=sum(tensor.values.size for tensor in packed.values()), layers=network_text(model.network),
                       input_shape=shape_text(graph.input), output_shape=shape_text(graph.output),
                       inputs=int(np.prod(graph.input)), outputs=int(np.prod(graph.output)),
                       class_names=CLASS_NAMES.format(names=names) if names else "")
    inputs, outputs = (test[part] for part in model_file.SELF_TEST)
    return head + values_text(packed, form) + TAIL.format(name=name, test_inputs=floats(inputs),
                                                          test_outputs=floats(outputs))


def write(source: Path, target: Path, name: str, form: str, with_c: bool) -> List[str]:
    """Writes the header of a model's file, and its C interface; what there is to say about it. Throws ConvertError."""
    model, test = model_file.read(source)
    graph = Graph(model.network)
    packed = packing.pack_all(model, graph, form)
    decoded = packing.unpacked(model, packed)
    count = sum(tensor.values.size for tensor in packed.values())
    size = sum(len(tensor.data) + 4 * tensor.scales.size for tensor in packed.values())
    said = [f"{target}: {count:,} values as {form}, {size:,} bytes"]
    sample = test or model_file.self_test(model, graph)
    if not sample or is_too_much(graph):
        raise ConvertError(f"{source} is too large for a header: its self-test would take too much.")
    if form != "float32":
        said += packing.cost_of_packing(model, graph, decoded, sample[model_file.SELF_TEST[0]])
        outputs = packing.outputs_of(decoded, graph, sample[model_file.SELF_TEST[0]].reshape(1, *graph.input))
        sample = {**sample, model_file.SELF_TEST[1]: outputs}
    files = {target: header_text(source.name, name, model, graph, packed, form, sample)}
    if with_c:
        files[target.with_suffix(".h")] = c_interface.header(name, source.name, graph, bool(model.class_names))
        files[target.with_suffix(".cpp")] = c_interface.implementation(name, target.stem, len(model.class_names))
        said.append(f"{target.with_suffix('.h')}, {target.with_suffix('.cpp')}: the C interface")
    model_file.write_together({path: text.encode() for path, text in files.items()})
    return said


def main(arguments: List[str]) -> int:
    """The command `strata-convert header`."""
    parser = argparse.ArgumentParser(
        prog="strata-convert header", description="Writes a model of strata's as one C++ header: its weights and "
        "`predict`, without a file, an allocation or an exception.")
    parser.add_argument("source", type=Path, metavar="MODEL", help="the model's file, as model.save writes it")
    parser.add_argument("-o", dest="target", type=Path, metavar="FILE.hpp", help="what to write, NAME.hpp by default")
    parser.add_argument("--name", help="the namespace in C++, and what C's functions begin with; that of the file by "
                        "default")
    parser.add_argument("--weights", choices=packing.FORMS, default="float32", help="what kernels are stored as; what "
                        "another form than float32 costs is printed")
    parser.add_argument("--c", action="store_true", help="writes a C interface, too: FILE.h and FILE.cpp")
    options = parser.parse_args(arguments)
    name = options.name or (options.target or options.source).stem
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or "__" in name or name in TAKEN:
        raise ConvertError(f"{quoted(name)} is no name of a namespace in C++: give another one by --name.")
    target = options.target or Path(f"{name}.hpp")
    if target.suffix not in (".hpp", ".hh", ".hxx"):
        raise ConvertError(f"{quoted(target)} is no name of a header in C++: FILE.hpp expected.")
    print("\n".join(write(options.source, target, name, options.weights, options.c)))
    return 0
