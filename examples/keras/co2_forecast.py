import sys

import keras
import numpy as np

keras.utils.set_random_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 1)

co2 = np.genfromtxt("data/co2/monthly.csv", delimiter=",", skip_header=1, usecols=1, dtype="float32")
change = np.diff(co2)
window, test = 24, 120
x = np.lib.stride_tricks.sliding_window_view(change, window)[:-1, :, None]
y = change[window:, None]
x_train, x_test, y_train, y_test = x[:-test], x[-test:], y[:-test], y[-test:]

model = keras.Sequential([
    keras.Input((window, 1)),
    keras.layers.LSTM(8),
    keras.layers.Dense(1),
])
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.01), loss="mse",
              metrics=[keras.metrics.RootMeanSquaredError()])
model.fit(x_train, y_train, batch_size=16, epochs=40, verbose=0)

loss, rmse = model.evaluate(x_test, y_test, verbose=0)
naive = np.sqrt(np.mean(y_test**2))
print(f"rmse {rmse:.4f} naive {naive:.4f}")
