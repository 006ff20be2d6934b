// Runs one coroutine to its end on a fresh io_context, under the real clock: what most shell tests need.
#pragma once

#include <doctest.h>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <chrono>
#include <exception>

#include "phyllo/core/environment.hpp"

namespace phyllo::testing {

struct real_world {
  asio::io_context io{1};
  std::unique_ptr<core::environment> env = core::make_system_environment(io.get_executor());

  // Rethrows what the task threw; fails the test if it has not ended after `limit`.
  void run(core::awaitable<void> task, std::chrono::seconds limit = std::chrono::seconds(30)) {
    bool done = false;
    std::exception_ptr thrown;
    asio::co_spawn(io, std::move(task), [&](const std::exception_ptr& e) {
      thrown = e;
      done = true;
      io.stop();
    });
    io.run_for(limit);
    io.restart();
    REQUIRE(done);
    if (thrown) std::rethrow_exception(thrown);
  }
};

}  // namespace phyllo::testing
