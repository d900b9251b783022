/**
 * How much each component of a ResponseItem counts in its unified score, the weighted geometric mean of the components.
 * A component that is not named here is reported, but does not count.
 */
export const COMPONENT_WEIGHTS = {
  embedding_strength: 3,
  sharpness: 3,
  compression_artifacts: 1,
  illumination_uniformity: 1,
  luminance_mean: 1,
  under_exposure: 1,
  over_exposure: 0.5,
  dynamic_range: 1,
  head_pose_yaw: 2,
  head_pose_pitch: 1,
  head_pose_roll: 2,
  eyes_open: 1,
  occlusion: 2.5,
  inter_eye_distance: 2,
  margins: 1,
  single_face: 1,
} as const satisfies Readonly<Record<string, number>>;
