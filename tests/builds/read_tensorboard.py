"""Compares what TensorBoard reads of a training with what it printed: read_tensorboard.py LOGS PRINTED."""

import csv
import pathlib
import sys

import numpy as np
from tensorboard.backend.event_processing import event_accumulator, event_file_loader
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.util import tensor_util

logs = pathlib.Path(sys.argv[1])
printed = pathlib.Path(sys.argv[2]).read_text().splitlines()
history = list(csv.DictReader(printed[:4]))
weights = [float(line) for line in printed[4:]]


def read(folder):
    """What the class that TensorBoard itself reads with finds: by name, the steps and arrays."""
    events = event_accumulator.EventAccumulator(str(logs / folder))
    events.Reload()
    return {tag: [(event.step, tensor_util.make_ndarray(event.tensor_proto)) for event in events.Tensors(tag)]
            for tag in events.Tags()["tensors"]}


def expect(found, expected):
    """Scalars, as lists of (step, value)."""
    assert [step for step, _ in found] == [step for step, _ in expected], (found, expected)
    for (_, value), (_, wanted) in zip(found, expected):
        assert value.dtype == np.float32 and value.shape == () and value == np.float32(wanted), (found, expected)


def of_epochs(column):
    return [(int(row["epoch"]), float(row[column])) for row in history]


train = read("train")
assert sorted(train) == ["batch_loss", "epoch_learning_rate", "epoch_loss", "sequential/dense/bias/histogram",
                         "sequential/dense/kernel/histogram"], sorted(train)
expect(train["epoch_loss"], of_epochs("loss"))
expect(train["epoch_learning_rate"], [(0, 0.5), (1, 0.5), (2, 0.5)])
# Two batches in an epoch: the means after the second one are the epoch's.
expect(train["batch_loss"], [(2 * epoch + 2, loss) for epoch, loss in of_epochs("loss")])
validation = read("validation")
assert sorted(validation) == ["epoch_loss", "evaluation_loss_vs_iterations"], sorted(validation)
expect(validation["epoch_loss"], of_epochs("val_loss"))
expect(validation["evaluation_loss_vs_iterations"], [(2 * e + 2, loss) for e, loss in of_epochs("val_loss")])

# Message by message, what TensorBoard's own functions make of the same values.
(path,) = (logs / "train").iterdir()
last = {}
for event in event_file_loader.LegacyEventFileLoader(str(path)).Load():
    for value in event.summary.value:
        last[value.tag] = value
for tag, own in {
    "epoch_loss": scalar_pb("epoch_loss", float(history[-1]["loss"])),
    "sequential/dense/kernel/histogram": histogram_pb("sequential/dense/kernel/histogram", np.float32(weights[:2])),
    "sequential/dense/bias/histogram": histogram_pb("sequential/dense/bias/histogram", np.float32(weights[2:])),
}.items():
    (own,) = own.value
    assert last[tag].metadata.plugin_data == own.metadata.plugin_data, (last[tag], own)
    here, there = tensor_util.make_ndarray(last[tag].tensor), tensor_util.make_ndarray(own.tensor)
    assert here.dtype == there.dtype and here.shape == there.shape, (here, there)
    assert np.allclose(here, there, rtol=1e-12, atol=1e-12), (here, there)

# A run that was killed while it wrote: all but the last value can be read.
path.write_bytes(path.read_bytes()[:-5])
cut = read("train")
assert sum(map(len, cut.values())) == sum(map(len, train.values())) - 1
print(f"TensorBoard reads {sum(map(len, train.values())) + sum(map(len, validation.values()))} values")
