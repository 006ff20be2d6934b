// The file in which a node keeps the records it holds between two starts, worked on by a thread of its own.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "phyllo/core/worker.hpp"
#include "phyllo/overlay/record_file.hpp"

namespace phyllo::node {

// `path` with its companions: `.new`, the one that will take its place, and `.damaged`, the last one set aside. All 0600; errors are
// disk's io. `env` outlives it. What an abandoned call began is finished before it is destroyed.
class record_log_file final : public overlay::record_file {
 public:
  // `written` hears what came of each write.
  record_log_file(core::environment& env, std::string path, std::function<void(const core::status&)> written = {});

  core::awaitable<core::result<core::bytes>> read(std::uint64_t offset, std::size_t bytes_max) override;
  core::awaitable<core::status> append(core::bytes data) override;
  core::awaitable<core::status> append_to_next(core::bytes data, bool anew) override;
  core::awaitable<core::status> replace() override;
  core::awaitable<core::status> set_aside() override;

 private:
  template <class Result>
  core::awaitable<Result> on_thread(std::function<Result(const std::string& path)> work);
  core::awaitable<core::status> write(std::function<core::status(const std::string& path)> work);

  core::environment& env_;
  std::string path_;
  std::function<void(const core::status&)> written_;
  core::worker thread_{"records"};
};

}  // namespace phyllo::node
