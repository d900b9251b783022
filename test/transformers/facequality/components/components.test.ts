import { readFileSync } from 'node:fs';
import { type Components, toComponents } from '../../../../src/transformers/facequality/components/components.js';
import { unifiedScore } from '../../../../src/transformers/facequality/components/unified-score.js';

/** What the reference measured on one face, and the components it made of that. */
interface GoldenFace {
  readonly native: Readonly<Record<string, number>>;
  readonly components: Components;
  readonly quality: number;
}

const { results } = JSON.parse(
  readFileSync(new URL('../../../fixtures/faces/golden.json', import.meta.url), 'utf8'),
) as { results: Record<string, { faces: GoldenFace[] }> };

const FACES = Object.entries(results).flatMap(([name, { faces }]) =>
  faces.map((golden, i) => ({ name: `${name}, face ${i}`, golden })),
);

/** The measures of the reference under their names here. */
function measuresOf({ native }: GoldenFace): Parameters<typeof toComponents>[0] {
  const of = (name: string) => native[name] ?? NaN;
  return {
    face: {
      embeddingStrength: of('embedding_strength'),
      pose: { yaw: of('head_pose_yaw'), pitch: of('head_pose_pitch'), roll: of('head_pose_roll') },
      eyesOpen: [of('eyes_open'), 1],
      pixels: {
        detail: of('sharpness'),
        blockiness: of('compression_artifacts'),
        illuminationUniformity: of('illumination_uniformity'),
        foreignShare: of('occlusion'),
        luminanceMean: of('luminance_mean'),
        luminanceVariance: of('luminance_variance'),
        darkShare: of('under_exposure'),
        brightShare: of('over_exposure'),
        entropyBits: of('dynamic_range'),
      },
    },
    geometry: {
      eyeOpening: of('eye_opening'),
      mouthOpening: of('mouth_closed'),
      interEyeDistance: of('inter_eye_distance'),
      headSize: of('head_size'),
      marginLeft: of('margin_left'),
      marginRight: of('margin_right'),
      marginAbove: of('margin_above'),
      marginBelow: of('margin_below'),
      rivalShare: of('single_face'),
    },
  };
}

describe('toComponents()', () => {
  it.each(FACES)('maps the measures of $name as the reference does', ({ golden }) => {
    const components = toComponents(measuresOf(golden));
    expect(Object.keys(components)).toEqual(Object.keys(golden.components));
    const differences = Object.entries(golden.components).map(([name, value]) =>
      Math.abs(value - components[name as keyof Components]),
    );
    // The measures stand in golden.json with five decimals, the components with one.
    expect(Math.max(...differences)).toBeLessThan(0.11);
  });

  it('stays within 0..100 whatever was measured', () => {
    const [first] = FACES;
    const base = measuresOf(first?.golden ?? { native: {}, components: {} as Components, quality: 0 });
    const values = [0, 1, -1e30, 1e30].flatMap((extreme) => {
      const fill = <T extends object>(measures: T) =>
        Object.fromEntries(Object.keys(measures).map((key) => [key, extreme])) as T;
      const face = {
        ...base.face,
        embeddingStrength: extreme,
        pose: fill(base.face.pose),
        pixels: { ...fill(base.face.pixels), detail: Math.abs(extreme), illuminationUniformity: Math.abs(extreme) },
      };
      return Object.values(toComponents({ face, geometry: fill(base.geometry) }));
    });
    expect(values.filter((value) => !(value >= 0 && value <= 100))).toEqual([]);
  });
});

describe('unifiedScore()', () => {
  it.each(FACES)('of the components of $name is the reference’s', ({ golden }) => {
    expect(unifiedScore(golden.components)).toBe(golden.quality);
  });

  it('counts a component below 1 as 1, so that the score is at least 1', () => {
    const [first] = FACES;
    const nothing = Object.fromEntries(Object.keys(first?.golden.components ?? {}).map((name) => [name, 0]));
    expect(unifiedScore(nothing as Components)).toBe(1);
  });
});
