import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Banner } from "@/components/Banner";
import { Button } from "@/components/Button";

interface State {
  broken: boolean;
}

/** Keeps a broken part from taking the rest of the page along. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { broken: false };

  static getDerivedStateFromError(): State {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return <BrokenPart onRetry={() => this.setState({ broken: false })} />;
  }
}

function BrokenPart({ onRetry }: { onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <Banner tone="bad" role="alert" action={<Button onClick={onRetry}>{t("action.retry")}</Button>}>
      {t("error.part")}
    </Banner>
  );
}
