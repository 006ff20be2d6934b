// Whoever observes a link, and what waits for him: messages that came before anybody did, and the link's end. He may stop observing, or let
// go of the link, at anything that he is told: its owner keeps it alive meanwhile.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "link/frame_sender.hpp"
#include "phyllo/core/bytes.hpp"
#include "phyllo/core/fifo.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/transport/link.hpp"

namespace phyllo::transport {

class link_audience {
 public:
  static constexpr std::size_t messages_max = 64;  // that wait
  static constexpr std::size_t bytes_max = 256 * 1024;

  void observe(link_observer* o) noexcept { observer_ = o; }
  [[nodiscard]] bool waiting() const noexcept { return !backlog_.empty(); }  // messages
  // For a message of `bytes`: always while somebody observes.
  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept;

  void take(link& of, core::byte_view message);  // told at once, or when somebody observes, after those that wait
  void drain(link& of);                          // what waits
  // Of what was sent. Nobody hears any more of it once the link has `ended`, which it may by what he is told.
  void tell(link& of, const std::vector<frame_sender::event>& events, const std::optional<core::error>& ended);
  void tell_closed(link& of, const core::error& why);  // once, after what waits

 private:
  link_observer* observer_ = nullptr;
  core::fifo<core::bytes> backlog_;
  std::size_t backlog_bytes_ = 0;
  bool told_ = false;  // of the end
};

}  // namespace phyllo::transport
