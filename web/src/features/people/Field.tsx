import { type InputHTMLAttributes, type ReactNode, useId } from "react";

export const FIELD = "control w-full rounded-control border border-edge bg-surface px-3 text-14";

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string;
}

/** An input with its label above and what helps to fill it in below. */
export function Field({ label, hint, ...rest }: FieldProps) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-13 font-medium">{label}</label>
      <input id={id} aria-describedby={hint ? `${id}-hint` : undefined} className={FIELD} {...rest} />
      {hint && <p id={`${id}-hint`} className="text-13 text-subtle">{hint}</p>}
    </div>
  );
}

interface SelectProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: { value: string; label: string }[];
  hidden?: boolean;
  disabled?: boolean;
}

/** A plain list of choices; with `hidden` its label is only for who cannot see it. */
export function Select({ label, value, onChange, options, hidden, disabled }: SelectProps) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className={hidden ? "sr-only" : "text-13 font-medium"}>{label}</label>
      <select id={id} value={value} disabled={disabled} onChange={(event) => onChange(event.target.value)} className={FIELD}>
        {options.map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}
      </select>
    </div>
  );
}

/** A part of a page with a heading of its own. */
export function Part({ title, about, children }: { title: string; about?: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-4">
      <div>
        <h2 className="text-18 font-semibold">{title}</h2>
        {about && <p className="text-14 text-muted">{about}</p>}
      </div>
      {children}
    </section>
  );
}
