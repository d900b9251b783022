"""The tensors of the two models, as the service documents them."""

# The detector's input: RGB / 255 of a picture letterboxed into its upper left corner; grey bars.
DETECTOR_SIZE = 320
DETECTOR_FILL = 114
DETECTOR_STRIDE = 8

# The reader's input: luma of a rectified plate, (x - 127.5) / 127.5.
READER_WIDTH = 144
READER_HEIGHT = 48

# Plates are taken with so much around them, as a share of their sides, since corners are never quite right.
PLATE_MARGIN = 0.04
