#include "link/carrier_session.hpp"

#include <fmt/format.h>
#include <utility>

#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {

carrier_session::carrier_session(core::environment& env, std::shared_ptr<frame_carrier> carrier)
    : env_(env), carrier_(std::move(carrier)), alarm_(env.get_executor(), [this] { tell_next(); }) {
  carrier_->attach(this);
}

carrier_session::~carrier_session() {
  carrier_->attach(nullptr);
  carrier_->close();
}

void carrier_session::observe(session_observer* o) {
  observer_ = o;
  if (o != nullptr && (!early_.empty() || ended_)) alarm_.at(env_.now());
}

core::status carrier_session::send(core::byte_view data) {
  if (data.size() > bytes_max()) return core::fail(errc::too_large, fmt::format("a datagram of {} bytes", data.size()));
  return carrier_->send_frame(data);
}

void carrier_session::on_frame(core::byte_view frame) {
  if (observer_ != nullptr && early_.empty()) return observer_->on_datagram(frame);
  if (early_.size() < early_max) early_.push_back(core::to_bytes(frame));
}

void carrier_session::on_ended(const core::error& why) {
  ended_ = why;
  if (early_.empty()) tell_next();
}

// One of what waits, for the observer may destroy this from inside.
void carrier_session::tell_next() {
  if (observer_ == nullptr) return;
  if (early_.empty()) {
    if (const auto why = std::exchange(ended_, std::nullopt)) std::exchange(observer_, nullptr)->on_closed(*why);
    return;
  }
  const auto datagram = std::move(early_.front());
  early_.pop_front();
  if (!early_.empty() || ended_) alarm_.at(env_.now());
  observer_->on_datagram(datagram);
}

}  // namespace phyllo::transport
