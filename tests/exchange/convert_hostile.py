"""Files that want something else than to be read: each is refused with a sentence, and nothing large is allocated."""
import contextlib
import io
import json
import os
import pickle
import resource
import tempfile
import unittest
import warnings
import zipfile
from pathlib import Path
from typing import Any, Callable, Dict, Optional

import h5py
import numpy as np
from fuzz_seeds import NETWORKS, random_model
from strata_convert import cli, model_file
from strata_convert.errors import ConvertError
from strata_convert.keras.config import ENDINGS, WITHOUT_MEANING
from strata_convert.keras.writer import keras_bytes
from strata_convert.model import Model
from strata_convert.network import parse

LARGE = 1 << 40


def dense_config(units: int = 2, **more: Any) -> Dict[str, Any]:
    """A Sequential of one Dense."""
    layers = [{"class_name": "InputLayer", "config": {"batch_shape": [None, 3]}},
              {"class_name": "Dense", "config": {"name": "dense", "units": units, "activation": "linear", **more}}]
    return {"class_name": "Sequential", "config": {"name": "s", "layers": layers}}


def weights(fill: Optional[Callable[[Any], None]] = None) -> bytes:
    """The weights of that Sequential; `fill` writes the kernel in its own way."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        group = file.create_group("layers/dense/vars")
        if fill is None:
            group["0"] = np.ones((3, 2), np.float32)
        else:
            fill(group)
        if "1" not in group:
            group["1"] = np.zeros(2, np.float32)
    return content.getvalue()


def archive(path: Path, config: Any = None, stored: Optional[bytes] = None, **more: bytes) -> Path:
    """A .keras file of these parts."""
    with zipfile.ZipFile(path, "w") as file:
        config = dense_config() if config is None else config
        text = config if isinstance(config, bytes) else json.dumps(config).encode()
        file.writestr("config.json", text)
        file.writestr("model.weights.h5", weights() if stored is None else stored)
        for name, content in more.items():
            file.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return path


class Hostile(unittest.TestCase):
    """One file each."""

    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.path = self.folder / "model.keras"

    def refused(self, path: Path, says: str, onto: Optional[str] = None) -> None:
        """Checks that a file is refused with a message that says this, and that the memory in use hardly grew."""
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with self.assertRaises(ConvertError) as caught:
            cli.read(path, onto).check()
        self.assertIn(says, str(caught.exception))
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 100_000, "kilobytes")

    def with_kernel(self, says: str, fill: Callable[[Any], None]) -> None:
        """The same for a file whose kernel is written in some way."""
        self.refused(archive(self.path, stored=weights(fill)), says)

    def test_the_plain_file_is_read(self) -> None:
        self.assertEqual(str(cli.read(archive(self.path), None).network), "Sequential<Input<3>, Dense<2>>")

    def test_zip_bomb(self) -> None:
        for name in ("config.json", "model.weights.h5"):
            with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED) as file:
                if name != "config.json":
                    file.writestr("config.json", json.dumps(dense_config()))
                with file.open(name, "w", force_zip64=True) as member:
                    for _ in range(100):
                        member.write(bytes(1 << 20))
            self.refused(self.path, "refused")

    def test_shape_bomb(self) -> None:
        self.with_kernel("and stores 0: refused", lambda group: group.create_dataset(
            "0", (LARGE,), np.float32, chunks=(1 << 20,), compression="gzip"))

    def test_shape_bomb_that_the_configuration_bears_out(self) -> None:
        stored = weights(lambda group: group.create_dataset("0", (3, LARGE), np.float32, chunks=(3, 1 << 16)))
        self.refused(archive(self.path, dense_config(LARGE), stored), "larger than")

    def test_external_link(self) -> None:
        with h5py.File(self.folder / "other.h5", "w") as other:
            other["0"] = np.ones((3, 2), np.float32)
        target = str(self.folder / "other.h5")
        self.with_kernel("a link", lambda group: group.__setitem__("0", h5py.ExternalLink(target, "/0")))

    def test_soft_link(self) -> None:
        self.with_kernel("a link", lambda group: group.__setitem__("0", h5py.SoftLink("/elsewhere")))

    def test_linked_group(self) -> None:
        content = io.BytesIO()
        with h5py.File(content, "w") as file:
            file["layers"] = h5py.ExternalLink("/etc/passwd", "/")
        self.refused(archive(self.path, stored=content.getvalue()), "a link")

    def test_external_link_on_the_way(self) -> None:
        with h5py.File(self.folder / "other.h5", "w") as other:
            group = other.create_group("layer")
            group["kernel"], group["bias"] = np.ones((3, 2), np.float32), np.zeros(2, np.float32)
            group.attrs["weight_names"] = [b"kernel", b"bias"]
        path = self.folder / "model.h5"
        with h5py.File(path, "w") as file:
            file.attrs["model_config"] = json.dumps(dense_config(name="out/layer"))
            file.create_group("model_weights")["out"] = h5py.ExternalLink(str(self.folder / "other.h5"), "/")
        self.refused(path, "a link")

    def test_external_dataset(self) -> None:
        self.with_kernel("lie in other files", lambda group: group.create_dataset(
            "0", (3, 2), np.float32, external=[("/etc/passwd", 0, 24)]))

    def test_virtual_dataset(self) -> None:
        layout = h5py.VirtualLayout((3, 2), np.float32)
        layout[:] = h5py.VirtualSource("/etc/passwd", "0", (3, 2))
        self.with_kernel("lie in other files", lambda group: group.create_virtual_dataset("0", layout))

    def test_dataset_of_texts(self) -> None:
        self.with_kernel("of the type", lambda group: group.create_dataset("0", data=["a", "b"]))

    def test_group_in_place_of_a_dataset(self) -> None:
        self.with_kernel("no array", lambda group: group.create_group("0"))

    def test_groups_in_a_circle(self) -> None:
        path = self.folder / "circle.weights.h5"
        path.write_bytes(weights())
        with h5py.File(path, "a") as file:
            for name in "abcdef":
                file["layers"][name] = file["layers"]
        model = cli.read(path, "Sequential<Input<3>, Dense<2>>")
        self.assertEqual(model.tensors["dense/kernel"].shape, (3, 2))

    def test_path_out_of_the_archive(self) -> None:
        for name in ("..__..__etc__passwd", "__etc__passwd"):
            self.refused(archive(self.path, **{name: b"x"}), "outside of it")

    def test_path_out_of_the_folder_of_shards(self) -> None:
        index = self.folder / "model.weights.json"
        for name in ("../../etc/passwd", "/etc/passwd", "missing.h5"):
            index.write_text(json.dumps({"weight_map": {"/layers/dense/vars": [name]}}))
            self.refused(index, "no file beside it", "Sequential<Input<3>, Dense<2>>")

    def test_links_in_a_folder(self) -> None:
        saved = self.folder / "saved"
        saved.mkdir()
        (saved / "config.json").write_text(json.dumps(dense_config()))
        os.symlink("/etc/passwd", saved / "model.weights.h5")
        self.refused(saved, "a link")
        (saved / "config.json").unlink()
        os.symlink("/etc/passwd", saved / "config.json")
        self.refused(saved, "a link")

    def test_two_files_of_one_name(self) -> None:
        archive(self.path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with zipfile.ZipFile(self.path, "a") as file:
                file.writestr("config.json", json.dumps(dense_config(5)))
        self.refused(self.path, "two files of one name")

    def test_pickle_that_calls(self) -> None:
        class Call:
            def __reduce__(self) -> Any:
                return os.system, (f"touch {self.path}",)

        call = Call()
        call.path = self.folder / "called"  # type: ignore[attr-defined]
        self.with_arrays({"0": call}, "would call")
        self.assertFalse((self.folder / "called").exists())

    def test_pickle_of_a_large_array(self) -> None:
        class Large:
            def __reduce__(self) -> Any:
                core = np._core if hasattr(np, "_core") else np.core
                return core.multiarray._reconstruct, (np.ndarray, (LARGE,), b"b")

        self.with_arrays({"0": Large()}, "damaged")

    def test_pickle_with_a_type_that_is_none(self) -> None:
        """NumPy itself crashes where a dtype has this state."""
        class Type:
            def __reduce__(self) -> Any:
                return np.dtype, ("O8", False, True), (3, "|", None, -1, -1, 63)

        class Array:
            def __reduce__(self) -> Any:
                core = np._core if hasattr(np, "_core") else np.core
                return core.multiarray._reconstruct, (np.ndarray, (0,), b"b"), (1, (2,), Type(), False, [1, 2])

        for value, says in ((Type(), "no layer"), (Array(), "damaged"), (np.dtype("S3"), "other values")):
            self.with_arrays({"0": value}, says)

    def with_arrays(self, layer: Dict[str, Any], says: str) -> None:
        """A .keras file with model.weights.npz that holds this layer."""
        content = io.BytesIO()
        np.lib.format.write_array_header_1_0(content, {"descr": "|O", "fortran_order": False, "shape": ()})
        pickle.dump(np.array(layer, dtype=object), content)
        arrays = io.BytesIO()
        with zipfile.ZipFile(arrays, "w") as file:
            file.writestr("layers/dense.npy", content.getvalue())
        with zipfile.ZipFile(self.path, "w") as file:
            file.writestr("config.json", json.dumps(dense_config()))
            file.writestr("model.weights.npz", arrays.getvalue())
        self.refused(self.path, says)

    def test_deep_json(self) -> None:
        self.refused(archive(self.path, b"[" * 1_000_000), "no JSON")

    def test_deep_models(self) -> None:
        config = dense_config()
        for _ in range(200):
            config = {"class_name": "Sequential", "config": {"name": "s", "layers": [
                {"class_name": "InputLayer", "config": {"batch_shape": [None, 3]}}, config]}}
        self.refused(archive(self.path, config), "damaged")

    def test_damaged_configurations(self) -> None:
        for units in ("two", -1, 0, 1.5, None, [1, 2], {"a": 1}, True):
            self.refused(archive(self.path, dense_config(units)), "units")  # type: ignore[arg-type]
        for config in ([], {"class_name": "Sequential"}, {"class_name": "Sequential", "config": {"layers": 3}}, "text"):
            self.refused(archive(self.path, config), "model")
        self.refused(archive(self.path, dense_config(activation={"class_name": 3})), "not known")
        self.refused(archive(self.path, dense_config(secret=7)), 'the option "secret"')

    def test_values_of_other_types(self) -> None:
        """The sentence names the layer and the option, for each option of all layers."""
        for network in NETWORKS.values():
            path = self.path.with_name("whole.keras")
            path.write_bytes(keras_bytes(random_model(network)))
            with zipfile.ZipFile(path) as file:
                config, stored = json.loads(file.read("config.json")), file.read("model.weights.h5")
            for layer in config["config"]["layers"][1:]:
                for key, value in layer["config"].items():
                    if (key in WITHOUT_MEANING and key != "momentum") or key.endswith(ENDINGS):
                        continue
                    for wrong in ({"a": 1}, "wrong", [[1, "x"]]):
                        layer["config"][key] = wrong
                        with self.subTest(layer=layer["name"], key=key, value=wrong):
                            with self.assertRaises(ConvertError) as caught:
                                cli.read(archive(self.path, config, stored), None)
                            named = [text for text in caught.exception.sentences if f'"{layer["name"]}": ' in text]
                            self.assertIn(key.split("_")[0], "".join(named))
                    layer["config"][key] = value

    def test_calls_of_other_types(self) -> None:
        layers = dense_config()["config"]["layers"]
        for nodes in (3, [3], [[3]], [{"args": 3}], [{"args": [], "kwargs": 3}], [["x", 0]], [["x", 0, 0, 3]]):
            model = {"class_name": "Functional", "config": {
                "name": "f", "layers": [{**layers[0], "name": "x"}, {**layers[1], "name": "d", "inbound_nodes": nodes}],
                "input_layers": [["x", 0, 0]], "output_layers": [["d", 0, 0]]}}
            self.refused(archive(self.path, model), 'The layer "d" is called in a way')
        for wrong in (3, None, "x"):
            self.refused(archive(self.path, {"class_name": "Sequential", "config": {"layers": [*layers, wrong]}}),
                         "its layer 2 is no object")
            self.refused(archive(self.path, {"class_name": "Sequential", "config": {
                "layers": [*layers, {"class_name": "Flatten", "config": wrong}]}}), "an object expected")

    def test_layer_that_reads_nothing(self) -> None:
        layers = [{"class_name": "InputLayer", "name": "x", "config": {"batch_shape": [None, 3]}, "inbound_nodes": []},
                  {"class_name": "Activation", "name": "a", "config": {"name": "a", "activation": "relu"},
                   "inbound_nodes": [{"args": [], "kwargs": {}}]}]
        config = {"name": "f", "layers": layers, "input_layers": [["x", 0, 0]], "output_layers": [["a", 0, 0]]}
        model = {"class_name": "Functional", "config": config}
        self.refused(archive(self.path, model), "reads nothing")
        layers[0]["config"] = "damaged"
        self.refused(archive(self.path, model), "input")

    def test_large_windows(self) -> None:
        for own, config in (("MaxPooling1D", {"pool_size": 300_000_000}), ("AveragePooling1D", {"pool_size": LARGE}),
                            ("Conv1D", {"filters": 2, "kernel_size": 2, "dilation_rate": 300_000_000})):
            layers = [{"class_name": "InputLayer", "config": {"batch_shape": [None, 8, 2]}},
                      {"class_name": own, "config": {"name": "window", "padding": "same", **config}}]
            self.refused(archive(self.path, {"class_name": "Sequential", "config": {"layers": layers}}), "larger than")

    def test_small_files_that_ask_for_much(self) -> None:
        """They get no self-test, which is said, and a header of them is refused."""
        for layers in ("8000000, 1>, GRU<1", "10000, 1, 1>, UpSampling2D<Size<100, 1>, Bilinear",
                       "1000000, 2>, MaxPooling1D<Pool<100000>, Strides<1>, Same", "20000, 2>, MultiHeadAttention<2, 2",
                       "9, 9, 2>, Conv2D<2, Kernel<2>, Dilation<6000>, Same"):
            model = random_model(f"Sequential<Input<{layers}>>")
            path = self.folder / "model.safetensors"
            with self.subTest(layers):
                model_file.write(model, path)
                self.assertLess(path.stat().st_size, 10_000)
                self.assertIn("too large for a self-test", "".join(model.notes))
                said = io.StringIO()
                with contextlib.redirect_stderr(said):
                    self.assertEqual(cli.main(["header", str(path), "-o", str(self.folder / "model.hpp")]), 1)
                self.assertIn("too large for a header", said.getvalue())

    def test_indices_that_are_none(self) -> None:
        model, path = random_model("Sequential<Input<2>, Embedding<5, 3>>"), self.folder / "model.safetensors"
        content = model_file.model_bytes(model)
        at = len(content) - 4 * (2 + 6)
        for index in (5, -1, 0.5, float("nan")):
            path.write_bytes(content[:at] + np.float32(index).tobytes() + content[at + 4:])
            self.refused(path, "no indices below 5")

    def test_half_a_character(self) -> None:
        network = parse("Sequential<Input<2>, ReLU>")
        content = model_file.model_bytes(Model(network, {}, ["aaaaaaa"])).replace(b"aaaaaaa", b"\\\\ud83d")
        path = self.folder / "model.safetensors"
        path.write_bytes(content)
        self.refused(path, "half of a character")

    def test_large_input(self) -> None:
        config = dense_config()
        config["config"]["layers"][0]["config"]["batch_shape"] = [None, LARGE]
        self.refused(archive(self.path, config), "too large")

    def test_damaged_files(self) -> None:
        whole = archive(self.path).read_bytes()
        for size in range(0, len(whole), 397):
            self.path.write_bytes(whole[:size])
            with self.assertRaises(ConvertError):
                cli.read(self.path, None)
        for place in range(0, len(whole), 211):
            self.path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1:])
            try:
                cli.read(self.path, None)
            except ConvertError:
                pass

    def test_nothing_is_written_after_an_error(self) -> None:
        archive(self.path, dense_config(secret=7))
        out = self.folder / "out"
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(cli.main([str(self.path), "-o", str(out)]), 1)
        self.assertFalse(out.exists())

    def test_both_files_are_written_or_none(self) -> None:
        archive(self.path)
        for name in ("model.hpp", "model.safetensors"):
            out = self.folder / name.replace(".", "_")
            (out / name).mkdir(parents=True)
            said = io.StringIO()
            with contextlib.redirect_stderr(said):
                self.assertEqual(cli.main([str(self.path), "-o", str(out)]), 1)
            self.assertIn(f"{name} cannot be written: it is a folder.", said.getvalue())
            self.assertEqual([path.name for path in out.iterdir()], [name])


if __name__ == "__main__":
    unittest.main()
