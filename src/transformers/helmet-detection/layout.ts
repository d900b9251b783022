/** How a detector's output lies: `[B, places, 5 + classes]`, or `[B, 4 + classes, places]`. */
export type Layout = 'yolov5' | 'yolov8';
