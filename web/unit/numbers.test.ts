import { expect, test } from "vitest";
import { compactNumber, withCompactNumbers } from "@/features/charts/numbers";

test.each([
  [0, "$", "$0"], [1_500_000, "$", "$1.5M"], [2_000_000_000, "$", "$2B"], [-1200, "$", "−$1.2K"], [45, "", "45"],
])("%s with %s reads %s", (value, sign, text) => {
  expect(compactNumber(value, sign)).toBe(text);
});

test("short-form axes are written in words, others are left alone", () => {
  const spec = { encoding: { y: { axis: { format: "$~s" } }, x: { axis: { format: "%b %Y" } } }, layer: [{ encoding: { y: { axis: { format: ",.0f" } } } }] };
  expect(withCompactNumbers(spec)).toEqual({
    encoding: { y: { axis: { format: "$", formatType: "compactNumber" } }, x: { axis: { format: "%b %Y" } } },
    layer: [{ encoding: { y: { axis: { format: "", formatType: "compactNumber" } } } }],
  });
});
