// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

int main(int count, char** arguments) { return social::command_line(count, arguments); }
