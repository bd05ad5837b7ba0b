// SPDX-License-Identifier: Apache-2.0
// stranger PLUGIN PLUGIN: an executable that knows nothing of Twill opens two plug-ins that do.
#include "opened.hpp"

int main(int count, char** arguments) {
    if (count != 3) {
        return 2;
    }
    const opened one(arguments[1]);
    const opened other(arguments[2]);
    const bool same = one.hot_state() == other.hot_state() && one.worker() == other.worker();
    return same && one.fork_is_stolen() && other.fork_is_stolen() ? 0 : 1;
}
