import sys
import tempfile

import keras
import numpy as np
from sklearn.preprocessing import StandardScaler

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1


class PowerCut(keras.callbacks.Callback):
    def __init__(self, steps_left):
        super().__init__()
        self.steps_left = steps_left

    def on_train_batch_end(self, batch, logs=None):
        self.steps_left -= 1
        if self.steps_left == 0:
            raise RuntimeError("the power is gone")


rows = np.genfromtxt("data/breast_cancer/train.csv", delimiter=",", dtype=str)[1:]
x = StandardScaler().fit_transform(rows[:, :30].astype("float32"))
y = (rows[:, 30] == "malignant").astype("float32")


def train(folder, steps_left):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([
        keras.Input((30,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    backup = [keras.callbacks.BackupAndRestore(folder, save_freq=5)] if folder else []
    model.fit(x, y, epochs=20, verbose=0, callbacks=backup + [PowerCut(steps_left)])
    return np.concatenate([w.ravel() for w in model.get_weights()])


folder = tempfile.mkdtemp()
whole = train(None, 0)
try:
    train(folder, 123)  # in the ninth epoch
except RuntimeError as error:
    print(error)
resumed = train(folder, 0)
print(f"largest difference {np.abs(whole - resumed).max():.1e}")
