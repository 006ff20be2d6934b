// What files share: a descriptor that closes itself, and the error of a system call.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <expected>
#include <string>
#include <string_view>
#include <system_error>

#include "phyllo/core/result.hpp"
#include "phyllo/disk/errc.hpp"

namespace phyllo::disk {

// Of the call that has just failed: errno in words.
inline std::unexpected<core::error> io_error(const std::string& path, std::string_view what) {
  return core::fail(errc::io, fmt::format("{}: {}: {}", path, what, std::generic_category().message(errno)));
}

class descriptor {
 public:
  explicit descriptor(int fd) : fd_(fd) {}
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

}  // namespace phyllo::disk
