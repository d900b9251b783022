import type { MeasuredFace } from '../face.js';
import { decimals } from '../../decimals.js';
import type { Geometry } from './geometry.js';

/** What the components are made from. */
export interface FaceMeasures {
  readonly face: Pick<MeasuredFace, 'embeddingStrength' | 'pixels' | 'pose' | 'eyesOpen'>;
  readonly geometry: Geometry;
}

/**
 * Each component's mapping from what was measured to 0..100 (clamped afterwards), higher is better.
 *
 * The mappings are those of ISO/IEC 29794-5 as published in the parameters of its open reference implementation
 * (OFIQ, https://github.com/BSI-OFIQ/OFIQ-Project, commit a16a990). Where OFIQ needs a model that is not here, the
 * measure is our own, marked (own), and its two constants were set on real photos.
 */
const MAPPINGS = {
  // (own) Stands for OFIQ's unified quality score, the length of a MagFace embedding.
  embedding_strength: ({ face }) => 100 * logistic(face.embeddingStrength, 2.9, 0.25),
  // (own) The offset keeps the logarithm finite where there is no detail at all.
  sharpness: ({ face }) => 100 * logistic(Math.log(face.pixels.detail + 1e-6), Math.log(0.06), 0.3),
  // (own)
  compression_artifacts: ({ face }) => 100 * (1 - logistic(face.pixels.blockiness, 1.8, 0.15)),
  illumination_uniformity: ({ face }) => 100 * face.pixels.illuminationUniformity ** 0.3,
  luminance_mean: ({ face }) =>
    100 * logistic(face.pixels.luminanceMean, 0.2, 0.05) * (1 - logistic(face.pixels.luminanceMean, 0.8, 0.05)),
  luminance_variance: ({ face }) => {
    const spread = 60 * face.pixels.luminanceVariance;
    return 100 * Math.sin((spread / (spread + 1)) * Math.PI);
  },
  under_exposure: ({ face }) => 120 * (0.832 - logistic(face.pixels.darkShare, 0.92, 0.05)),
  over_exposure: ({ face }) => 1 / (face.pixels.brightShare + 0.01),
  dynamic_range: ({ face }) => 12.5 * face.pixels.entropyBits,
  head_pose_yaw: ({ face }) => towardsCamera(face.pose.yaw),
  head_pose_pitch: ({ face }) => towardsCamera(face.pose.pitch),
  head_pose_roll: ({ face }) => towardsCamera(face.pose.roll),
  // The first half is (own): OFIQ has the opening alone.
  eyes_open: ({ face, geometry }) => 100 * Math.min(...face.eyesOpen, logistic(geometry.eyeOpening, 0.02, 0.01)),
  mouth_closed: ({ geometry }) => 100 * (1 - logistic(geometry.mouthOpening, 0.2, 0.06)),
  // (own)
  occlusion: ({ face }) => 100 * (1 - logistic(face.pixels.foreignShare, 0.25, 0.05)),
  inter_eye_distance: ({ geometry }) => 100 * logistic(geometry.interEyeDistance, 70, 20),
  head_size: ({ geometry }) => 200 * (1 - logistic(Math.abs(geometry.headSize - 0.45), 0, 0.05)),
  margin_left: marginLeft,
  margin_right: marginRight,
  margin_above: marginAbove,
  margin_below: marginBelow,
  // (own) The narrowest of the four.
  margins: (measures) =>
    Math.min(marginLeft(measures), marginRight(measures), marginAbove(measures), marginBelow(measures)),
  single_face: ({ geometry }) => 100 * (1 - geometry.rivalShare),
} as const satisfies Record<string, (measures: FaceMeasures) => number>;

/** The name of a component. */
type ComponentName = keyof typeof MAPPINGS;

/** A value 0..100 for each component, one decimal, higher is better. */
export type Components = Readonly<Record<ComponentName, number>>;

/** Maps what was found out about a face to its components. */
export function toComponents(measures: FaceMeasures): Components {
  const entries = Object.entries(MAPPINGS).map(([name, map]) => [name, decimals(percent(map(measures)), 1)]);
  return Object.fromEntries(entries) as Components;
}

function marginLeft({ geometry }: FaceMeasures): number {
  return 100 * logistic(geometry.marginLeft, 0.9, 0.1);
}

function marginRight({ geometry }: FaceMeasures): number {
  return 100 * logistic(geometry.marginRight, 0.9, 0.1);
}

function marginAbove({ geometry }: FaceMeasures): number {
  return 100 * logistic(geometry.marginAbove, 1.4, 0.1);
}

function marginBelow({ geometry }: FaceMeasures): number {
  return 100 * logistic(geometry.marginBelow, 1.8, 0.1);
}

/** The logistic curve of ISO/IEC 29794-5: 0.5 at x0, rising over a width w. */
function logistic(x: number, x0: number, w: number): number {
  return 1 / (1 + Math.exp((x0 - x) / w));
}

/** 100 for a face towards the camera, 0 from 90° on. */
function towardsCamera(degrees: number): number {
  return 100 * Math.max(0, Math.cos((degrees * Math.PI) / 180)) ** 2;
}

function percent(value: number): number {
  return Math.min(100, Math.max(0, value));
}
