"""How configurations say which values a layer is called with: Keras 3 as tensors in arguments, Keras 2 as lists."""
from typing import Any, Dict, List, Tuple

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


def calls_of(nodes: Any) -> List[Tuple[List[Any], Dict[str, Any]]]:
    """The arguments of all calls of a layer: by place, and by name."""
    calls: List[Tuple[List[Any], Dict[str, Any]]] = []
    for node in nodes if isinstance(nodes, list) else []:
        if isinstance(node, dict):  # Keras 3
            args, kwargs = node.get("args"), node.get("kwargs")
            calls.append((args if isinstance(args, list) else [], kwargs if isinstance(kwargs, dict) else {}))
        elif isinstance(node, list):  # Keras 2: [[layer, call, result, {names}], …]
            parts = [node] if node and isinstance(node[0], str) else node
            args = [part[:3] for part in parts if isinstance(part, list)]
            named: Dict[str, Any] = {}
            for part in parts:
                if isinstance(part, list) and len(part) > 3 and isinstance(part[3], dict):
                    named.update(part[3])
            calls.append((args, named))
    return calls


def first_call(layer: Dict[str, Any]) -> int:
    """The number of a layer's first call. In Keras 2, a model with an Input has been called once when it was made."""
    nodes, config = layer.get("inbound_nodes"), layer.get("config")
    inside = config.get("layers") if isinstance(config, dict) else None
    if not isinstance(nodes, list) or not nodes or not isinstance(nodes[0], list) or not isinstance(inside, list):
        return 0
    return int(bool(inside) and isinstance(inside[0], dict) and inside[0].get("class_name") == "InputLayer")
