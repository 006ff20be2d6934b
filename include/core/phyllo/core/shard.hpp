// One core's worth of server: an io_context on a thread of its own. What a shard owns it never shares; shards talk
// by posting to each other's executor.
#pragma once

#include <memory>
#include <string>

#include "phyllo/core/environment.hpp"

namespace phyllo::core {

class shard {
 public:
  explicit shard(std::string name);  // the thread starts at start()
  ~shard();                          // stops and joins the thread
  shard(const shard&) = delete;
  shard& operator=(const shard&) = delete;

  [[nodiscard]] environment& env() noexcept;
  void start();     // runs the io_context on a new thread named `name`
  void run_here();  // runs it on the calling thread until stop()
  // Runs it on the calling thread until `main` has ended; rethrows what that threw. For commands.
  void run(awaitable<void> main);
  void stop();  // from any thread
  void join();  // after stop(): until the thread of start() has ended

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace phyllo::core
