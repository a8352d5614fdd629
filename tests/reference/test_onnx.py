"""Values against other people's tensors: the node tests of ONNX 1.22.0 and its set converted from PyTorch.

Every case either passes or is listed with the reason why no op of the catalogue does the same. Not looked at are the
440 `_expanded` twins (the same numbers again) and operators that no op stands for; and one case is left out for its
size (`onnx_data/rebuild.py`).
"""

from __future__ import annotations

import pytest

from costcalc.ops import catalogue
from costcalc.reference.tensor import Tensor
from tests.reference import onnx_nodes
from tests.reference.onnx_cases import cases
from tests.reference.onnx_nodes import Unsupported, run_model

RELATIVE, ABSOLUTE = 1e-3, 1e-7  # what ONNX allows its own backends

NOT_SUPPORTED = {
    "attention does not cap its scores": """
        node/test_attention_3d_diff_heads_sizes_softcap node/test_attention_3d_gqa_softcap
        node/test_attention_3d_softcap node/test_attention_3d_with_past_and_present_qk_matmul_softcap
        node/test_attention_4d_diff_heads_sizes_softcap node/test_attention_4d_gqa_softcap
        node/test_attention_4d_softcap node/test_attention_4d_softcap_neginf_mask
        node/test_attention_4d_softcap_neginf_mask_poison node/test_attention_4d_with_qk_matmul_softcap
    """,
    "avg_pool has no dilation, as in PyTorch": """
        node/test_averagepool_2d_dilations
        node/test_averagepool_3d_dilations_large_count_include_pad_is_0_ceil_mode_is_False
        node/test_averagepool_3d_dilations_large_count_include_pad_is_0_ceil_mode_is_True
        node/test_averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is_False
        node/test_averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is_True
        node/test_averagepool_3d_dilations_small
    """,
    "the catalogue refuses it: padding 2 is more than half of the kernel 3": """
        node/test_averagepool_2d_pads node/test_averagepool_2d_pads_count_include_pad node/test_maxpool_2d_pads
    """,
    "batch_norm normalises with stored statistics; this is training": """
        node/test_batchnorm_epsilon_training_mode node/test_batchnorm_example_training_mode
    """,
    "the catalogue refuses it: min 2 is above max 1": """
        node/test_clip_min_greater_than_max
    """,
    "pixel_shuffle takes the channels in PyTorch's order (CRD)": """
        node/test_depthtospace_example
    """,
    "pad has one value, no mode": """
        node/test_edge_pad node/test_reflect_pad node/test_wrap_pad pytorch-converted/test_ReflectionPad2d
        pytorch-converted/test_ReplicationPad2d
    """,
    "embedding takes rows along the first axis of a table": """
        node/test_gather_1 node/test_gather_2d_indices
    """,
    "the tokens of an embedding are whole numbers from 0": """
        node/test_gather_negative_indices
    """,
    "linear has no factors alpha and beta": """
        node/test_gemm_all_attributes node/test_gemm_alpha node/test_gemm_beta
    """,
    "the bias of linear is one number an output feature, not a matrix": """
        node/test_gemm_default_matrix_bias
    """,
    "gru resets after the product, as PyTorch does, not before": """
        node/test_gru_seq_length
    """,
    "hardsigmoid is PyTorch's: alpha = 1/6 and beta = 1/2": """
        node/test_hardsigmoid node/test_hardsigmoid_default node/test_hardsigmoid_example
    """,
    "the input is not a tensor": """
        node/test_identity_opt node/test_identity_sequence
    """,
    "normalize divides by the length, the root of the sum of squares": """
        node/test_l1normalization_axis_0 node/test_l1normalization_axis_1 node/test_l1normalization_axis_last
    """,
    "recurrent layers have no peepholes, and start from 0": """
        node/test_lstm_with_peepholes
    """,
    "the weight of prelu is one number, or one a channel, not one an element": """
        node/test_prelu_example
    """,
    "an empty tensor": """
        node/test_reshape_allowzero_reordered
    """,
    "upsample has no mode cubic": """
        node/test_resize_downsample_scales_cubic node/test_resize_downsample_scales_cubic_A_n0p5_exclude_outside
        node/test_resize_downsample_scales_cubic_align_corners
        node/test_resize_downsample_scales_cubic_antialias node/test_resize_downsample_sizes_cubic
        node/test_resize_downsample_sizes_cubic_antialias node/test_resize_upsample_scales_cubic
        node/test_resize_upsample_scales_cubic_A_n0p5_exclude_outside
        node/test_resize_upsample_scales_cubic_align_corners node/test_resize_upsample_scales_cubic_asymmetric
        node/test_resize_upsample_sizes_cubic
    """,
    "align_corners takes the size of the output as it is; ONNX takes scale * size, a fraction": """
        node/test_resize_downsample_scales_linear_align_corners
    """,
    "upsample has no anti-aliasing": """
        node/test_resize_downsample_scales_linear_antialias node/test_resize_downsample_sizes_linear_antialias
    """,
    "bilinear places elements by half_pixel or align_corners, not half_pixel_symmetric": """
        node/test_resize_downsample_scales_linear_half_pixel_symmetric
        node/test_resize_upsample_scales_linear_half_pixel_symmetric
    """,
    "nearest takes PyTorch's elements (asymmetric, floor), not half_pixel, round_prefer_floor": """
        node/test_resize_downsample_scales_nearest node/test_resize_downsample_sizes_nearest
        node/test_resize_upsample_sizes_nearest node/test_resize_upsample_sizes_nearest_axes_2_3
        node/test_resize_upsample_sizes_nearest_axes_3_2
    """,
    "bilinear places elements by half_pixel or align_corners, not pytorch_half_pixel": """
        node/test_resize_downsample_sizes_linear_pytorch_half_pixel
    """,
    "upsample keeps no aspect ratio: every axis has its own size": """
        node/test_resize_downsample_sizes_nearest_not_larger
        node/test_resize_downsample_sizes_nearest_not_smaller node/test_resize_upsample_sizes_nearest_not_larger
        node/test_resize_upsample_sizes_nearest_not_smaller
    """,
    "bilinear places elements by half_pixel or align_corners, not tf_crop_and_resize": """
        node/test_resize_tf_crop_and_resize node/test_resize_tf_crop_and_resize_axes_2_3
        node/test_resize_tf_crop_and_resize_axes_3_2 node/test_resize_tf_crop_and_resize_extrapolation_value
    """,
    "nearest takes PyTorch's elements (asymmetric, floor), not half_pixel, ceil": """
        node/test_resize_upsample_sizes_nearest_ceil_half_pixel
    """,
    "nearest takes PyTorch's elements (asymmetric, floor), not align_corners, floor": """
        node/test_resize_upsample_sizes_nearest_floor_align_corners
    """,
    "nearest takes PyTorch's elements (asymmetric, floor), not asymmetric, round_prefer_ceil": """
        node/test_resize_upsample_sizes_nearest_round_prefer_ceil_asymmetric
    """,
    "rotary_embedding makes its angles from theta; these cases bring tables of their own": """
        node/test_rotary_embedding node/test_rotary_embedding_3d_input node/test_rotary_embedding_interleaved
        node/test_rotary_embedding_no_position_ids node/test_rotary_embedding_no_position_ids_interleaved
        node/test_rotary_embedding_no_position_ids_rotary_dim
        node/test_rotary_embedding_with_interleaved_rotary_dim node/test_rotary_embedding_with_rotary_dim
    """,
    "the catalogue refuses it: end 1000 is outside axis 1 of [20, 10, 5]": """
        node/test_slice_end_out_of_bounds
    """,
    "slice walks forwards only": """
        node/test_slice_neg_steps
    """,
    "the catalogue refuses it: start 1000 is outside axis 1 of [20, 10, 5]": """
        node/test_slice_start_out_of_bounds
    """,
    "dropout hands its input on, as at inference; this is training": """
        node/test_training_dropout node/test_training_dropout_default node/test_training_dropout_default_mask
        node/test_training_dropout_mask node/test_training_dropout_zero_ratio
        node/test_training_dropout_zero_ratio_mask
    """,
    "the catalogue has no op for LogSoftmax": """
        pytorch-converted/test_LogSoftmax pytorch-converted/test_log_softmax_dim3
        pytorch-converted/test_log_softmax_lastdim
    """,
    "the catalogue has no op for Selu": """
        pytorch-converted/test_SELU
    """,
    "the catalogue has no op for Abs": """
        pytorch-converted/test_Softsign
    """,
}
LISTED = {case: reason for reason, names in NOT_SUPPORTED.items() for case in names.split()}
NO_CASE = {
    "hardsigmoid": "all three cases have other factors than PyTorch",
    "rotary_embedding": "all eight cases bring tables of angles",
}


def outputs_agree(name: str) -> None:
    """Run the model of a case on its inputs; all of its outputs that a kernel gives must be as stored."""
    case = cases()[name]
    model = case.read()
    for inputs, expected in case.sets():
        given = [None if array is None else Tensor(array.shape, array.numbers) for array in inputs]
        found = run_model(model, given)
        assert found[0] is not None
        for result, array in zip(found, expected, strict=True):
            if result is None:  # a second output, such as the mask of a dropout
                continue
            assert array is not None
            assert result.shape == array.shape
            assert result.numbers == pytest.approx(array.numbers, rel=RELATIVE, abs=ABSOLUTE)


@pytest.mark.parametrize("name", [name for name in cases() if name not in LISTED])
def test_values_are_those_of_the_case(name: str) -> None:
    outputs_agree(name)


@pytest.mark.parametrize("name", LISTED)
def test_listed_cases_are_not_supported_for_the_reason_given(name: str) -> None:
    with pytest.raises(Unsupported) as caught:
        outputs_agree(name)
    assert str(caught.value) == LISTED[name]


def test_every_case_passes_or_is_listed() -> None:
    """In the wheel of onnx 1.22.0: 415 node tests of our operators, and 82 converted cases, one of them too large."""
    suites = [name.partition("/")[0] for name in cases()]
    assert (suites.count("node"), suites.count("pytorch-converted")) == (415, 81)
    assert sum(len(names.split()) for names in NOT_SUPPORTED.values()) == len(LISTED)
    assert LISTED.keys() <= cases().keys()
    assert len(cases()) - len(LISTED) == 394


def test_every_op_that_a_node_is_has_a_case_that_passes_or_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    run = onnx_nodes.run

    def watched(op: str, *args: object, **named: object) -> Tensor:
        result = run(op, *args, **named)  # type: ignore[arg-type]
        seen.add(op)
        return result

    monkeypatch.setattr(onnx_nodes, "run", watched)
    for name in cases().keys() - LISTED.keys():
        outputs_agree(name)
    nodes = {op.name: op.also.get("onnx", "").split() for op in catalogue().values()}
    unseen = {op for op, names in nodes.items() if op not in seen and any(name in onnx_nodes.NODES for name in names)}
    assert unseen == NO_CASE.keys()
