#!/usr/bin/env python3
"""Writes docs/layers.md: each layer class of Keras, the type that stands for it here, how many cases that real Keras
computed it is compared with, and what is missing. Reads the headers and the vectors of the tests.

    tools/layer_table.py           writes the page
    tools/layer_table.py --check   exits with 1 where the page is not what would be written
"""
import json
import re
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "layers.md"

# Keras 3's layers by the groups of its documentation; what is here under another name, or in another way.
GROUPS = {
    "Core": "Input Dense Embedding Masking Lambda Identity InputSpec",
    "Activations": "Activation ReLU LeakyReLU PReLU ELU Softmax",
    "Convolution": "Conv1D Conv2D Conv3D SeparableConv1D SeparableConv2D DepthwiseConv1D DepthwiseConv2D "
                   "Conv1DTranspose Conv2DTranspose Conv3DTranspose",
    "Pooling": "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D "
               "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GlobalAveragePooling1D "
               "GlobalAveragePooling2D GlobalAveragePooling3D",
    "Recurrent": "SimpleRNN LSTM GRU Bidirectional TimeDistributed ConvLSTM1D ConvLSTM2D StackedRNNCells RNN",
    "Normalization": "BatchNormalization LayerNormalization GroupNormalization RMSNormalization UnitNormalization "
                     "SpectralNormalization",
    "Regularization": "Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D AlphaDropout GaussianDropout "
                      "GaussianNoise ActivityRegularization",
    "Attention": "MultiHeadAttention GroupQueryAttention Attention AdditiveAttention",
    "Reshaping": "Flatten Reshape Permute RepeatVector ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D "
                 "Cropping3D UpSampling1D UpSampling2D UpSampling3D",
    "Merging": "Add Subtract Multiply Average Maximum Minimum Concatenate Dot",
    "Preprocessing": "Rescaling Normalization Resizing CenterCrop CategoryEncoding Discretization StringLookup "
                     "TextVectorization",
    "Augmentation": "RandomFlip RandomTranslation RandomRotation RandomZoom RandomShear RandomCrop "
                    "RandomElasticTransform RandomErasing RandomBrightness RandomContrast RandomPerspective "
                    "RandomGaussianBlur RandomColorDegeneration RandomColorJitter RandomGrayscale RandomHue "
                    "RandomInvert RandomPosterization RandomSaturation RandomSharpness AutoContrast Equalization CLAHE "
                    "Solarization AugMix RandAugment MixUp CutMix",
}
ALL_CLASSES = {name for names in GROUPS.values() for name in names.split()}
OTHER_WAYS = {
    "Activation": "each activation is a type: `Tanh`, `Dense<8, Tanh>`; see below",
    "Input": "`Input<28, 28, 1>`",
    "Identity": "`Linear`, or `Chain<>`",
}


ALL_TESTED = {"augmentation"}  # families of whose cases a test takes all
AUGMENTATIONS = ("RandomFlip RandomTranslation RandomRotation RandomZoom RandomShear RandomCrop RandomElasticTransform "
                 "RandomErasing RandomBrightness RandomContrast MixUp CutMix")
OTHER_WAYS |= {name: f"[{name}](augmentation.md), while loading" for name in AUGMENTATIONS.split()}


def class_names():
    """Names that headers of layers give themselves, with the header."""
    names = {}
    for header in sorted((ROOT / "include/strata/layers").rglob("*.hpp")):
        for name in re.findall(r'class_name = "(\w+)"', header.read_text()):
            names.setdefault(name, header.relative_to(ROOT))
        if "using is_composite" in header.read_text():
            for name in re.findall(r"^(?:struct|template .* struct) (\w+)", header.read_text(), re.MULTILINE):
                if name in ALL_CLASSES:
                    names.setdefault(name, header.relative_to(ROOT))
    return names


def cases():
    """Keras class to the cases that its vectors hold, and activation to them; and what tests name."""
    found = {}
    tests = "\n".join(p.read_text() for p in (ROOT / "tests/layers").rglob("*.cpp"))
    for path in sorted((ROOT / "tests/data/keras").glob("*.safetensors")):
        with path.open("rb") as file:
            size = struct.unpack("<Q", file.read(8))[0]
            metadata = json.loads(file.read(size)).get("__metadata__", {})
        for name, case in json.loads(metadata.get("cases", "{}")).items():
            if not isinstance(case, dict) or "class" not in case:
                continue
            found.setdefault(case["class"], []).append(path.stem in ALL_TESTED or f'"{name}"' in tests)
    return found


def page():
    names, vectors = class_names(), cases()
    lines = [
        "# Layers",
        "",
        "Each layer class of Keras 3, the type that stands for it here, and with how many cases that real Keras computed it",
        "is compared (outputs and all gradients, in double to 1e-10). `tools/layer_table.py` writes this page.",
        "",
    ]
    for group, classes in GROUPS.items():
        lines += [f"## {group}", "", "| Keras | here | compared with Keras |", "|---|---|---|"]
        for name in classes.split():
            known = vectors.get(name, [])
            compared = f"{sum(known)} of {len(known)} cases" if known else ""
            if name in names:
                lines.append(f"| {name} | [{name}](../{names.pop(name)}) | {compared} |")
            else:
                lines.append(f"| {name} | {OTHER_WAYS.get(name, 'missing')} | {compared} |")
        lines.append("")
    merging = {"Doubled", "SumOfTwo"}
    rest = sorted(name for name in names if name not in merging)
    lines += [
        "## Other types",
        "",
        "Activations that Keras has as functions, and layers under names of their own: "
        + ", ".join(f"[{name}](../{names[name]})" for name in rest) + ".",
        "",
        "Networks that branch are written with [Residual, Branch, Shortcut, Chain and Frozen]"
        "(../include/strata/layers/composites.hpp).",
        "",
    ]
    return "\n".join(lines)


def write_or_check(path, text):
    """Writes a page; with --check only says whether it is up to date. The exit status of the program that makes it."""
    if "--check" not in sys.argv[1:]:
        path.write_text(text)
    elif not path.exists() or path.read_text() != text:
        print(f"{path.relative_to(ROOT)} is not what tools/{Path(sys.argv[0]).name} writes; run it")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(write_or_check(PAGE, page()))
