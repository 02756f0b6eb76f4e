import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { cx } from "./cx";

const LOOKS = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover border border-accent disabled:bg-raised disabled:text-subtle disabled:border-line",
  outline: "bg-surface text-text border border-edge hover:bg-raised disabled:text-subtle",
  quiet: "text-muted hover:bg-raised hover:text-text border border-transparent disabled:text-subtle",
} as const;

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: keyof typeof LOOKS;
  icon?: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = "outline", icon, className, children, type = "button", ...rest }: ButtonProps) {
  const base = "control inline-flex shrink-0 items-center justify-center gap-2 whitespace-nowrap rounded-control px-3 text-14 font-medium transition-colors";
  return (
    <button type={type} className={cx(base, LOOKS[look], className)} {...rest}>
      {icon}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonProps, "children" | "icon"> {
  label: string;
  children: ReactNode;
}

/** A button that shows only an icon; `label` is its name and its tooltip. */
export function IconButton({ look = "quiet", label, className, children, type = "button", ...rest }: IconButtonProps) {
  const base = "icon-control inline-flex shrink-0 items-center justify-center rounded-control transition-colors";
  return (
    <button type={type} aria-label={label} title={label} className={cx(base, LOOKS[look], className)} {...rest}>
      {children}
    </button>
  );
}
