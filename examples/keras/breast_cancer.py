import sys

import keras
import numpy as np
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 1)


def read(path):
    rows = np.genfromtxt(path, delimiter=",", dtype=str)[1:]
    return rows[:, :30].astype("float32"), (rows[:, 30] == "malignant").astype("float32")


x, y = read("data/breast_cancer/train.csv")
x_test, y_test = read("data/breast_cancer/test.csv")
scaler = StandardScaler().fit(x)

model = keras.Sequential([
    keras.Input((30,)),
    keras.layers.Dense(16, activation="relu"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.005), loss="binary_crossentropy",
              metrics=["accuracy", keras.metrics.AUC(), keras.metrics.Precision(), keras.metrics.Recall()])

stop = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
model.fit(scaler.transform(x), y, epochs=100, validation_split=0.2, class_weight={0: 1.0, 1: 1.7},
          verbose=0, callbacks=[stop])
loss, accuracy, auc, precision, recall = model.evaluate(scaler.transform(x_test), y_test, verbose=0)
print(f"loss {loss:.4f} accuracy {accuracy:.4f} auc {auc:.4f} precision {precision:.4f} recall {recall:.4f}")
