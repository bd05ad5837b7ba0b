// SPDX-License-Identifier: Apache-2.0
#pragma once

extern "C" {

/// The address of the calling thread's hot state, as the plug-in sees it.
[[gnu::visibility("default")]] const void* plugin_hot_state();

/// twill::this_worker(), as the plug-in sees it.
[[gnu::visibility("default")]] int plugin_worker();

/// Forks until another thread has taken a job that the plug-in forked; false after 30 seconds.
[[gnu::visibility("default")]] bool plugin_fork_is_stolen();

/// Runs tasks of a kind whose name is the plug-in's, inside a region of such a name, with values a
/// thread, and ends with a task that throws; true if all was right.
[[gnu::visibility("default")]] bool plugin_leaves_things();

/// How many tasks of that kind twill::load() has; prints all it knows to nowhere.
[[gnu::visibility("default")]] unsigned long plugin_named_tasks();
}
