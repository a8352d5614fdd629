"""The text to write for words of other tools that name no op here; what they call an op stands in its file."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from costcalc.errors import Hint
from costcalc.text.suggest import alike, bare, question, same

_PARTS = "write a slice for each part, as in 'slice: {axis: channels, start: 0, end: 2}'"
_RESHAPED = "write reshape with all sizes but one, as in 'reshape: {shape: [-1, 4]}'"
_PRODUCT = "write 'matmul', with 'reshape' and 'transpose' before it where the axes differ"
_PICKED = "no op picks elements by values: 'slice' takes a fixed part, 'embedding' a row of a table for every token"
_SORTED = "no op sorts or searches: leave it out, as it has neither params nor multiply-adds"
_EACH = "no op computes it; an op that has an output of the same shape and no params either is 'tanh'"
_NORMED = "it changes how weights are stored in training: leave it out"
_SAMPLED = "no op samples between pixels at computed places"
_NO_CODE = "a spec holds no code: write the ops that it computes"
_IMAGES = "no op cuts an image into patches: for patches side by side write a 'conv' whose stride is its kernel"

NO_LAYER = ("false", "none", "null", "no", "off", "linear", "identity", "0", "~", "")
"""Values with which other tools say that no activation or norm follows; `linear` is Keras' word for it."""

# Advice -> words, written as `bare` gives them. Layers in quotes can be written as they stand.
_ADVICE = {
    "write 'linear: {out: 8}'": "affine denselayer",
    "write 'conv: {out: 8, kernel: 3}'": "convnd dilatedconv atrousconv convlayer",
    "write 'batch_norm'": "syncbatchnorm syncbn frozenbatchnorm",
    "write 'normalize'": "l2norm l2normalize l2normalization",
    "write 'leaky_relu'": "lrelu rrelu",
    "write 'add: {body: [relu], shortcut: []}', with what is added in the branches": (
        "residual elementwiseadd addition shortcut"
    ),
    "write 'pad: {padding: 1}'": "zeropad zeropadding constantpad reflectionpad replicationpad circularpad",
    "write 'transpose: {order: [1, 0, 2]}'": "swapaxes moveaxis movedim",
    "write 'embedding: {count: 1000, out: 64}', and 'mean: {axis: 0}' after it": "embeddingbag",
    "write 'lstm: {out: 8}'": "lstmcell",
    "write 'gru: {out: 8}'": "grucell",
    "write 'add' or 'concat' with a branch that holds 'parameter: {shape: [1, 8]}'": "variable clstoken classtoken",
    "write 'scaled_dot_product_attention' with its inputs query, key and value": "dotproductattention",
    _PARTS: "stridedslice split chunk unbind tensorsplit splitv hsplit vsplit splitwithsizes",
    "write 'slice: {axis: channels, start: 0, end: 1}' and a 'reshape' without that axis": "select getitem index",
    "write 'concat', after a 'reshape' of each part to one axis more": "stack pack",
    "write a slice and a reshape for each part, as in 'slice: {axis: channels, start: 0, end: 1}'": "unstack unpack",
    _RESHAPED: "squeeze unsqueeze expanddims viewas reshapeas unflatten",
    "write 'reshape' and 'transpose'": "rearrange einopsrearrange",
    _PRODUCT: "einsum tensordot outer kron addmm baddbmm bilinear mv",
    "'add' and 'mul' stretch axes of size 1 by themselves: leave it out": "expand expandas broadcastto broadcast",
    "write 'upsample: {scale: 2}' for an image, or 'concat' of the tensor with itself": (
        "tile repeatinterleave repeatvector"
    ),
    "write 'leaky_relu: {slope: -1}', which is |x|": "abs absolute",
    "write 'rescale: {factor: -1}'": "neg negative negate",
    "write 'rescale: {factor: 0.5}' for a number; for two tensors 'mul' has the same shape": (
        "div divide truediv scalarmul"
    ),
    "write 'mul' with 'from: [NAME, NAME]'": "square pow power",
    _EACH: (
        "sqrt rsqrt reciprocal log log1p log2 sin cos tan atan erf erfc sign softsign round floor ceil mod fmod "
        "logsigmoid hardshrink softshrink tanhshrink threshold sinh cosh sinusoid expm1 snake"
    ),
    "no op computes it: 'elu' has the same shape and one multiplication less": "selu celu",
    "write 'mul: {body: [], gate: [softplus, tanh]}', which is x * tanh(softplus(x))": "mish",
    "write 'mul: {body: [], gate: [{rescale: {factor: 1.702}}, sigmoid]}'": "quickgelu",
    "write 'mul: {body: [{slice: {axis: 0, end: 2}}], gate: [{slice: {axis: 0, start: 2}}, sigmoid]}'": "glu",
    "no op computes it: 'softmax' has the same shape and one logarithm less": "logsoftmax softmin gumbelsoftmax",
    "write 'conv' or 'linear' with twice the channels, two 'slice' and 'mul'": "maxout",
    "no op computes it: 'add' has the same shape and as many operations": "maximum minimum max min",
    "to add tensors write 'add'; for a sum along an axis 'mean: {axis: channels}', with one division more": ("sum"),
    "write 'mean: {axis: channels}', which has one division more": "reducesum sumpool cumsum cumprod prod",
    "write 'max_pool' or 'global_max_pool' for an image": "reducemax reducemin amax amin",
    "write 'mean: {axis: channels}'; a variance takes it twice": "var std variance moments reducestd reducel2",
    _PICKED: (
        "gather gathernd indexselect take scatter scatteradd scatternd where masks maskedselect onehot "
        "indexadd nonzero embeddinglookup tokenmerge"
    ),
    "masks belong to 'scaled_dot_product_attention': write 'causal: true' there": (
        "maskedfill tril triu masking mask attentionmask causalmask"
    ),
    _SORTED: (
        "argmax argmin topk sort argsort nms nonmaxsuppression unique searchsorted detectionoutput priorbox "
        "proposal yolo detect region anchors multinomial"
    ),
    f"{_SAMPLED}: 'adaptive_avg_pool: {{out: 7}}' gives the shape of one region": (
        "roialign roipool psroipool roipooling"
    ),
    f"{_SAMPLED}: 'upsample: {{scale: 2}}' is nearest in shape": "gridsample affinegrid warp spatialtransformer",
    f"{_SAMPLED}: write a 'conv' with the same 'out' and 'kernel', beside the one that makes the offsets": (
        "deformconv deformableconv deformconvv2 modulateddeformconv dcn dcnv2 dcnv3"
    ),
    _IMAGES: "unfold im2col extractpatches extractimagepatches patchify patches patchembed patchembedding",
    "no op puts patches together: write 'reshape' and 'transpose'": "fold col2im unpatchify batchtospace",
    "write 'reshape', 'transpose' and 'reshape'": "pixelunshuffle spacetodepth reorg focus spacetobatch patchmerging",
    "no op: 'gru' has the same shapes and 3 times the params and MACs, 'lstm' 4 times": (
        "rnn simplernn vanillarnn rnncell elman simplernncell"
    ),
    "no op is recurrent over images: write its convolutions, for one step": "convlstm convlstmcell convgru",
    "write 'lstm: {out: 8, bidirectional: true}' or 'gru'": "bidirectional birnn",
    "leave it out: ops on [steps, features] work on every step": "timedistributed",
    "write 'conv' with groups equal to the channels that come in": (
        "depthwiseconv dwconv depthwise depthwiseconvolution convdepthwise groupconv groupedconv conv2dgroup"
    ),
    "write two layers: 'conv' with groups equal to the channels that come in, and 'conv' with kernel: 1": (
        "separableconv depthwiseseparableconv sepconv depthwiseseparable"
    ),
    "write 'conv: {out: 8, kernel: 1}'": "pointwiseconv pointwise conv1x1 pwconv networkinnetwork nin",
    "write 'conv: {out: 8, kernel: 3, padding: 1}'": "conv3x3",
    "write 'pad' before 'conv'": "causalconv",
    "write '- layers: [...]' to group layers": (
        "sequential modulelist container module moduledict nnsequential stage block"
    ),
    "write 'layers: [...]' with 'repeat: 3' beside it": "loop for foreach while scan",
    "write 'when:' beside a layer": "cond ifelse switch case",
    _NORMED: "weightnorm spectralnorm weightnormalization weightstandardization",
    "write 'batch_norm' or 'layer_norm'": "normalization norm standardize",
    "write 'group_norm: {groups: 1}'": "layernorm2dchannels globallayernorm",
    "write 'mul' with a branch that holds a 'parameter'": "scale layerscale gamma affinescale channelscale",
    "write 'add' with a branch that holds a 'parameter'; conv and linear have a bias themselves": (
        "biasadd bias positionembedding positionalembedding positionalencoding posembed posencoding "
        "positionencoding learnedposition"
    ),
    "write 'relu', or the op of another function": "activation act nonlin nonlinearity actfn",
    "write 'max_pool: {kernel: 2}' or 'avg_pool: {kernel: 2}'": "pool pooling subsampling downsample downsampling",
    "write 'avg_pool: {kernel: 2}', which adds and divides as much": (
        "lppool l2pool stochasticpool fractionalmaxpool blurpool"
    ),
    "write 'global_avg_pool' or 'global_max_pool'": "globalpool globalpooling globallppool",
    "no op: 'upsample: {scale: 2}' has the same shape and no params either": "maxunpool unpool unpooling",
    "write 'concat' of branches with 'adaptive_max_pool' and 'flatten'": "spatialpyramidpool spatialpyramidpooling",
    "no op: it moves elements and computes nothing, so leave it out": (
        "flip reverse reversesequence rot90 fliplr flipud"
    ),
    "it works in training only: leave it out": (
        "gaussiannoise randomflip randomcrop noise activityregularization augment"
    ),
    "a loss belongs to training: leave it out": (
        "crossentropy crossentropyloss softmaxloss softmaxwithloss mseloss loss bceloss nllloss l1loss criterion "
        "accuracy"
    ),
    "the input stands at the top of the file: 'input: [3, 224, 224]'": (
        "inputlayer placeholder data imagedata input inputs dataset"
    ),
    "the output is the last layer, or what 'output:' at the top of the file names": "output outputs return outputlayer",
    _NO_CODE: "lambda function custom call code python functional pyfunc forward",
    "leave it out, and state 'dtype: int8' for what is quantized": (
        "quantstub dequantstub quantize dequantize fakequant quantizelinear dequantizelinear quantconv qlinearconv"
    ),
    "leave it out: it computes nothing": (
        "contiguous cast detach clone stopgradient "
        "to cuda cpu float half requiresgrad checkpoint print assert shape size rank constantofshape constant "
        "fill zeros ones zeroslike oneslike arange range"
    ),
    "no op transforms to frequencies: a 'linear' over the axis is the plain matrix product": (
        "fft rfft irfft ifft dct stft"
    ),
    "no op: write its blocks as layers": (
        "transformer encoder decoder transformerencoder transformerdecoder resnet unet vgg backbone neck head bert gpt"
    ),
}


@cache
def _advised() -> dict[str, str]:
    return {word: advice for advice, words in _ADVICE.items() for word in words.split()}


def advice(word: str) -> str:
    """The text to write for a word of another tool that names no op here; empty where it is unknown.

    >>> advice("nn.Split")
    "write a slice for each part, as in 'slice: {axis: channels, start: 0, end: 2}'"
    """
    return _advised().get(bare(_own(word)), "")


def op_called(word: str, ops: Iterable[str]) -> str | None:
    """The op that a word is in another style, or that other tools call so.

    >>> op_called("torch.nn.Conv2d", ["conv"]), op_called("Dense", ["linear"])
    ('conv', 'linear')
    """
    return same(_own(word), ops)


def _own(word: str) -> str:
    """The name without the module it comes from: `Conv2d` of `torch.nn.Conv2d`."""
    return word[:100].rpartition(".")[2]


def did_you_mean(word: str, ops: Iterable[str], others: Iterable[str] = ()) -> str:
    """The advice for a word that is none of these ops, nor of the other names that may stand there."""
    ops, others = list(ops), list(others)
    meant = op_called(word, ops) or same(word, others)
    if meant is None:
        meant = None if advice(word) else alike(word, [*ops, *others])
    return question(meant) if meant is not None else Hint(advice(word))
