import { needsCuda } from '../../scripts/triton/torch.mjs';

/** What `pip install --dry-run --report -` prints for one package. */
function report(version: string, requires: readonly string[] | undefined): string {
  const metadata = { name: 'torch', version, requires_dist: requires };
  return `WARNING: Location '/a/{b}' is ignored\n${JSON.stringify({ version: '1', install: [{ metadata }] }, undefined, 2)}\n`;
}

describe('needsCuda()', () => {
  it('tells a build for CUDA from one for CPUs by what it depends on', () => {
    expect(needsCuda(report('2.13.0', ['filelock', 'nvidia-nccl-cu13==2.29.7; platform_system == "Linux"']))).toBe(
      true,
    );
    expect(needsCuda(report('2.13.0', ['cuda-toolkit[cublas]==13.0.3']))).toBe(true);
    expect(needsCuda(report('2.13.0+cpu', ['filelock', 'sympy>=1.13.3']))).toBe(false);
    expect(needsCuda(report('2.13.0', undefined))).toBe(false);
  });
});
