// What waits at a link while it moves (links.md): frames that come by the old way, and that this way has ended. They count if the move
// fails; if it succeeds, the peer sends again what it has no answer to. A pure machine.
#pragma once

#include <cstddef>
#include <optional>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/fifo.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::transport {

class move_hold {
 public:
  static constexpr std::size_t bytes_max = 1024 * 1024;

  struct held {
    core::fifo<core::bytes> frames;
    std::optional<core::error> lost;  // the carrier
  };

  void begin() noexcept { holds_ = true; }
  [[nodiscard]] bool holds() const noexcept { return holds_; }
  [[nodiscard]] bool keep(core::byte_view frame);  // false: there is no room
  void lose(const core::error& why) { held_.lost = why; }
  // It holds nothing from then on; what it held.
  [[nodiscard]] held end();

 private:
  bool holds_ = false;
  held held_;
  std::size_t bytes_ = 0;
};

}  // namespace phyllo::transport
