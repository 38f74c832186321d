import sys

import keras
import numpy as np
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 1)

rows = np.genfromtxt("data/penguins/penguins.csv", delimiter=",", dtype=str)[1:]
kinds = [rows[:, column][:, None] == np.unique(rows[:, column]) for column in (0, 6)]  # species and sex, one-hot
x = np.hstack([rows[:, 2:5].astype("float32"), *kinds])
mass = rows[:, 5:6].astype("float32")
test = 83  # the last rows; the file is in an order that was drawn
inputs, outputs = StandardScaler().fit(x[:-test]), StandardScaler().fit(mass[:-test])

model = keras.Sequential([
    keras.Input((8,)),
    keras.layers.Dense(16, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01)),
    keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.01)),
])
rate = keras.optimizers.schedules.CosineDecay(initial_learning_rate=0.01, decay_steps=800)
model.compile(optimizer=keras.optimizers.Adam(learning_rate=rate), loss="mse")
model.fit(inputs.transform(x[:-test]), outputs.transform(mass[:-test]), epochs=100, verbose=0)

predicted = outputs.inverse_transform(model.predict(inputs.transform(x[-test:]), verbose=0))
rmse = np.sqrt(np.mean((predicted - mass[-test:]) ** 2))
print(f"rmse_in_grams {rmse:.1f}")
