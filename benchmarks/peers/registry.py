"""Who is compared. A new peer is one line here and a program that follows the protocol in protocol.py."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """`program` is a Python file of this folder, or a program that CMake builds, by its place in the build folder's
    benchmarks/ (then `packages` are Debian's, to be installed).
    `networks` are those that it offers, all of them where there are none.
    `requirements` are the lines of requirements.txt without which the peer is skipped."""

    name: str
    title: str
    program: str
    variant: str = ""
    modes: tuple = ("train", "predict", "one")
    networks: tuple = ()
    requirements: tuple = ()
    packages: tuple = ()

    @property
    def id(self):
        return f"{self.name}:{self.variant}" if self.variant else self.name

    def offers(self, network, mode):
        return mode in self.modes and (not self.networks or network in self.networks)

    @property
    def target(self):
        return self.program.split("/")[-1]

    @property
    def is_python(self):
        return self.program.endswith(".py")


PLAIN = ("lenet5", "mlp", "vgg")  # of convolutions, pools and dense layers, one after the other

STRATA = Peer("strata", "strata", "networks_bench")

PEERS = (
    STRATA,
    Peer("pytorch", "PyTorch, eager", "torch_peer.py", "eager", requirements=("torch",)),
    Peer("pytorch", "PyTorch, channels-last", "torch_peer.py", "channels-last", requirements=("torch",)),
    Peer("pytorch", "PyTorch, compiled", "torch_peer.py", "compiled", requirements=("torch",)),
    Peer("keras", "Keras on TensorFlow", "keras_peer.py", requirements=("keras", "tensorflow-cpu")),
    Peer("jax", "JAX", "jax_peer.py", requirements=("jax",)),
    Peer("onnxruntime", "ONNX Runtime", "onnxruntime_peer.py", modes=("predict", "one"),
         requirements=("onnx", "onnxruntime")),
    Peer("openvino", "OpenVINO", "openvino_peer.py", modes=("predict", "one"), requirements=("onnx", "openvino")),
    Peer("dlib", "dlib", "peers/dlib_peer", networks=PLAIN, packages=("libdlib-dev", "libopenblas-dev")),
    Peer("onednn", "oneDNN", "peers/onednn_peer", networks=PLAIN, packages=("libdnnl-dev",)),
)


def chosen(names):
    """The peers of these names or ids ("pytorch", "pytorch:compiled"), strata first; all of them for no names."""
    unknown = set(names) - {peer.name for peer in PEERS} - {peer.id for peer in PEERS}
    if unknown:
        raise ValueError(f"no such peer: {', '.join(sorted(unknown))}; there are {' '.join(p.id for p in PEERS)}")
    return [peer for peer in PEERS if not names or peer is STRATA or {peer.name, peer.id} & set(names)]
