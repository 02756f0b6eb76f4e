import { expect, it } from "vitest";
import { decodeNamedCharacterReference } from "@/lib/entities";

it("names of characters are read without setting HTML, unknown ones stay as written", () => {
  expect(decodeNamedCharacterReference("amp")).toBe("&");
  expect(decodeNamedCharacterReference("colon")).toBe(false);
  expect(decodeNamedCharacterReference("constructor")).toBe(false);
});
