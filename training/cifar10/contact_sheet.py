#!/usr/bin/env python3
"""Draws a sheet of drawings to look at, a row for each class.

npm run train -- cifar10/contact_sheet sheet.png --held-out --reduced
"""

from __future__ import annotations

import argparse

from PIL import Image

from drawings.scene import CLASSES, draw


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--reduced", action="store_true", help="as the network sees them: 32 x 32, enlarged again")
    parser.add_argument("--columns", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    cell = 96
    sheet = Image.new("RGB", (args.columns * cell, len(CLASSES) * cell))
    for number in range(args.columns * len(CLASSES)):
        picture = draw(args.seed, number, held_out=args.held_out).picture
        if args.reduced:
            picture = picture.resize((32, 32), Image.Resampling.BILINEAR)
        column, row = divmod(number, len(CLASSES))
        sheet.paste(picture.resize((cell, cell), Image.Resampling.BICUBIC), (column * cell, row * cell))
    sheet.save(args.file)


if __name__ == "__main__":
    main()
