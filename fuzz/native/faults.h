/*
 * A fault outside managed code: .NET hands it on to the handler that was there before its own. libFuzzer keeps the input on SIGABRT. To be
 * called before the runtime starts.
 */
#ifndef FUZZ_FAULTS_H
#define FUZZ_FAULTS_H

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>

static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)number, (void)info, (void)context;
    abort();
}

static void abort_on_faults(void)
{
    struct sigaction fault = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    sigaction(SIGSEGV, &fault, NULL);
    sigaction(SIGBUS, &fault, NULL);
    sigaction(SIGILL, &fault, NULL);
}

#endif
