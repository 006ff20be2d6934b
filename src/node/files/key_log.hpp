// The file of [debug] keylog.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "phyllo/core/result.hpp"
#include "phyllo/disk/descriptor.hpp"

namespace phyllo::node {

class key_log {
 public:
  // Only its owner reads `path`. disk's io.
  [[nodiscard]] static core::result<std::unique_ptr<key_log>> open(const std::string& path);

  void add(std::string_view line);
  // Lines from now on go to the file of the same name, which somebody may have moved away meanwhile. disk's io: they go where they went.
  core::status reopen();

 private:
  explicit key_log(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::unique_ptr<disk::descriptor> file_;
};

}  // namespace phyllo::node
