// Whether a question may ask for an alert: only then is the server asked what it asks for.

const MAYBE = /^\s*(?:please\s+|(?:can|could) you\s+)*(?:(?:tell|alert|warn|notify|ping|message|inform|e-?mail)\s+(?:me|us)|let\s+(?:me|us)\s+know|(?:set up|create|make|add)\s+an?\s+alert|i\s+want\s+to\s+(?:be told|hear)|watch|monitor|keep an eye)\b/i;
export const mayAskForAlert = (question: string): boolean => MAYBE.test(question);
