"""OpenVINO: predictions only, in float32; the hint THROUGHPUT for many samples, LATENCY for one."""
import numpy as np
import openvino as ov

from onnx_graph import channels_first_images, onnx_model
from protocol import main


class Model:
    def __init__(self, case):
        core = ov.Core()
        self.case = case
        self.settings = {"INFERENCE_NUM_THREADS": case.threads, "INFERENCE_PRECISION_HINT": "f32",
                         "PERFORMANCE_HINT": "LATENCY" if case.mode == "one" else "THROUGHPUT"}
        compiled = {}

        def compiled_for(samples):
            if samples not in compiled:
                model = core.read_model(onnx_model(case.network, case.parameters, samples))
                compiled[samples] = core.compile_model(model, "CPU", self.settings)
            return compiled[samples]

        if case.mode == "one":
            rows, columns, channels = case.network.input
            self.input = np.empty((1, channels, rows, columns), np.float32)
            self.request = compiled_for(1).create_infer_request()
            self.request.set_input_tensor(ov.Tensor(self.input, shared_memory=True))
            return
        images = channels_first_images(case.data.images)
        self.images, self.result = images, np.empty((len(images), 10), np.float32)
        self.batches = []
        for start in range(0, len(images), case.batch):
            request = compiled_for(len(images[start:start + case.batch])).create_infer_request()
            request.set_input_tensor(ov.Tensor(images[start:start + case.batch], shared_memory=True))
            request.set_output_tensor(ov.Tensor(self.result[start:start + case.batch], shared_memory=True))
            self.batches.append(request)

    def predict(self):
        for request in self.batches:
            request.start_async()
        for request in self.batches:
            request.wait()
        return self.result

    def one(self, image):
        self.input[0] = image[0].transpose(2, 0, 1)
        self.request.infer()
        return self.request.get_output_tensor().data


if __name__ == "__main__":
    main("openvino", ov.__version__.split("-")[0], Model)
