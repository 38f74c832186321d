"""From the configuration of a model, with all models in it, to calls of strata's layers."""
import json
import math
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Optional, Tuple

from strata_convert.branches import Call
from strata_convert.errors import ConvertError, Problems, escaped, quoted
from strata_convert.graph import MERGES, settings_of, snake_case
from strata_convert.keras import layers, sequences
from strata_convert.keras.config import ACTIVATIONS, ENDINGS, Config, is_number, is_whole
from strata_convert.keras.inbound import Reference, calls_of, first_call, is_reference, references
from strata_convert.keras.table import RULES, Parts, Translated
from strata_convert.layers import TABLE, Shape, class_name
from strata_convert.layers.table import LARGEST, require_size
from strata_convert.network import Node

MODELS = ("Sequential", "Functional", "Model")
OPS = {"Add": "Add", "Subtract": "Subtract", "Multiply": "Multiply", "Maximum": "Maximum", "Minimum": "Minimum"}
ARGUMENTS = ("inputs", "query", "value", "key", "x1", "x2")  # names of inputs, in the order of the functions' own
DEEPEST = 20
assert layers and sequences  # they fill RULES


def place_of_argument(name: str) -> int:
    """Where an input stands that a call gives by its name: calls may name them in any order."""
    return ARGUMENTS.index(name) if name in ARGUMENTS else len(ARGUMENTS)


def config_of(layer: Dict[str, Any]) -> Dict[str, Any]:
    """The configuration of a layer; nothing where it is damaged."""
    config = layer.get("config")
    return config if isinstance(config, dict) else {}


def inside_of(values: Dict[str, Any]) -> Dict[str, Any]:
    """The configuration of the layer inside of a TimeDistributed or a Bidirectional, {} for others."""
    inner = values.get("layer")
    return config_of(inner) if isinstance(inner, dict) else {}


@dataclass
class Slot:
    """A layer's place in the file of weights: its path there, the layer of the whole model that it is in, its name."""

    path: str
    top: str
    name: str
    parts: Parts
    trainable: bool
    identity: str = ""  # what another layer has in common with it that is the same layer, in another model


@dataclass
class Value:
    """A value of the graph: its number, and its shape without samples, if that is known."""

    number: int
    shape: Optional[Shape]


class Builder:
    """Collects the calls of a model, and what is wrong with it."""

    def __init__(self, keras_2: bool) -> None:
        self.keras_2 = keras_2
        self.problems = Problems()
        self.notes: List[str] = []
        self.calls: List[Call] = []
        self.slots: Dict[str, Slot] = {}
        self.slot_of_call: Dict[int, str] = {}
        self.values = 0
        self.inside = ""  # the name of the model whose layers are being looked at
        self.input: Optional[Value] = None

    def new_value(self, shape: Optional[Shape]) -> Value:
        """One more value."""
        self.values += 1
        return Value(self.values - 1, shape)

    # Models.

    def model(self, config: Any, path: str, top: str, inputs: List[Value], wrapped: bool, trainable: bool) -> Value:
        """All calls of a model on its inputs; the value of its output."""
        values = config.get("config") if isinstance(config, dict) else None
        if isinstance(values, list):  # Keras before 2.2.3 wrote a Sequential's layers alone
            values = {"layers": values}
        if not isinstance(values, dict) or not isinstance(values.get("layers"), list) or path.count("/") > 2 * DEEPEST:
            raise ConvertError("The configuration of the model is damaged: it has no list of layers.")
        trainable = self.is_trainable(str(config.get("class_name")), values) and trainable
        for number, layer in enumerate(values["layers"]):
            if not isinstance(layer, dict):
                raise ConvertError(f"The configuration of the model is damaged: its layer {number} is no object.")
        outside, self.inside = self.inside, str(values.get("name"))
        if config.get("class_name") == "Sequential":
            output = self.sequential(config, values, path, top, inputs, wrapped, trainable)
        else:
            output = self.functional(values, path, top, inputs, wrapped, trainable)
        self.inside = outside
        return output

    def begin(self, shape: Any) -> Value:
        """The input of the whole model."""
        extents = shape[1:] if isinstance(shape, list) else None
        if not extents or not all(is_whole(n, 1) for n in extents) or not (shape[0] is None or is_whole(shape[0], 1)):
            self.problems.add(f"The input has the shape {quoted(shape)}: strata's shapes are known when compiling, so "
                              "save the model with a keras.Input of fixed extents.")
            extents = None
        if extents and math.prod(extents) > LARGEST:
            self.problems.add(f"The input has the shape {quoted(shape)}, which is too large.")
            extents = None
        self.input = self.new_value(None if extents is None else tuple(extents))
        return self.input

    def sequential(self, config: Dict[str, Any], values: Dict[str, Any], path: str, top: str, inputs: List[Value],
                   wrapped: bool, trainable: bool) -> Value:
        """Layers, one after the other."""
        layers_of = values["layers"]
        if inputs:
            at = inputs[0]
        else:
            first = config_of(layers_of[0]) if layers_of else {}
            built = config.get("build_config") if isinstance(config.get("build_config"), dict) else {}
            at = self.begin(first.get("batch_shape") or first.get("batch_input_shape")
                            or values.get("build_input_shape") or (built or {}).get("input_shape"))
        names: Dict[str, int] = {}
        for layer in layers_of:
            if layer.get("class_name") == "InputLayer":
                self.check_input(layer)
                continue
            at = self.layer(layer, self.place(layer, path, names), top, [at], {}, wrapped, trainable)
        return at

    def functional(self, values: Dict[str, Any], path: str, top: str, inputs: List[Value], wrapped: bool,
                   trainable: bool) -> Value:
        """A graph; layers stand in any order in the configuration, so they are taken as soon as their inputs are."""
        ends = []
        for key in ("input_layers", "output_layers"):
            found = references(values.get(key))
            if len(found) != 1:
                self.problems.add(f"The model {quoted(values.get('name'))} has {len(found)} {key.replace('_', ' ')}: "
                                  "strata's networks have one input and one output.")
            if not found:
                raise ConvertError("The configuration of the model is damaged: it has no inputs or outputs.")
            ends.append(found[0])
        made: Dict[Reference, Value] = {}
        waiting: List[Tuple[Dict[str, Any], str, int, List[Any], Dict[str, Any]]] = []
        names: Dict[str, int] = {}
        for layer in values["layers"]:
            name, own = str(layer.get("name") or config_of(layer).get("name")), str(layer.get("class_name"))
            place = self.place(layer, path, names)
            if own == "InputLayer":
                self.check_input(layer)
                if (name, 0, 0) == ends[0]:
                    config = config_of(layer)
                    shape = config.get("batch_shape") or config.get("batch_input_shape")
                    made[(name, 0, 0)] = inputs[0] if inputs else self.begin(shape)
                else:
                    made[(name, 0, 0)] = self.new_value(None)  # has been refused
                continue
            for index, (args, kwargs) in enumerate(calls_of(layer.get("inbound_nodes"), name), first_call(layer)):
                waiting.append((layer, place, index, args, kwargs))
        while waiting:
            ready = [call for call in waiting if all(r in made for r in references([call[3], call[4]]))]
            if not ready:
                break
            for call in ready:
                waiting.remove(call)
                layer, place, index, args, kwargs = call
                name = str(layer.get("name") or config_of(layer).get("name"))
                kwargs = {key: kwargs[key] for key in sorted(kwargs, key=place_of_argument)}
                read = [made[reference] for reference in references([args, kwargs])]
                rest = {key: value for key, value in kwargs.items() if not references(value)}
                constants = [value for value in args if not references(value) and value is not None]
                if constants:
                    rest["constants"] = constants
                tensors = {key for key, value in kwargs.items() if references(value)}
                rest["tensors"] = tensors - set(ARGUMENTS)
                rest["constant_first"] = bool(constants) and not is_reference(args[0])
                made[(name, index, 0)] = self.layer(layer, place, top, read, rest, wrapped, trainable)
        if ends[1] not in made:
            raise ConvertError("The configuration of the model is damaged: its output does not follow from its input.")
        return made[ends[1]]

    def is_trainable(self, own: str, values: Dict[str, Any]) -> bool:
        """What a layer or a model says of this; it tells the order of weights in the old form."""
        return Config(own, values, self.problems, self.keras_2).flag("trainable", True)

    def check_input(self, layer: Dict[str, Any]) -> None:
        """Refuses inputs that are no plain arrays."""
        config = layer.get("config")
        if isinstance(config, dict) and (config.get("sparse") or config.get("ragged")):
            self.problems.add(f"The input {quoted(config.get('name'))} is sparse or ragged.")

    @staticmethod
    def place(layer: Dict[str, Any], path: str, names: Dict[str, int]) -> str:
        """Where a layer's weights lie: groups are named after the class, with a number for all but the first."""
        own = snake_case(str(layer.get("class_name")).split(">")[-1])
        if str(layer.get("module", "")).startswith("keras.src.ops"):
            return path
        count = names.get(own, 0)
        names[own] = count + 1
        return f"{path}layers/{own}" + (f"_{count}" if count else "")

    # Layers.

    def layer(self, layer: Dict[str, Any], path: str, top: str, inputs: List[Value], kwargs: Dict[str, Any],
              wrapped: bool, trainable: bool) -> Value:
        """The calls of a layer, or of a model that is one, on its inputs."""
        values = layer.get("config")
        own = str(layer.get("class_name"))
        if not isinstance(values, dict):
            if own not in MODELS:
                Config(own, {"name": str(layer.get("name"))}, self.problems, self.keras_2).wrong("config", values,
                                                                                                "an object")
            values = {"name": own, "layers": values} if own in MODELS else {"name": own}
        name = str(layer.get("name") or values.get("name"))
        top = top or name
        if own in MODELS:
            return self.model(layer, path + "/", top, inputs, wrapped, trainable)
        inner = values.get("layer")
        if own == "TimeDistributed" and isinstance(inner, dict) and inner.get("class_name") in MODELS:
            step = [Value(value.number, value.shape) for value in inputs]
            return self.model(inner, path + "/layer/", top, step, True, trainable)
        c = Config(own, {**values, "name": name}, self.problems, self.keras_2)
        if wrapped and own in ("Masking", "Embedding"):
            c.problem(f"strata cannot repeat {quoted(own)} for each step.")
        found = self.translated(c, layer, inputs, kwargs, wrapped)
        if found is None or found.layer is None:
            return Value(inputs[0].number, inputs[0].shape if found is not None else None) if inputs \
                else self.new_value(None)
        node = replace(found.layer, comment=name, weights=found.weights)
        if wrapped and node.name not in (*MERGES, "BatchNormalization"):
            node = Node("TimeDistributed", (node,), name, found.weights)
        result = self.new_value(self.output_shape(c, node, inputs) if c.is_fine else None)
        reads = [value.number for value in inputs]
        if class_name(node) == "Embedding" and self.input is not None and reads != [self.input.number]:
            c.problem("an Embedding must be the first layer: strata's reads the network's input.")
        self.calls.append(Call(node, tuple(value.number for value in inputs), result.number, name))
        if found.parts:
            if path in self.slots:
                self.notes.append(f"{name} is used more than once; each use has a copy of its weights.")
            trainable = all([self.is_trainable(own, part) for part in (values, inside_of(values))]) and trainable
            said = {key: value for key, value in values.items() if key != "dtype" and not key.endswith(ENDINGS)}
            identity = json.dumps([self.inside, own, name, said], sort_keys=True)
            self.slots[path] = Slot(path, top, name, found.parts, trainable, identity)
            self.slot_of_call[result.number] = path
        return result

    def translated(self, c: Config, layer: Dict[str, Any], inputs: List[Value], kwargs: Dict[str, Any],
                   wrapped: bool) -> Optional[Translated]:
        """What a layer is here; None where strata has nothing like it, which has then been said."""
        if not inputs:
            c.problem("it reads nothing.")
            return None
        module, registered = str(layer.get("module") or "keras"), layer.get("registered_name")
        if module.startswith("keras.src.ops"):
            return self.operation(c, inputs, kwargs)
        rule = RULES.get(c.class_name)
        if c.class_name in ("Lambda", "TFOpLambda", "SlicingOpLambda"):
            c.problem("it holds code, and nothing in a file is executed.")
            return None
        of_keras = module.split(".")[0] in ("keras", "tf_keras", "tensorflow") and (
            registered in (None, c.class_name) or str(registered).startswith("Keras>"))
        if rule is None or not of_keras:
            c.problem("strata has no such layer." if of_keras else "it is no layer of Keras, but code of its user's.")
            return None
        shapes = tuple(value.shape for value in inputs)
        if wrapped:
            shapes = tuple(shape if shape is None else shape[1:] for shape in shapes)
        found = rule(c, shapes)
        c.finish()
        return self.with_call(c, found, inputs, kwargs)

    def with_call(self, c: Config, found: Translated, inputs: List[Value], kwargs: Dict[str, Any]) -> Translated:
        """What a call says besides its inputs."""
        for key, value in kwargs.items():
            if key == "use_causal_mask" and c.class_name == "MultiHeadAttention":
                if value not in (None, True, False):
                    c.wrong(key, value, "true or false")
                if value and found.layer is not None:
                    found.layer = replace(found.layer, arguments=(*found.layer.args, Node("Causal")))
            elif key == "tensors" and value:
                c.problem(f"it is called with {', '.join(sorted(map(quoted, value)))}, which strata's does not take.")
            elif key not in ("tensors", "constant_first") and value not in (None, False, [], {}):
                c.problem(f"it is called with {escaped(key)}={quoted(value)}.")
        if c.class_name == "MultiHeadAttention":
            numbers = [value.number for value in inputs]
            if len(numbers) == 3 and numbers[2] == numbers[1]:
                del inputs[2]
            elif len(numbers) > 2:
                c.problem("its keys and values are different sequences.")
            if len(set(numbers)) == 1:
                del inputs[1:]
        elif len(inputs) > 1 and not kwargs.get("tensors") and (found.layer is None or found.layer.name not in MERGES):
            c.problem(f"it is called with {len(inputs)} inputs.")
        return found

    def operation(self, c: Config, inputs: List[Value], kwargs: Dict[str, Any]) -> Optional[Translated]:
        """A function of keras.ops: of two values, of a value and a number, or an activation."""
        constants = kwargs.get("constants", [])
        plain = ACTIVATIONS.get(snake_case(c.class_name))
        if len(inputs) == 2 and c.class_name in OPS and not constants:
            if None not in (inputs[0].shape, inputs[1].shape) and inputs[0].shape != inputs[1].shape:
                c.problem("its inputs have different shapes; strata merges arrays of one shape.")
            return Translated(Node(OPS[c.class_name], ()))
        by_number = len(constants) == 1 and is_number(constants[0])
        turned = kwargs.get("constant_first") and c.class_name in ("Subtract", "Divide", "TrueDivide")
        if len(inputs) == 1 and by_number and not turned:
            by = float(constants[0])
            scales = {"Add": (1.0, by), "Subtract": (1.0, -by), "Multiply": (by, 0.0),
                      "Divide": (1 / by if by else 0.0, 0.0), "TrueDivide": (1 / by if by else 0.0, 0.0)}
            if c.class_name in scales and scales[c.class_name][0] != 0:
                factor, offset = scales[c.class_name]
                return Translated(Node("Rescaling", (factor, offset) if offset else (factor,)))
        others = {key for key, value in c.values.items() if key != "name" and value is not None and value is not False
                  and (key, value) != ("axis", -1)}
        if len(inputs) == 1 and not constants and plain is not None and not others and c.class_name != "LeakyRelu":
            return Translated(None if plain == Node("Linear") else plain)
        c.problem("strata has nothing like this operation.")
        return None

    def output_shape(self, c: Config, node: Node, inputs: List[Value]) -> Optional[Shape]:
        """The shape of a layer's result, by strata's table; None where it is not known."""
        shapes = [value.shape for value in inputs]
        known = tuple(shape for shape in shapes if shape is not None)
        if len(known) != len(shapes) or not known:
            return None
        inner, outer = node, ()  # type: Node, Shape
        try:
            if node.name == "Bidirectional":
                inner = node.types()[0]
            while inner.name == "TimeDistributed":
                inner, outer = inner.types()[0], (*outer, known[0][len(outer)])
            shaped = TABLE[class_name(inner)].rule(settings_of(inner), tuple(x[len(outer):] for x in known))
            for shape in (*shaped.tensors.values(), (*outer, *shaped.output)):
                require_size(shape)
            shape = shaped.output
        except ConvertError as error:
            c.problem(str(error))
            return None
        if node.name == "Bidirectional" and len(node.types()) == 1:
            shape = (*shape[:-1], 2 * shape[-1])
        return (*outer, *shape)
