// A menu of things to do with something, behind one button.
import { Ellipsis } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { type ReactNode, useRef } from "react";
import { cx } from "./cx";
import { giveBack } from "./focus";
import { useWaking } from "./waking";

export interface Action {
  name: string;
  onChoose: () => void;
  icon?: ReactNode;
  danger?: boolean;
}

interface ActionMenuProps {
  label: string;
  actions: Action[];
  onOpen?: () => void;
  className?: string;
  /** What the button shows instead of three dots. */
  icon?: ReactNode;
  children?: ReactNode;
}

const DOTS = "icon-control inline-flex shrink-0 items-center justify-center rounded-control text-muted transition-colors hover:bg-raised hover:text-text";

/** A button (three dots unless it has other content) that opens a list of actions. */
export function ActionMenu({ label, actions, onOpen, className = DOTS, icon, children }: ActionMenuProps) {
  const trigger = useRef<HTMLButtonElement>(null);
  const { awake, opensAtOnce, button } = useWaking(trigger, onOpen);
  const chosen = useRef<Action | null>(null);
  // Once the menu is gone, so that it cannot take the focus from what the action brings: a dialog gives it back to
  // where it was when it opened, and what brings nothing leaves it at the button.
  const onClosed = (event: Event) => {
    event.preventDefault();
    giveBack(trigger.current);
    const action = chosen.current;
    chosen.current = null;
    action?.onChoose();
  };
  const look = { "aria-label": label, title: children ? undefined : label, className };
  const face = children ?? icon ?? <Ellipsis aria-hidden className="size-4" />;
  if (!awake) return <button {...button} {...look}>{face}</button>;
  return (
    <DropdownMenu.Root modal={false} defaultOpen={opensAtOnce} onOpenChange={(open) => open && onOpen?.()}>
      <DropdownMenu.Trigger ref={trigger} {...look}>{face}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={onClosed}
          className="fade-in z-50 max-h-80 max-w-[min(20rem,calc(100vw-16px))] min-w-44 overflow-y-auto rounded-control border border-edge bg-surface p-1 text-14 shadow-md"
        >
          {actions.map((action) => (
            <DropdownMenu.Item
              key={action.name}
              onSelect={() => { chosen.current = action; }}
              className={cx("control flex items-center gap-2 rounded-control px-3 outline-none select-none data-highlighted:bg-accent-soft", action.danger && "text-bad")}
            >
              {action.icon}
              <span className="min-w-0 wrap-anywhere">{action.name}</span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
