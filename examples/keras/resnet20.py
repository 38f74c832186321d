import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
keras.utils.set_random_seed(seed)


class ImageFiles(keras.utils.PyDataset):
    def __init__(self, folder, training):
        super().__init__()
        self.files = [(path, label) for label, name in enumerate(["brick", "grass", "gravel"])
                      for path in sorted(Path(folder, name).glob("*.png"))]
        self.random = np.random.default_rng(seed) if training else None
        self.on_epoch_end()

    def __len__(self):
        return -(-len(self.files) // 16)

    def __getitem__(self, batch):
        chosen = self.files[16 * batch:16 * batch + 16]
        return np.stack([self.read(path) for path, _ in chosen]), np.array([label for _, label in chosen])

    def read(self, path):
        image = keras.utils.img_to_array(keras.utils.load_img(path)) / 255
        if not self.random:
            return image
        row, column = self.random.integers(0, 9, 2)
        image = np.pad(image, ((4, 4), (4, 4), (0, 0)))[row:row + 32, column:column + 32]
        return image[:, ::-1] if self.random.random() < 0.5 else image

    def on_epoch_end(self):
        if self.random:
            self.random.shuffle(self.files)


def conv(x, filters, kernel=3, strides=1):
    x = layers.Conv2D(filters, kernel, strides, padding="same", use_bias=False, kernel_initializer="he_normal",
                      kernel_regularizer=keras.regularizers.L2(1e-4))(x)
    return layers.BatchNormalization(momentum=0.9)(x)


def block(x, filters, strides=1):
    y = conv(layers.ReLU()(conv(x, filters, strides=strides)), filters)
    return layers.ReLU()(layers.Add()([y, x if strides == 1 else conv(x, filters, 1, strides)]))


inputs = keras.Input((32, 32, 3))
x = layers.ReLU()(conv(inputs, 16))
for filters, strides in ((16, 1), (16, 1), (16, 1), (32, 2), (32, 1), (32, 1), (64, 2), (64, 1), (64, 1)):
    x = block(x, filters, strides)
model = keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(x)))

train, test = ImageFiles("data/textures/train", True), ImageFiles("data/textures/test", False)
rate = keras.optimizers.schedules.CosineDecay(initial_learning_rate=0.01, decay_steps=10 * len(train))
model.compile(optimizer=keras.optimizers.SGD(learning_rate=rate, momentum=0.9),
              loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, shuffle=False, epochs=10, verbose=0)
loss, accuracy = model.evaluate(test, verbose=0)
print(f"loss {loss:.4f} accuracy {accuracy:.4f}")
