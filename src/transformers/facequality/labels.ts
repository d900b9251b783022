/** Classes of `face_eye`, in the order of its two logits. */
export const EYE_CLASSES = ['closed', 'open'] as const;

/** Classes of `face_liveness`, in the order of its three logits. */
export const LIVENESS_CLASSES = ['live', 'spoof', 'unknown'] as const;

/** Classes of `face_detect`, in the order of its two scores, on which the model has applied the softmax itself. */
export const DETECT_CLASSES = ['background', 'face'] as const;
