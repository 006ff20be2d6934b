// The dialling side of reachability (F3): a STUN exchange that proves the answerer, and the indication that proves us.
#pragma once

#include <optional>

#include "host/stun_server.hpp"
#include "link/dial_guard.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/transport/datagram_channel.hpp"

namespace phyllo::transport {

class reach_exchange final : private datagram_receiver {
 public:
  struct outcome {
    core::bytes indication;             // empty: the peer knows no REACH
    std::optional<core::duration> rtt;  // none: the peer did not answer
  };

  // All must outlive it. It listens on `channel` only for ICMP errors. The first datagram was paid for at `guard`.
  reach_exchange(core::environment& env, stun_server& stun, datagram_channel& channel, dial_guard& guard);
  ~reach_exchange() override;
  reach_exchange(const reach_exchange&) = delete;
  reach_exchange& operator=(const reach_exchange&) = delete;

  // timed_out, refused; overloaded: no more is sent there for now.
  core::awaitable<core::result<outcome>> run(core::time_point deadline);

 private:
  void on_datagram(core::byte_view) override {}
  void on_unreachable() override;

  core::environment& env_;
  stun_server& stun_;
  datagram_channel& channel_;
  dial_guard& guard_;
  stun::message request_;
  core::mailbox<core::result<stun::message>> answers_;
};

}  // namespace phyllo::transport
