// Whoever is told of what the transport layer hears: nobody before observe(), and after stop().
#pragma once

#include <utility>

#include "transport_layer.hpp"

namespace phyllo::sip {

class transport_upward {
 public:
  void observe(transport_user* user) noexcept { user_ = user; }

  // As transport_user has them.
  void message(sip::message m, const source& from) const {
    if (user_ != nullptr) user_->on_message(std::move(m), from);
  }
  void send_failed(std::uint64_t token, const core::error& why) const {
    if (user_ != nullptr) user_->on_send_failed(token, why);
  }
  void flow_closed(flow_id flow) const {
    if (user_ != nullptr) user_->on_flow_closed(flow);
  }

 private:
  transport_user* user_ = nullptr;
};

}  // namespace phyllo::sip
