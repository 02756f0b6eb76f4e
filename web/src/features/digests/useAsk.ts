// Asking a question that a message offers: a new conversation in the workspace the message is about.
import { useNavigate } from "react-router";
import { threadStore } from "@/features/chat/threads";
import { newId } from "@/lib/id";

export function useAsk(workspace: string): (question: string) => void {
  const navigate = useNavigate();
  return (question) => {
    const thread = newId();
    threadStore.ask(thread, { question, workspace });
    void navigate(`/t/${thread}`);
  };
}
