// One process to a data directory: two would be one node twice, and write over each other's files. The lock is the system's (flock), so it
// ends with the process however that ends; the file `lock` tells people whose it is.
#pragma once

#include <memory>
#include <string>

#include "phyllo/core/result.hpp"
#include "phyllo/disk/descriptor.hpp"

namespace phyllo::node {

class directory_lock {
 public:
  // As long as it lives no other process has it. errc::refused: one has, and its number; disk's io.
  [[nodiscard]] static core::result<std::unique_ptr<directory_lock>> take(const std::string& directory);

  explicit directory_lock(int fd) : file_(fd) {}

 private:
  disk::descriptor file_;
};

}  // namespace phyllo::node
