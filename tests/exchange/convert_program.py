"""A program of strata that loads converted models and predicts with them: one program for all, since each compilation
of the library costs seconds."""
import subprocess
import time
from pathlib import Path
from typing import Dict, List

import numpy as np

PROGRAM = """\
#include <strata/io/checkpoint.hpp>
#include <strata/strata.hpp>

{includes}
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

using strata::authoring::basic_sequential;

/// The same network in double precision.
template <class... Parts> basic_sequential<double, Parts...> in_double(const basic_sequential<float, Parts...>*);

template <class Model> void predict(const std::string& folder, const char* name, std::vector<std::size_t> shape) {{
    Model model;
    model.load(folder + "/" + name + "/model.safetensors");  // runs the self-test of the file
    auto x = strata::DynamicTensor<double>::from_shape(shape);
    std::ifstream(folder + "/" + name + "/x", std::ios::binary).read(reinterpret_cast<char*>(x.data()),
                                                                     static_cast<std::streamsize>(8 * x.size()));
    std::ofstream file(folder + "/" + name + "/y", std::ios::binary);
    for (const auto value : model.predict(x)) {{
        const double y = value;
        file.write(reinterpret_cast<const char*>(&y), 8);
    }}
}}

int main(int, char** argv) try {{
{calls}
}} catch (const std::exception& error) {{
    std::fprintf(stderr, "%s\\n", error.what());
    return 1;
}}
"""


def predictions(folder: Path, inputs: Dict[str, np.ndarray], single: List[str],
                compiler: List[str]) -> Dict[str, np.ndarray]:
    """What strata makes of inputs: FOLDER/NAME has model.hpp, whose type is called NAME, and model.safetensors. In
    double precision but for those that are named as single."""
    calls = []
    for name, x in inputs.items():
        np.ascontiguousarray(x, np.float64).tofile(folder / name / "x")
        shape = ", ".join(str(n) for n in x.shape)
        kind = name if name in single else f"decltype(in_double(static_cast<{name}*>(nullptr)))"
        calls.append(f'    predict<{kind}>(argv[1], "{name}", {{{shape}}});')
    text = PROGRAM.format(includes="".join(f'#include "{name}/model.hpp"\n' for name in inputs), calls="\n".join(calls))
    (folder / "main.cpp").write_text(text)
    begin = time.time()
    subprocess.run([*compiler, "-I", str(folder), str(folder / "main.cpp"), "-o", str(folder / "main")], check=True)
    print(f"compiled {len(inputs)} models in {time.time() - begin:.0f} s", flush=True)
    subprocess.run([str(folder / "main"), str(folder)], check=True)
    return {name: np.fromfile(folder / name / "y") for name in inputs}
