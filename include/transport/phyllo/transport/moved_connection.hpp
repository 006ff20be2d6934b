// An accepted connection on its way from one shard's host to another's, with what was read of it. Closed where nobody takes it.
#pragma once

#include <unistd.h>

#include <utility>

#include "phyllo/core/bytes.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::transport {

class moved_connection {
 public:
  moved_connection(int descriptor, core::bytes read, endpoint remote, endpoint local)
      : descriptor_(descriptor), read_(std::move(read)), remote_(std::move(remote)), local_(std::move(local)) {}
  moved_connection(moved_connection&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)),
        read_(std::move(other.read_)),
        remote_(std::move(other.remote_)),
        local_(std::move(other.local_)) {}
  moved_connection(const moved_connection&) = delete;
  moved_connection& operator=(const moved_connection&) = delete;
  ~moved_connection() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  [[nodiscard]] int take_descriptor() noexcept { return std::exchange(descriptor_, -1); }
  [[nodiscard]] const core::bytes& read() const noexcept { return read_; }
  [[nodiscard]] const endpoint& remote() const noexcept { return remote_; }  // as a load balancer says, where one stands between
  [[nodiscard]] const endpoint& local() const noexcept { return local_; }    // where it was accepted

 private:
  int descriptor_;
  core::bytes read_;
  endpoint remote_;
  endpoint local_;
};

}  // namespace phyllo::transport
