// Binding requests (RFC 8489 s.6): each is answered by the mapped address, or it is sent again and in the end given up.
#pragma once

#include "machine.hpp"
#include "operation_slab.hpp"
#include "phyllo/core/bytes.hpp"
#include "retransmission.hpp"
#include "timer_wheel.hpp"

namespace phyllo::load {

class stun_machine final : public machine {
 public:
  struct settings {
    unsigned ways = 1;
    sip_timing timing;  // RTO and time-out: 500 ms, doubled (RFC 8489 s.6.2.1)
    std::size_t operations_max = 200'000;
    core::time_point counted_from{};
  };
  stun_machine(const settings& s, outbox& out, core::time_point now);

  void begin(core::time_point intended, core::time_point now) override;
  void on_message(const arrival& a, core::time_point now) override;
  void on_time(core::time_point now) override;
  [[nodiscard]] core::time_point next_time() const noexcept override { return wheel_.next(); }
  [[nodiscard]] std::size_t open() const noexcept override { return operations_.size(); }
  void abandon(core::time_point now) override;
  [[nodiscard]] tally& counted() noexcept override { return tally_; }

 private:
  struct operation {
    operation_key key;
    core::time_point intended, due;
    retransmission again;
    unsigned way = 0;
  };
  void send(const operation& o);
  void finish(operation& o, core::time_point now, std::string_view failure);
  [[nodiscard]] bool is_counted(const operation& o) const noexcept { return o.intended >= settings_.counted_from; }

  settings settings_;
  outbox& out_;
  timer_wheel wheel_;
  tally tally_;
  core::bytes request_;  // its transaction ID's first eight octets are the key
  operation_slab<operation> operations_;
  std::uint64_t begun_ = 0;
};

}  // namespace phyllo::load
