"""Where the weights of a model lie, in all of Keras' forms: each store fills the slots of layers."""
import json
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

import numpy as np

from strata_convert.errors import ConvertError, Problems, quoted
from strata_convert.keras import hdf5
from strata_convert.keras.models import DEEPEST, Slot

Weights = Dict[str, Dict[str, np.ndarray]]  # the path of a slot to the layer's tensors
NOT_TRAINED = ("moving_mean", "moving_variance", "mean", "variance", "")


def named(slot: Slot, arrays: Sequence[np.ndarray], wanted: Sequence[str],
          problems: Problems) -> Dict[str, np.ndarray]:
    """A layer's arrays under strata's names."""
    if len(arrays) != len(wanted):
        problems.add(f"{quoted(slot.name)} should have {len(wanted)} arrays of weights, and the file has {len(arrays)} "
                     f"at {quoted(slot.path)}.")
        return {}
    return {name: values for name, values in zip(wanted, arrays) if name}


class Groups:
    """The form of Keras 3: a group for each layer, in groups of containers; `vars` in it holds "0", "1", …"""

    def variables(self, path: str) -> Optional[List[np.ndarray]]:
        """The arrays of a layer; None where it has no group."""
        raise NotImplementedError

    def name_at(self, path: str) -> str:
        """What the layer at a path calls itself, if the file says so."""
        return ""

    def layers(self) -> List[str]:
        """The paths of the layers of the outermost model that have weights, "layers/dense"."""
        raise NotImplementedError

    def path_of(self, slot: Slot) -> str:
        """Where a layer lies: at its path, unless another one of its class has its name."""
        if self.name_at(slot.path) in ("", slot.name):
            return slot.path
        head = slot.path.rstrip("0123456789").rstrip("_")
        for path in (head, *(f"{head}_{i}" for i in range(1, 10000))):
            name = self.name_at(path)
            if name == slot.name:
                return path
            if not name:
                break
        return slot.path

    def fill(self, slots: Mapping[str, Slot], problems: Problems) -> Weights:
        """The tensors of all layers."""
        filled: Weights = {}
        for slot in slots.values():
            at = self.path_of(slot)
            found: Dict[str, np.ndarray] = {}
            for path, wanted in slot.parts:
                arrays = self.variables(f"{at}/{path}" if path else at)
                if not arrays:
                    arrays = self.of_shared(slot, slots, path)
                found.update(named(slot, arrays, wanted, problems))
            filled[slot.path] = found
        return filled

    def of_shared(self, slot: Slot, slots: Mapping[str, Slot], path: str) -> List[np.ndarray]:
        """The arrays of a layer that is written elsewhere: one that several models have is written once."""
        found: List[List[np.ndarray]] = []
        for other in slots.values():
            if other.identity and other.identity == slot.identity and other.path != slot.path:
                arrays = self.variables(f"{other.path}/{path}" if path else other.path)
                found += [arrays] if arrays else []
        return found[0] if len(found) == 1 else []


def in_order(keys: Sequence[str]) -> List[str]:
    """The names "0", "1", …, without those of anything else."""
    return sorted((key for key in keys if key.isdigit()), key=int)


def of_outermost(path: str) -> Optional[str]:
    """The path of the layer that a group of variables belongs to; None for those of an optimizer, or a seed."""
    parts = path.strip("/").split("/")
    if len(parts) < 2 or parts[0] not in ("layers", "_layer_checkpoint_dependencies") or "seed_generator" in parts:
        return None
    return f"layers/{parts[1]}"


class HDF5Groups(Groups):
    """Such groups in an HDF5 file."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def group(self, path: str) -> Any:
        """The group of a layer's variables; Keras 2.13 had another name for `layers`, 2.15 for parts of attention."""
        old, (head, _, tail) = path.replace("layers", "_layer_checkpoint_dependencies"), path.rpartition("/")
        for at in (path, old, *([f"{head}/_{tail}"] if tail.endswith("_dense") else [])):
            group = hdf5.subgroup(self.file, f"{at}/vars")
            if group is not None:
                return group
        return None

    def variables(self, path: str) -> Optional[List[np.ndarray]]:
        group = self.group(path)
        return None if group is None else [hdf5.values(group, key) for key in in_order(list(group.keys()))]

    def layers(self) -> List[str]:
        found: Dict[str, None] = {}
        waiting, seen = [""], set()
        while waiting:
            path = waiting.pop()
            group = hdf5.subgroup(self.file, path)
            new = group is not None and hdf5.address(group) not in seen and path.count("/") < 2 * DEEPEST
            seen.update({hdf5.address(group)} if new else set())
            for name in list(group.keys()) if new else []:
                inner = f"{path}/{name}".strip("/")
                inside = hdf5.subgroup(self.file, inner)
                if name == "vars" and inside is not None:
                    layer = of_outermost(path) if in_order(list(inside.keys())) else None
                    found.update({layer: None} if layer else {})
                elif inside is not None:
                    waiting.append(inner)
        return list(found)

    def name_at(self, path: str) -> str:
        group = self.group(path)
        return "" if group is None else hdf5.text(group.attrs.get("name"))


class ShardedGroups(Groups):
    """Such groups in several HDF5 files, of which a JSON file says what is where."""

    def __init__(self, index: bytes, folder: Path) -> None:
        try:
            found = json.loads(index)["weight_map"]
            self.places = {str(key).strip("/"): [files] if isinstance(files, str) else list(files)
                           for key, files in found.items()}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ConvertError("The index of the weights' shards is damaged.") from None
        self.folder = folder

    def shards(self, path: str) -> List[Path]:
        """The files that a layer's variables are in."""
        files = self.places.get(f"{path}/vars", self.places.get(path, []))
        for file in files:
            place = self.folder / str(file)
            if Path(str(file)).name != file or not place.is_file() or place.is_symlink():
                raise ConvertError(f"The index of the weights' shards has {quoted(file)}, no file beside it.")
        return [self.folder / file for file in files]

    def variables(self, path: str) -> Optional[List[np.ndarray]]:
        arrays: Dict[str, np.ndarray] = {}
        for shard in self.shards(path):
            with hdf5.opened(shard, shard.name) as file:
                group = hdf5.subgroup(file, f"{path}/vars")
                for key in in_order(list(group.keys()) if group is not None else []):
                    arrays[key] = hdf5.values(group, key)
        return [arrays[key] for key in in_order(list(arrays))] or None

    def layers(self) -> List[str]:
        found = [of_outermost(path.rsplit("/vars", 1)[0]) for path in self.places if self.variables(path[:-5])]
        return list(dict.fromkeys(path for path in found if path))

    def name_at(self, path: str) -> str:
        for shard in self.shards(path):
            with hdf5.opened(shard, shard.name) as file:
                group = hdf5.subgroup(file, f"{path}/vars")
                return "" if group is None else hdf5.text(group.attrs.get("name"))
        return ""


class ArrayGroups(Groups):
    """Such groups as NumPy's dictionaries."""

    def __init__(self, contents: Mapping[str, Mapping[str, np.ndarray]]) -> None:
        self.contents = contents

    def variables(self, path: str) -> Optional[List[np.ndarray]]:
        group = self.contents.get(path)
        return None if group is None else [np.asarray(group[key]) for key in in_order(list(group))]


class Legacy:
    """The form of Keras 1 and 2, and of `.h5` in Keras 3: a list of weights for each layer of the outermost model.
    Those of models in it stand behind each other, what is trained before what is not."""

    def __init__(self, group: Any) -> None:
        self.group = group

    def fill(self, slots: Mapping[str, Slot], problems: Problems) -> Weights:
        """The tensors of all layers."""
        filled: Weights = {}
        tops: Dict[str, List[Slot]] = {}
        for slot in slots.values():
            tops.setdefault(slot.top, []).append(slot)
        for top, inside in tops.items():
            group = hdf5.child(self.group, top)
            listed = [] if group is None else hdf5.names(group, "weight_names")
            order = sorted(((slot, name) for slot in inside for _, names in slot.parts for name in names),
                           key=lambda entry: not entry[0].trainable or entry[1] in NOT_TRAINED)
            if len(listed) != len(order):
                problems.add(f"{quoted(top)} should have {len(order)} arrays of weights, and the file has "
                             f"{len(listed)}.")
                continue
            for (slot, name), stored in zip(order, listed):
                own = stored.split("/")[-1].split(":")[0]
                if name and own != name.split("/")[-1] and not own.endswith(name.split("/")[-1]):
                    problems.add(f"{quoted(slot.name)}: {name} expected, and the file has {quoted(stored)} there.")
                if name:
                    filled.setdefault(slot.path, {})[name] = hdf5.values(group, stored)
        return filled
