// Pieces of work, each in a process of its own and a few at a time: what one leaves behind, or dies of, is not the others'.
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace phyllo::simulate {

// `work(number)` runs in a child process, for each number of [first, first + count), at most `at_once` at a time; what it returns comes to
// `done` in this process, in the order of their ends. `died`: empty, or what the process ended by, with no result.
// Throws std::runtime_error if the system gives no process.
struct process_work {
  std::size_t first = 0, count = 0, at_once = 1;
  std::function<nlohmann::json(std::size_t number)> work;
  std::function<void(std::size_t number, const nlohmann::json& result, const std::string& died)> done;
};
void run_in_processes(const process_work& w);

}  // namespace phyllo::simulate
