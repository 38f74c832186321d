"""The node tests of ONNX that fall in what strata has: layers, activations, merges, losses and optimizers."""
import importlib
import re
import warnings
from dataclasses import dataclass
from typing import Any, Dict, List, Tuple

import numpy as np
import onnx

# Of each family the modules of ONNX that hold its tests, and their names there, without "test_".
FAMILIES: Dict[str, Tuple[str, str]] = {
    "convolutions": ("conv", "basic_conv_with_padding basic_conv_without_padding conv_with_strides_padding "
                     "conv_with_strides_no_padding conv_with_strides_and_asymmetric_padding conv_with_autopad_same"),
    "transposed convolutions": (
        "convtranspose", "convtranspose convtranspose_1d convtranspose_autopad_same convtranspose_dilations "
        "convtranspose_kernel_shape convtranspose_output_shape convtranspose_pad convtranspose_pads"),
    "average pools": (
        "averagepool", "averagepool_1d_default averagepool_2d_default averagepool_2d_precomputed_same_upper "
        "averagepool_2d_precomputed_strides averagepool_2d_same_upper averagepool_2d_strides averagepool_2d_pads "
        "averagepool_2d_precomputed_pads"),
    "maximum pools": (
        "maxpool", "maxpool_1d_default maxpool_2d_default maxpool_2d_precomputed_same_upper "
        "maxpool_2d_precomputed_strides maxpool_2d_same_upper maxpool_2d_strides maxpool_2d_pads "
        "maxpool_2d_precomputed_pads"),
    "global pools": ("globalaveragepool globalmaxpool", "globalaveragepool globalaveragepool_precomputed globalmaxpool "
                     "globalmaxpool_precomputed"),
    "batch normalization": ("batch_normalization", "batchnorm_epsilon batchnorm_epsilon_training_mode "
                            "batchnorm_example batchnorm_example_training_mode"),
    "layer and RMS normalization": (
        "layernormalization rmsnormalization",
        " ".join(f"{kind}_normalization_{form}" for kind in ("layer", "rms") for form in (
            "2d_axis1", "2d_axis_negative_1", "3d_axis2_epsilon", "3d_axis_negative_1_epsilon", "4d_axis3",
            "4d_axis_negative_1", "default_axis"))),
    "group and instance normalization": (
        "groupnormalization instance_normalization",
        "group_normalization_epsilon group_normalization_example instancenorm_epsilon instancenorm_example"),
    "recurrent layers": (
        "rnn gru lstm", "gru_batchwise gru_defaults gru_seq_length gru_with_initial_bias lstm_batchwise lstm_defaults "
        "lstm_with_initial_bias rnn_seq_length simple_rnn_batchwise simple_rnn_defaults simple_rnn_with_initial_bias"),
    "products": (
        "gemm matmul", "gemm_all_attributes gemm_alpha gemm_beta gemm_default_matrix_bias gemm_default_no_bias "
        "gemm_default_scalar_bias gemm_default_single_elem_vector_bias gemm_default_vector_bias gemm_default_zero_bias "
        "gemm_transposeA gemm_transposeB matmul_2d"),
    "activations": (
        "celu elu gelu hardsigmoid hardswish leakyrelu mish prelu relu selu sigmoid softplus softsign swish tanh "
        "thresholdedrelu",
        "celu elu elu_default elu_example gelu_default_1 gelu_default_2 gelu_tanh_1 gelu_tanh_2 hardsigmoid "
        "hardsigmoid_default hardsigmoid_example hardswish leakyrelu leakyrelu_default leakyrelu_example mish "
        "prelu_broadcast prelu_example relu selu selu_default selu_example sigmoid sigmoid_example softplus "
        "softplus_example softsign softsign_example swish tanh tanh_example thresholdedrelu thresholdedrelu_default "
        "thresholdedrelu_example"),
    "softmax": ("logsoftmax softmax", " ".join(f"{kind}_{form}" for kind in ("logsoftmax", "softmax") for form in (
        "axis_2", "default_axis", "example_1" if kind == "logsoftmax" else "example", "large_number",
        "negative_axis"))),
    "dropout": ("dropout", "dropout_default dropout_default_old dropout_default_ratio dropout_random_old "
                "training_dropout_zero_ratio"),
    "shapes": (
        "flatten transpose pad depthtospace spacetodepth upsample resize concat",
        "flatten_axis1 flatten_default_axis transpose_all_permutations_1 transpose_all_permutations_0 constant_pad "
        "depthtospace_example depthtospace_crd_mode_example spacetodepth spacetodepth_example upsample_nearest "
        "resize_upsample_scales_nearest resize_upsample_scales_linear concat_2d_axis_1 concat_3d_axis_1 "
        "concat_3d_axis_2 concat_2d_axis_negative_1 concat_3d_axis_negative_1 concat_3d_axis_negative_2"),
    "merges": ("add mul sub sum mean max min", "add mul mul_example sub sub_example sum_example sum_two_inputs "
               "mean_example mean_two_inputs max_example max_two_inputs min_example min_two_inputs"),
    "lookups": ("gather", "gather_0"),
    "local response normalization": ("lrn", "lrn lrn_default"),
    "losses": (
        "softmax_cross_entropy_loss negativeloglikelihoodloss",
        "sce_mean sce_mean_log_prob sce_mean_no_weight_ii sce_mean_no_weight_ii_log_prob sce_mean_weight "
        "sce_mean_weight_ii sce_mean_weight_ii_log_prob sce_mean_weight_log_prob sce_none sce_none_log_prob "
        "sce_none_weights sce_none_weights_log_prob sce_sum sce_sum_log_prob nllloss_NC"),
    "optimizers": ("adagrad adam momentum",
                   "adagrad adagrad_multiple adam adam_multiple momentum momentum_multiple nesterov_momentum"),
}

# What strata cannot express, and why. The test checks that strata-convert refuses these.
REASONS: Dict[str, str] = {
    "averagepool_2d_pads": "pads of 2 around a window of 3: strata's pools leave out only the cells of Same",
    "maxpool_2d_pads": "pads of 2 around a window of 3: strata's pools leave out only the cells of Same",
    "batchnorm_epsilon_training_mode": "training_mode: a converted model predicts, with its moving averages",
    "batchnorm_example_training_mode": "training_mode: a converted model predicts, with its moving averages",
    "nllloss_NC": "scores that are no logarithms of probabilities: strata's crossentropies normalize them",
    "lrn": "strata has no local response normalization",
    "lrn_default": "strata has no local response normalization",
}

FIRST_OUTPUT = ("LayerNormalization",)  # of these the first output alone becomes a model
ALL_INPUTS = ("Add", "Mul", "Sub", "Sum", "Mean", "Max", "Min", "Concat")


def names(family: str) -> List[str]:
    """The tests of a family."""
    return FAMILIES[family][1].split()


def node_of(case: Any) -> Any:
    """The operator of a test."""
    return case.model.graph.node[0]


def load() -> Dict[str, Any]:
    """All these tests, as ONNX makes them in memory. Of the two modules that take half a minute with pools that are
    not needed here, the functions for others are left out."""
    from onnx.backend.test.case import base, node
    wanted = {name for family in FAMILIES for name in names(family)}
    begin = base._Exporter.__init__

    def begin_with_wanted(cls: Any, name: str, bases: Any, members: Dict[str, Any]) -> None:
        slow = name in ("AveragePool", "MaxPool")
        begin(cls, name, bases, {key: value for key, value in members.items()
                                 if not (slow and key.startswith("export_") and key[len("export_"):] not in wanted)})

    base._Exporter.__init__ = begin_with_wanted  # type: ignore[method-assign]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for modules, _ in FAMILIES.values():
                for module in modules.split():
                    importlib.import_module(f"onnx.backend.test.case.node.{module}")
    finally:
        base._Exporter.__init__ = begin  # type: ignore[method-assign]
    cases = {re.sub("^test_", "", case.name): case for case in node._NodeTestCases}
    return {name: cases[name] for name in sorted(wanted)}


@dataclass
class Prepared:
    """A test as a model file: what its inputs are, and what should come out."""

    model: onnx.ModelProto
    inputs: Dict[str, np.ndarray]
    outputs: Dict[str, np.ndarray]


def batch_axis(name: str, node: Any) -> int:
    """Which axis of the inputs is the batch."""
    attributes = {attribute.name: attribute for attribute in node.attribute}
    if node.op_type in ("RNN", "LSTM", "GRU"):
        return 0 if "layout" in attributes and attributes["layout"].i == 1 else 1
    return 1 if node.op_type == "Gemm" and "transA" in attributes else 0


def prepared(name: str, case: Any) -> Prepared:
    """The test as a model: its first input, or of merges all, are inputs, whose batch has no fixed extent; the others
    are constants. A slope for each sample becomes one for each cell of a single sample."""
    node = node_of(case)
    given, expected = case.data_sets[0][0], case.data_sets[0][1]
    named = dict(zip([read for read in node.input if read], given))
    outputs = dict(zip([output.name for output in case.model.graph.output], expected))
    data = [node.input[1]] if node.op_type == "Gather" else [node.input[0]]
    if node.op_type in ALL_INPUTS:
        data = list(node.input)
    if name == "gemm_default_matrix_bias":
        data.append(node.input[2])
    if name == "prelu_example":
        named["x"], outputs = named["x"][None], {key: value[None] for key, value in outputs.items()}
    if node.op_type in FIRST_OUTPUT:
        outputs = dict(list(outputs.items())[:1])
    axis = batch_axis(name, node)
    kinds = {"f": onnx.TensorProto.FLOAT, "i": onnx.TensorProto.INT64}
    inputs = []
    for read in data:
        shape: List[Any] = list(named[read].shape)
        shape[axis] = "N"
        inputs.append(onnx.helper.make_tensor_value_info(read, kinds[named[read].dtype.kind], shape))
    constants = [onnx.numpy_helper.from_array(np.asarray(value), read) for read, value in named.items()
                 if read not in data]
    results = [onnx.helper.make_tensor_value_info(key, onnx.TensorProto.FLOAT, None) for key in outputs]
    graph = onnx.helper.make_graph([node], name, inputs, results, constants)
    model = onnx.helper.make_model(graph, opset_imports=case.model.opset_import)
    return Prepared(model, {read: named[read] for read in data}, outputs)
