"""Models of Keras are converted, and three agree on what they compute: real Keras, the converter's reference in NumPy,
and strata itself. What strata does not have is refused. Run by convert.sh."""
import contextlib
import io
import json
import os
import shutil
import sys
import unittest
import zipfile
from pathlib import Path
from typing import Dict, Optional

import convert_mutations
import convert_program
import h5py
import numpy as np
from convert_hostile import Hostile
from convert_types import Types
from strata_convert import cli, model_file, random_stream
from strata_convert.errors import ConvertError
from strata_convert.keras import writer
from strata_convert.model import Model
from strata_convert.network import parse
from strata_convert.reference import evaluate

WORK = Path(os.environ["STRATA_CONVERT_WORK"])
COMPILER = os.environ["STRATA_CONVERT_COMPILER"].split("\n")
ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
MODELS = sorted((WORK / "models").glob("*.keras"))
TOLERANCE = 1e-6  # of outputs, as a share of the largest one if that is above 1; lenet5 in strata: in single precision


def share(found: np.ndarray, expected: np.ndarray) -> float:
    """How far two arrays are apart, as a share of the largest value if that is above 1."""
    return float(np.abs(found.reshape(-1) - expected.reshape(-1)).max() / max(1.0, np.abs(expected).max()))


class Agreement(unittest.TestCase):
    """Keras, the reference and strata on 100 random inputs."""

    def check_file(self, path: Path, values: Path, onto: Optional[str] = None, tolerance: float = TOLERANCE) -> None:
        """Checks that the reference makes of a file what Keras did."""
        with self.subTest(path.name):
            stored = np.load(values)
            model = cli.read(path, onto)
            self.assertLess(share(evaluate(model.check(), model.tensors, stored["x"]), stored["y"]), tolerance)

    def test_reference(self) -> None:
        self.assertEqual(len(MODELS), 16)
        for path in MODELS:
            self.check_file(path, path.with_suffix(".npz"))

    def test_strata(self) -> None:
        inputs: Dict[str, np.ndarray] = {}
        converted = WORK / "converted"
        for path in MODELS:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                self.assertEqual(cli.main([str(path), "-o", str(converted / path.stem), "--name", path.stem]), 0)
            inputs[path.stem] = np.load(path.with_suffix(".npz"))["x"]
        found = convert_program.predictions(converted, inputs, ["lenet5"], COMPILER)
        for path in MODELS:
            with self.subTest(path.stem):
                expected = np.load(path.with_suffix(".npz"))["y"]
                self.assertLess(share(found[path.stem], expected), TOLERANCE)

    def test_forms_of_files(self) -> None:
        network = str(cli.read(WORK / "forms.keras", None).network)
        values = WORK / "forms.npz"
        for name in ("forms.keras", "folder", "forms.h5", "arrays.keras"):
            self.check_file(WORK / name, values)
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(cli.main([str(WORK / "forms.keras"), "-o", str(WORK / "forms")]), 0)
        for name in ("forms.weights.h5", "shards/model.weights.json"):
            self.check_file(WORK / name, values, network)
            self.check_file(WORK / name, values, str(WORK / "forms" / "model.safetensors"))
        old = WORK / "old.weights.h5"
        shutil.copy(WORK / "forms.weights.h5", old)
        with h5py.File(old, "a") as file:  # Keras 2.13 had another name for the layers
            file.move("layers", "_layer_checkpoint_dependencies")
        self.check_file(old, values, network)
        sharded = WORK / "sharded"
        sharded.mkdir()
        for path in (*(WORK / "shards").iterdir(), WORK / "folder" / "config.json"):
            shutil.copy(path, sharded)
        self.check_file(sharded, values)
        self.check_file(WORK / "frozen.h5", WORK / "frozen.npz")

    def test_files_of_keras_2(self) -> None:
        """They were computed in single precision."""
        data = DATA / "exchange"
        for name in ("keras_2_mixed.keras", "keras_2_mixed.h5"):
            self.check_file(data / name, data / "keras_2_mixed.npz", None, 1e-5)
        network = "Sequential<Input<5, 2>, Conv1D<3, Kernel<2>, Tanh>, SimpleRNN<3>, Dense<2, Softmax>>"
        for name in ("keras_2_plain.weights.h5", "keras_2_plain.h5"):
            self.check_file(data / name, data / "keras_2_plain.npz", network, 1e-5)

    def test_weights_onto_another_network(self) -> None:
        begin = "Sequential<Input<5, 2>, Conv1D<3, Kernel<2>>, "
        for network, says in ((begin + "Dense<2>>", "that the network does not have"),
                              (begin + "LSTM<3>, Dense<2>>", '"layers/lstm"'),
                              (begin + "SimpleRNN<4>, Dense<2>>", "has the shape"),
                              ("Dense<3>", "no Sequential"), (None, "weights alone")):
            with self.subTest(network):
                with self.assertRaises(ConvertError) as caught:
                    cli.read(DATA / "exchange" / "keras_2_plain.weights.h5", network).check()
                self.assertIn(says, str(caught.exception))

    def test_a_hard_sigmoid_of_keras_2_is_refused(self) -> None:
        changed = WORK / "hard.keras"
        with zipfile.ZipFile(DATA / "exchange" / "keras_2_mixed.keras") as old, zipfile.ZipFile(changed, "w") as new:
            for name in old.namelist():
                new.writestr(name, old.read(name).replace(b'"activation": "swish"', b'"activation": "hard_sigmoid"'))
        with self.assertRaises(ConvertError) as caught:
            cli.read(changed, None)
        self.assertIn("hard_sigmoid of Keras 2 has another slope", str(caught.exception))
        for version in (b"2.15.0", b"1.0.1", None, b"3.0.0"):
            old = WORK / "hard.h5"
            shutil.copy(DATA / "exchange" / "keras_2_mixed.h5", old)
            with h5py.File(old, "a") as file:
                config = file.attrs["model_config"].replace('"activation": "swish"', '"activation": "hard_sigmoid"')
                del file.attrs["keras_version"]
                file.attrs["model_config"] = config
                if version is not None:
                    file.attrs["keras_version"] = version
            with self.subTest(version), contextlib.ExitStack() as stack:
                if version != b"3.0.0":
                    stack.enter_context(self.assertRaisesRegex(ConvertError, "hard_sigmoid of Keras 2"))
                cli.read(old, None)

    def test_back_to_keras(self) -> None:
        """Converted models are written for Keras, which opens them and computes the same."""
        import convert_models
        back = WORK / "back"
        back.mkdir()
        for path in MODELS:
            with self.subTest(path.stem):
                with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                    self.assertEqual(cli.main([str(path), "-o", str(WORK / path.stem)]), 0)
                    source, target = str(WORK / path.stem / "model.safetensors"), back / path.name
                    self.assertEqual(cli.main([source, "-o", str(target)]), 0)
                stored = np.load(path.with_suffix(".npz"))
                network = convert_models.keras.models.load_model(target)
                self.assertLess(share(np.asarray(network(stored["x"], training=False)), stored["y"]), TOLERANCE)

    def test_what_keras_does_not_have(self) -> None:
        network = parse("Sequential<Input<4>, CELU::With<Alpha<2.0>>, Dense<2, GELU::With<Approximate>>>")
        with self.assertRaises(ConvertError) as caught:
            writer.keras_bytes(Model(network, {"dense/kernel": np.ones((4, 2)), "dense/bias": np.ones(2)}))
        for name in ("CELU", "GELU"):
            self.assertIn(f"Keras has no name for the activation {name}", str(caught.exception))

    def test_mutations(self) -> None:
        """Each deliberate mistake is seen."""
        for mistake in convert_mutations.MUTATIONS:
            with self.subTest(mistake.name):
                self.assertTrue(convert_mutations.is_seen(mistake, WORK / "models"), "no comparison fails")


class Refusals(unittest.TestCase):
    """What strata does not have."""

    def test_each(self) -> None:
        files = sorted((WORK / "refused").glob("*.keras"))
        self.assertGreaterEqual(len(files), 30)
        for path in files:
            with self.subTest(path.stem):
                with self.assertRaises(ConvertError) as caught:
                    cli.read(path, None)
                self.assertIn(path.with_suffix(".txt").read_text(), str(caught.exception))

    def test_all_at_once(self) -> None:
        """One message names all that a model has of it."""
        layers = [{"class_name": "InputLayer", "config": {"batch_shape": [None, 4]}}]
        says = []
        for path in sorted((WORK / "refused").glob("*.keras")):
            with zipfile.ZipFile(path) as file:
                config = json.loads(file.read("config.json"))
            inside = config["config"].get("layers", [])
            found = [layer for layer in inside if layer["class_name"] not in ("InputLayer", "Dense", "Add", "Flatten")]
            if config["class_name"] == "Sequential" and len(found) == 1 and path.stem != "variable_length":
                layers += found
                says.append(path.with_suffix(".txt").read_text())
        self.assertGreaterEqual(len(says), 20)
        whole = WORK / "all.keras"
        with zipfile.ZipFile(WORK / "forms.keras") as old, zipfile.ZipFile(whole, "w") as new:
            new.writestr("config.json", json.dumps({"class_name": "Sequential", "config": {"layers": layers}}))
            new.writestr("model.weights.h5", old.read("model.weights.h5"))
        with self.assertRaises(ConvertError) as caught:
            cli.read(whole, None)
        self.assertGreaterEqual(len(caught.exception.sentences), 20)
        for sentence in says:
            self.assertIn(sentence, str(caught.exception))


class Core(unittest.TestCase):
    """What all readers share."""

    def test_a_file_of_strata_is_written_as_strata_does(self) -> None:
        path = DATA / "compat" / "model_1.safetensors"
        model, _ = model_file.read(path)
        written, stored = model_file.model_bytes(model), path.read_bytes()
        outputs = 4 * 1  # what the model makes of the sample may differ in its last bit
        self.assertEqual(written[:-outputs], stored[:-outputs])
        np.testing.assert_allclose(np.frombuffer(written[-outputs:], np.float32),
                                   np.frombuffer(stored[-outputs:], np.float32), rtol=1e-6)

    def test_random_numbers(self) -> None:
        """Those of Philox that its authors publish for zeros, and the sample that earlier versions made of them."""
        self.assertEqual(random_stream.philox(np.zeros(1, np.uint64))[:, 0].tolist(),
                         [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8])
        self.assertEqual(random_stream.self_test_sample(7, 1000).tolist(), [880, 605, 362, 37, 319, 271, 415])

    def test_a_changed_file_is_refused(self) -> None:
        stored = bytearray((DATA / "compat" / "model_1.safetensors").read_bytes())
        for place, says in ((-13, "self-test fails"), (3, "no safetensors"), (60, "no safetensors")):
            changed = stored.copy()
            changed[place] ^= 0x41
            path = WORK / "changed.safetensors"
            path.write_bytes(changed)
            with self.subTest(place):
                with self.assertRaises(ConvertError) as caught:
                    model_file.read(path)
                self.assertIn(says, str(caught.exception))

    def test_types_are_printed_as_they_were(self) -> None:
        for text in ("Sequential<Input<3>, Dense<8, Tanh>, BatchNormalization<>, Dropout<0.3>, Dense<1>>",
                     "Sequential<Input<2, 3>, ReLU::With<MaxValue<6.0>, NegativeSlope<1e-05>>, Residual<Dense<3>>>",
                     "basic_sequential<double, Input<4>, Rescaling<0.00784313725490196, -1.0>>"):
            self.assertEqual(str(parse(text)), text)

    def test_what_is_no_type(self) -> None:
        for text in ("", "<", "Sequential<Input<3>", "Sequential<Input<3>>>", "Sequential<Input<3>,, Dense<2>>",
                     "Dense<3>", "Sequential<Dense<3>>", "Sequential<" * 1000):
            with self.subTest(text[:40]), self.assertRaises(ConvertError):
                parse(text)

    def test_the_page_shows_what_is_written(self) -> None:
        source, page = DATA / "exchange" / "keras_2_mixed.keras", (ROOT / "docs" / "from_keras.md").read_text()
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            self.assertEqual(cli.main([str(source), "-o", str(WORK / "mixed")]), 0)
        self.assertIn((WORK / "mixed" / "model.hpp").read_text(), page)
        self.assertIn(said.getvalue().replace(f"{WORK}/", ""), page)


assert issubclass(Hostile, unittest.TestCase) and issubclass(Types, unittest.TestCase)  # their tests are run, too

if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tools"))
    unittest.main(verbosity=0)
