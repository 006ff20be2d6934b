// Accepted connections whose peer has not yet said, or proved, what it wants. When there are too many the oldest goes: who
// is honest is through within a second or two, so a flood of silent ones throws out itself.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "phyllo/core/metrics.hpp"
#include "port/socket_tools.hpp"

namespace phyllo::transport {

class half_open {
 public:
  // `m` must outlive it.
  explicit half_open(core::metrics& m);

  // Held while it lasts.
  class place {
   public:
    // At most `most` at a time, the new one included. `of` must outlive it.
    place(half_open& of, std::shared_ptr<tcp::socket> socket, std::size_t most);
    ~place() { of_.sockets_.erase(number_); }
    place(const place&) = delete;
    place& operator=(const place&) = delete;

   private:
    half_open& of_;
    std::uint64_t number_;
  };

  [[nodiscard]] std::size_t size() const noexcept { return sockets_.size(); }

 private:
  core::metrics& metrics_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::shared_ptr<tcp::socket>> sockets_;  // the oldest first
};

}  // namespace phyllo::transport
