"""Events measured: how fast they are taken, whether any is lost or doubled when processes are killed."""
