import { contrast, paint, rgb } from './brand.ts';

/** The two colours of a `light-dark(…)`. */
const both = (color: string, name: string) =>
  [
    ...paint(color)
      .find(([each]) => each === name)![1]
      .matchAll(/#[0-9a-f]{6}/g),
  ].map(([each]) => rgb(each));

describe("the house's colour", () => {
  it.each(['#0d5c4e', '#ffff00', '#000000', '#ffffff', '#ff0000', '#808080', '#00e5ff'])('%s can be read in both themes', (color) => {
    const [light, dark] = both(color, '--brand');
    const [onLight, onDark] = both(color, '--on-brand');
    expect(contrast(light!, rgb('#f6f4ef'))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(dark!, rgb('#14181a'))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(light!, onLight!)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(dark!, onDark!)).toBeGreaterThanOrEqual(4.5);
  });
  it('stays as it is where it can be', () => expect(paint('#0d5c4e')[0]![1]).toContain('#0d5c4e'));
});
