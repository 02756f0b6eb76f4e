// What the person at this browser may do where, so that nobody is shown a control that would refuse them.
import { EVERYWHERE, useSession } from "./api";

export type Right = "keep" | "load" | "model" | "policies" | "connect" | "workspaces" | "operate" | "own_keys" | "audit" | "members";

/** Asks whether the person may do something in a workspace; nothing while it is not known who sits here. */
export function useMay(workspace: string | null | undefined): (right: Right) => boolean {
  const { data: session } = useSession();
  return (right) => {
    if (!session || session.viewing_as) return false;
    if (session.house_rights.includes(right)) return true;
    const held = [...(session.rights_in[EVERYWHERE] ?? []), ...(workspace ? (session.rights_in[workspace] ?? []) : [])];
    return held.includes(right);
  };
}
