// Glue between TinyGo's runtime for Linux and a host process: package initialisers run when the
// library is loaded; no signal handlers, no threads.
int main(int argc, char **argv);
void tinygo_register_fatal_signals(void) {}
int tinygo_futex_wake_all(void *p) { (void)p; return 0; }
__attribute__((constructor)) static void initialise(void) { main(0, 0); }
