#include "files/data_directory.hpp"

#include "phyllo/disk/private_directory.hpp"

namespace phyllo::node {

data_directory::data_directory(core::environment& env, const configuration& c, std::unique_ptr<directory_lock> lock, core::metrics& m,
                               const core::logger& log)
    : env_(env), configuration_(c), disk_(env, c.node.data_directory, m, log.of("disk")), lock_(std::move(lock)) {}

core::result<std::unique_ptr<data_directory>> data_directory::open(core::environment& env, const configuration& c, core::metrics& m,
                                                                   const core::logger& log) {
  const auto& directory = c.node.data_directory;
  if (auto done = disk::make_private_directory(directory); !done) return core::fail(done.error());
  auto lock = directory_lock::take(directory);
  if (!lock) return core::fail(lock.error());
  const auto log_file = c.log.file.empty() ? std::string() : c.in_data_directory(c.log.file);
  const auto closed = disk::close_files(directory, log_file);
  if (!closed) return core::fail(closed.error());
  for (const auto& path : *closed) log.warning("{} was open to other users; it is closed to them now", path);
  return std::make_unique<data_directory>(env, c, std::move(*lock), m, log);
}

overlay::record_file* data_directory::open_records() {
  if (!records_ && !configuration_.overlay.records_file.empty()) {
    records_.emplace(env_, configuration_.in_data_directory(configuration_.overlay.records_file),
                     [this](const core::status& s) { disk_.note("records", s); });
  }
  return records_ ? &*records_ : nullptr;
}

}  // namespace phyllo::node
