"""How configurations say which values a layer is called with: Keras 3 as tensors in arguments, Keras 2 as lists."""
from typing import Any, Dict, List, Tuple

from strata_convert.errors import ConvertError, quoted

Reference = Tuple[str, int, int]  # a layer's name, the number of its call, the number of the result


def is_reference(value: Any) -> bool:
    """Whether a value is one tensor."""
    if isinstance(value, dict):
        return value.get("class_name") == "__keras_tensor__"
    return (isinstance(value, (list, tuple)) and len(value) == 3 and isinstance(value[0], str)
            and type(value[1]) is int and type(value[2]) is int)


def references(value: Any) -> List[Reference]:
    """All tensors in arguments, in order; they may lie in lists."""
    if is_reference(value):
        if isinstance(value, dict):
            config = value.get("config")
            history = config.get("keras_history") if isinstance(config, dict) else None
            return references(history) if not isinstance(history, dict) else []
        return [(value[0], value[1], value[2])]
    if isinstance(value, dict):
        return [reference for part in value.values() for reference in references(part)]
    if isinstance(value, (list, tuple)):
        return [reference for part in value for reference in references(part)]
    return []


def arguments_of(node: Any) -> Tuple[Any, Any]:
    """The arguments of a call by place, a list unless the call is damaged, and by name, a dictionary then."""
    if isinstance(node, dict):  # Keras 3
        return node.get("args", []), node.get("kwargs", {})
    if not isinstance(node, list):
        return None, None
    parts = [node] if node and isinstance(node[0], str) else node  # Keras 2: [[layer, call, result, {names}], …]
    if not all(isinstance(part, list) and len(part) >= 3 and isinstance([*part, {}][3], dict) for part in parts):
        return None, None
    return [part[:3] for part in parts], {key: value for part in parts for key, value in [*part, {}][3].items()}


def calls_of(nodes: Any, layer: str) -> List[Tuple[List[Any], Dict[str, Any]]]:
    """The arguments of all calls of a layer: by place, and by name. Throws ConvertError for what is none."""
    calls: List[Tuple[List[Any], Dict[str, Any]]] = []
    for node in [] if nodes is None else nodes if isinstance(nodes, list) else [nodes]:
        args, kwargs = arguments_of(node)
        if not isinstance(args, list) or not isinstance(kwargs, dict):
            raise ConvertError(f"The layer {quoted(layer)} is called in a way that is damaged: {quoted(node)}.")
        calls.append((args, kwargs))
    return calls


def first_call(layer: Dict[str, Any]) -> int:
    """The number of a layer's first call. In Keras 2, a model with an Input has been called once when it was made."""
    nodes, config = layer.get("inbound_nodes"), layer.get("config")
    inside = config.get("layers") if isinstance(config, dict) else None
    if not isinstance(nodes, list) or not nodes or not isinstance(nodes[0], list) or not isinstance(inside, list):
        return 0
    return int(bool(inside) and isinstance(inside[0], dict) and inside[0].get("class_name") == "InputLayer")
