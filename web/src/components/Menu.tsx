// A menu of choices: Radix gives it the keyboard and focus handling.
import { Check, ChevronDown } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { type ReactNode, useRef } from "react";
import { cx } from "./cx";
import { giveBack } from "./focus";
import { useWaking } from "./waking";

export interface MenuChoice {
  value: string;
  label: string;
  hint?: string | null;
}

interface ChoiceMenuProps {
  label: string;
  value: string;
  choices: MenuChoice[];
  onChoose: (value: string) => void;
  disabled?: boolean;
  className?: string;
  side?: "top" | "bottom";
  showChevron?: boolean;
  children: ReactNode;
}

/** A button that opens a list of which one is chosen. */
export function ChoiceMenu(props: ChoiceMenuProps) {
  const { label, value, choices, onChoose, disabled, className, side = "bottom", showChevron = true, children } = props;
  const trigger = useRef<HTMLButtonElement>(null);
  const { awake, opensAtOnce, button } = useWaking(trigger);
  // A choice may bring something new into view: focus goes back without dragging the page along.
  const refocus = (event: Event) => {
    event.preventDefault();
    giveBack(trigger.current);
  };
  const face = (
    <>
      {children}
      {showChevron && <ChevronDown aria-hidden className="size-3.5 shrink-0" />}
    </>
  );
  if (!awake) return <button {...button} disabled={disabled} aria-label={label} className={className}>{face}</button>;
  return (
    <DropdownMenu.Root modal={false} defaultOpen={opensAtOnce}>
      <DropdownMenu.Trigger ref={trigger} disabled={disabled} aria-label={label} className={className}>{face}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          side={side}
          onCloseAutoFocus={refocus}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="fade-in z-50 max-h-80 max-w-[min(20rem,calc(100vw-16px))] min-w-44 overflow-y-auto rounded-control border border-edge bg-surface p-1 text-14 shadow-md"
        >
          <DropdownMenu.RadioGroup value={value} onValueChange={onChoose}>
            {choices.map((choice) => <MenuItem key={choice.value} {...choice} />)}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function MenuItem({ value, label, hint }: MenuChoice) {
  return (
    <DropdownMenu.RadioItem
      value={value}
      className={cx("control flex items-center gap-2 rounded-control py-1.5 ps-2 pe-3 outline-none select-none", "data-highlighted:bg-accent-soft")}
    >
      <span className="w-4 shrink-0">
        <DropdownMenu.ItemIndicator>
          <Check aria-hidden className="size-4 text-accent" />
        </DropdownMenu.ItemIndicator>
      </span>
      <span className="min-w-0">
        <span className="block wrap-anywhere">{label}</span>
        {hint && <span className="block text-12 text-subtle">{hint}</span>}
      </span>
    </DropdownMenu.RadioItem>
  );
}
