/** The classes of CIFAR-10 in the order of the data set, https://www.cs.toronto.edu/~kriz/cifar.html. */
export const CIFAR10_CLASSES = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;

/** A class of CIFAR-10. */
export type Cifar10Class = (typeof CIFAR10_CLASSES)[number];
