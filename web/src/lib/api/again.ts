// What the server works out in its own time is asked for again until it has surely come.
import type { QueryClient } from "@tanstack/react-query";

const AFTER_MS = [1500, 4000, 9000, 20_000, 45_000];

export function askAgain(client: QueryClient, keys: string[]): void {
  for (const wait of AFTER_MS) setTimeout(() => keys.forEach((key) => void client.invalidateQueries({ queryKey: [key] })), wait);
}
