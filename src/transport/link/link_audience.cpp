#include "link/link_audience.hpp"

#include <cassert>

namespace phyllo::transport {

bool link_audience::has_room(std::size_t bytes) const noexcept {
  return observer_ != nullptr || (backlog_.size() < messages_max && backlog_bytes_ + bytes <= bytes_max);
}

void link_audience::take(link& of, core::byte_view message) {
  if (observer_ != nullptr && backlog_.empty()) return observer_->on_message(of, message);
  backlog_.push_back(core::to_bytes(message));
  backlog_bytes_ += message.size();
}

void link_audience::drain(link& of) {
  while (observer_ != nullptr && !backlog_.empty()) {  // ends with the backlog
    const auto message = std::move(backlog_.front());
    backlog_.pop_front();
    assert(backlog_bytes_ >= message.size());
    backlog_bytes_ -= message.size();
    observer_->on_message(of, message);
  }
}

void link_audience::tell(link& of, const std::vector<frame_sender::event>& events, const std::optional<core::error>& ended) {
  for (const auto& e : events) {
    if (ended || observer_ == nullptr) return;
    if (e.kind == frame_sender::event_kind::acknowledged) {
      observer_->on_acknowledged(of, e.token);
    } else {
      observer_->on_overdue(of, e.token);
    }
  }
}

void link_audience::tell_closed(link& of, const core::error& why) {
  if (told_ || observer_ == nullptr || !backlog_.empty()) return;
  told_ = true;
  observer_->on_closed(of, why);
}

}  // namespace phyllo::transport
