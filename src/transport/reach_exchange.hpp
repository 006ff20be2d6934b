// The dialling side of reachability (F3): a STUN exchange that proves the answerer, and the indication that proves us.
#pragma once

#include <optional>

#include "datagram_acceptor.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/transport/datagram_channel.hpp"

namespace phyllo::transport {

class reach_exchange final : private datagram_receiver {
 public:
  struct outcome {
    core::bytes indication;  // empty: the peer knows no REACH
    core::duration rtt{};
  };

  // All must outlive it. It listens on `channel` only for ICMP errors.
  reach_exchange(core::environment& env, datagram_acceptor& demultiplexer, datagram_channel& channel);
  ~reach_exchange() override;
  reach_exchange(const reach_exchange&) = delete;
  reach_exchange& operator=(const reach_exchange&) = delete;

  // timed_out, refused.
  core::awaitable<core::result<outcome>> run(core::time_point deadline);

 private:
  void on_datagram(core::byte_view) override {}
  void on_unreachable() override;

  core::environment& env_;
  datagram_acceptor& demultiplexer_;
  datagram_channel& channel_;
  stun_message request_;
  core::mailbox<core::result<stun_message>> answers_;
};

}  // namespace phyllo::transport
