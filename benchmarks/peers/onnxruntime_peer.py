"""ONNX Runtime: predictions only, with its inputs and outputs bound to buffers of our own."""
import numpy as np
import onnxruntime as ort

from onnx_graph import channels_first_images, onnx_model
from protocol import main


class Model:
    def __init__(self, case):
        options = ort.SessionOptions()
        options.intra_op_num_threads = case.threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        samples = 1 if case.mode == "one" else "samples"
        self.session = ort.InferenceSession(onnx_model(case.network, case.parameters, samples), options,
                                            providers=["CPUExecutionProvider"])
        if case.mode == "one":
            rows, columns, channels = case.network.input
            self.input = np.empty((1, channels, rows, columns), np.float32)
            self.output = np.empty((1, 10), np.float32)
            self.binding = self.bind(self.input, self.output)
        else:
            images = channels_first_images(case.data.images)
            self.result = np.empty((len(images), 10), np.float32)
            ends = range(0, len(images), case.batch)
            self.bindings = [self.bind(images[i:i + case.batch], self.result[i:i + case.batch]) for i in ends]
            self.images = images

    def bind(self, images, probabilities):
        binding = self.session.io_binding()
        binding.bind_input("images", "cpu", 0, np.float32, images.shape, images.ctypes.data)
        binding.bind_output("probabilities", "cpu", 0, np.float32, probabilities.shape, probabilities.ctypes.data)
        return binding

    def predict(self):
        for binding in self.bindings:
            self.session.run_with_iobinding(binding)
        return self.result

    def one(self, image):
        self.input[0] = image[0].transpose(2, 0, 1)
        self.session.run_with_iobinding(self.binding)
        return self.output


if __name__ == "__main__":
    main("onnxruntime", ort.__version__, Model)
