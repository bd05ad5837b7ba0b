// SPDX-License-Identifier: Apache-2.0
// Exits with the value that TWILL_WORKERS has for the runtime, 7 if it has none, and with 100 if
// the system did not start this program with more rights than its caller.
#include "os/environment.hpp"

#include <sys/auxv.h>
#include <unistd.h>

int main() {
    if (getauxval(AT_SECURE) == 0) {
        return 100;
    }
    // Not by way of exit(): LeakSanitizer cannot look into a privileged process.
    _exit(static_cast<int>(twill::os::integer("TWILL_WORKERS", 1, 4096, 7)));
}
