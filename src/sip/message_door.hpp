// Where messages come in: past the doorkeeper, while there is more to do than can be done, then parsed, counted and told upward; and the
// refusals of what is not let in.
#pragma once

#include <map>
#include <string>

#include "sip_datagrams.hpp"
#include "transport_upward.hpp"

namespace phyllo::sip {

class message_door {
 public:
  // References must outlive it.
  message_door(sip_datagrams& datagrams, const transport_upward& upward, core::metrics& m, core::logger log);
  void keep(doorkeeper* keeper) noexcept { keeper_ = keeper; }  // null: everybody gets in

  void waited(core::duration age) {
    if (keeper_ != nullptr) keeper_->waited(age);
  }

  enum class delivered : std::uint8_t { nothing, response, request };  // an ACK counts as a response: it has none
  struct outcome {
    delivered what = delivered::nothing;
    std::string answer{};  // to be sent back by the way that it came; empty: none
  };
  // `age`: how long it has waited, as far as that is known.
  [[nodiscard]] outcome deliver(core::byte_view data, framing f, const source& from, core::duration age = {});

  // A response is about to go to this supernode: may be changed.
  void leaving(std::string& response, const identity::node_id& to) const {
    if (keeper_ != nullptr) keeper_->leaving(response, to);
  }

 private:
  sip_datagrams& datagrams_;
  const transport_upward& upward_;
  core::metrics& metrics_;
  core::logger log_;
  doorkeeper* keeper_ = nullptr;
  std::map<protocol, core::counter*> received_;
};

// 513, to a message that has begun and is more than is read; empty: it is not answered.
[[nodiscard]] std::string refusal_of_too_large(std::string_view begun, const source& from);

}  // namespace phyllo::sip
