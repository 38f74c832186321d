"""The C interface of a model in a header: plain functions, which any language can call."""
import re

import numpy as np

from strata_convert import __version__
from strata_convert.graph import Graph

HEADER = """\
/* {source} for C, by strata-convert {version}: see strata's docs/deploy.md. */
#ifndef {upper}_H
#define {upper}_H

#include <stddef.h>

#if defined(__GNUC__)
#define {upper}_API __attribute__((visibility("default")))
#else
#define {upper}_API
#endif

#ifdef __cplusplus
extern "C" {{
#endif

/* How many floats a sample has, and what is made of it. */
#define {upper}_INPUT_SIZE {inputs}
#define {upper}_OUTPUT_SIZE {outputs}
{upper}_API size_t {name}_input_size(void);
{upper}_API size_t {name}_output_size(void);

/* Predicts so many samples, which lie one after the other; so will their outputs. Returns 0, or the number of an error.
 * May be called by many threads at the same time. Allocates nothing. */
{upper}_API int {name}_predict(const float *inputs, size_t samples, float *outputs);

/* What such a number means, in a sentence. */
{upper}_API const char *{name}_error(int error);

/* How far the outputs of a known sample are off, as a share of the largest: 1e-5, say. */
{upper}_API float {name}_self_test(void);
{class_names}
#ifdef __cplusplus
}}
#endif

#endif
"""
CLASS_NAME = """
/* The name of a class, NULL behind the last one. */
{upper}_API const char *{name}_class_name(size_t output);
"""
IMPLEMENTATION = """\
// The functions of {stem}.h, by strata-convert {version}: compile this file for a program or a shared library.
#include "{stem}.hpp"

#include "{stem}.h"

extern "C" {{

size_t {name}_input_size(void) {{ return {name}::input_size; }}
size_t {name}_output_size(void) {{ return {name}::output_size; }}

int {name}_predict(const float* inputs, size_t samples, float* outputs) {{
    if (samples > 0 && (inputs == nullptr || outputs == nullptr)) return 1;
    for (; samples > 0; --samples, inputs += {name}::input_size, outputs += {name}::output_size) {{
        if (!{name}::predict(inputs, outputs)) return 2;
    }}
    return 0;
}}

const char* {name}_error(int error) {{
    switch (error) {{
    case 0: return "{name}: no error";
    case 1: return "{name}: inputs or outputs are NULL";
    case 2: return "{name}: an input is no index of the Embedding";
    default: return "{name}: no error has this number";
    }}
}}

float {name}_self_test(void) {{ return {name}::self_test(); }}
{class_names}
}}  // extern "C"
"""
CLASS_NAME_IMPLEMENTATION = """
const char* {name}_class_name(size_t output) {{
    return output < {classes} ? {name}::class_names[output].data() : nullptr;
}}
"""


def header(name: str, source: str, graph: Graph, has_classes: bool) -> str:
    """The text of NAME.h."""
    upper = name.upper()
    return HEADER.format(name=name, upper=upper, version=__version__, source=re.sub(r"[^ -.0-~]|\\", "?", source),
                         inputs=int(np.prod(graph.input)), outputs=int(np.prod(graph.output)),
                         class_names=CLASS_NAME.format(name=name, upper=upper) if has_classes else "")


def implementation(name: str, stem: str, classes: int) -> str:
    """The text of NAME.cpp."""
    functions = CLASS_NAME_IMPLEMENTATION.format(name=name, classes=classes) if classes else ""
    return IMPLEMENTATION.format(name=name, stem=stem, version=__version__, class_names=functions)
