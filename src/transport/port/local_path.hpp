// The address of a Unix socket for a path of any length: one beyond the 108 bytes of sockaddr_un goes through its directory's descriptor.
#pragma once

#include <sys/un.h>

#include <string>

#include "phyllo/core/result.hpp"

namespace phyllo::transport {

class local_path {
 public:
  explicit local_path(const std::string& path);
  ~local_path();
  local_path(const local_path&) = delete;
  local_path& operator=(const local_path&) = delete;

  // bind(2) and connect(2); errno tells what went wrong.
  [[nodiscard]] bool bind(int fd) const;
  [[nodiscard]] bool connect(int fd) const;

 private:
  [[nodiscard]] const sockaddr* address() const;

  sockaddr_un address_{};
  int directory_ = -1;
  int error_ = 0;  // why there is no address
};

}  // namespace phyllo::transport
