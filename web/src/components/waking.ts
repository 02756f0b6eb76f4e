// Most menus are never opened, and each weighs as much as a small page: until its first use a menu is its button alone.
import { type KeyboardEvent, type MouseEvent, type RefObject, useEffect, useState } from "react";

interface Waking {
  /** Whether the menu was asked for; before that only its button is there. */
  awake: boolean;
  /** Whether it opens as soon as it is there. */
  opensAtOnce: boolean;
  /** What the button alone needs. */
  button: {
    type: "button";
    "aria-haspopup": "menu";
    "aria-expanded": false;
    onClick: (event: MouseEvent) => void;
    onKeyDown: (event: KeyboardEvent) => void;
  };
}

/** Wakes a menu by pointer or by keys; with keys it opens as menus do for them, its first line ready. */
export function useWaking(trigger: RefObject<HTMLButtonElement | null>, onOpen?: () => void): Waking {
  const [by, setBy] = useState<"pointer" | "keys" | null>(null);
  useEffect(() => {
    if (by !== "keys") return;
    trigger.current?.focus({ preventScroll: true });
    trigger.current?.dispatchEvent(new window.KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  }, [by, trigger]);
  return {
    awake: by !== null,
    opensAtOnce: by === "pointer",
    button: {
      type: "button",
      "aria-haspopup": "menu",
      "aria-expanded": false,
      // A click without a pointer comes from Enter, from the space bar, or from a reader's tool.
      onClick: ({ detail }) => {
        setBy(detail === 0 ? "keys" : "pointer");
        if (detail > 0) onOpen?.();
      },
      onKeyDown: (event) => {
        if (event.key !== "ArrowDown") return;
        event.preventDefault();
        setBy("keys");
      },
    },
  };
}
