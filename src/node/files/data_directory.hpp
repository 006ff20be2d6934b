// The data directory of a running node: one process's alone, closed to other users, watched for whether it can be written; and the file of
// the records that the node holds.
#pragma once

#include <memory>
#include <optional>

#include "files/directory_lock.hpp"
#include "files/disk_watch.hpp"
#include "files/record_log_file.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

class data_directory {
 public:
  // Made where there is none; what others could read in it is closed to them. errc::refused: another process has it; disk's io. References
  // outlive it.
  [[nodiscard]] static core::result<std::unique_ptr<data_directory>> open(core::environment& env, const configuration& c, core::metrics& m,
                                                                          const core::logger& log);
  data_directory(core::environment& env, const configuration& c, std::unique_ptr<directory_lock> lock, core::metrics& m,
                 const core::logger& log);

  [[nodiscard]] disk_watch& disk() noexcept { return disk_; }
  // overlay.records_file, which lives as long as this; null: the configuration names none.
  [[nodiscard]] overlay::record_file* open_records();
  void unlock() { lock_.reset(); }  // another process may have it

 private:
  core::environment& env_;
  const configuration& configuration_;
  disk_watch disk_;
  std::unique_ptr<directory_lock> lock_;
  std::optional<record_log_file> records_;
};

}  // namespace phyllo::node
