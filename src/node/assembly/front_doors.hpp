// A front's host as its SIP has it: STUN's answers come to the first shard, so that asks for them.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>

#include "phyllo/core/hop.hpp"
#include "phyllo/transport/doors.hpp"

namespace phyllo::node {

class front_doors final : public transport::doors {
 public:
  // All outlive it; `at_first` is used on the first shard only, until join() of `first` has returned. Both hosts have the same ports.
  front_doors(core::shard_door& own, core::shard_door& first, transport::doors& of, transport::doors& at_first)
      : own_(own), first_(first), of_(of), at_first_(at_first) {}

  void serve(transport::datagram_kind kind, transport::datagram_service* by) override { of_.serve(kind, by); }
  void serve(transport::stream_kind kind, transport::stream_service* by) override { of_.serve(kind, by); }
  [[nodiscard]] std::vector<transport::datagram_port*> ports() const override { return of_.ports(); }
  core::result<std::shared_ptr<transport::datagram_port>> open_port(const transport::endpoint& at,
                                                                    transport::datagram_service& by) override {
    return of_.open_port(at, by);
  }
  void probe(transport::datagram_port& from, const transport::endpoint& to, std::function<void()> answered) override {
    const auto all = of_.ports();
    const auto number = static_cast<std::size_t>(std::ranges::find(all, &from) - all.begin());
    first_.post([&at_first = at_first_, &own = own_, number, to, a = std::move(answered)]() mutable {
      const auto ports = at_first.ports();
      if (number >= ports.size()) return;
      const auto told = std::make_shared<std::function<void()>>(std::move(a));
      at_first.probe(*ports[number], to, [&own, told] { own.post([told] { (*told)(); }); });
    });
  }
  transport::socket_load shed(const transport::drop_rule& rule, const transport::drop_shares& dropped) override {
    return of_.shed(rule, dropped);
  }
  [[nodiscard]] std::vector<asio::ip::address> addresses() const override { return of_.addresses(); }
  [[nodiscard]] bool may_dial(const transport::endpoint& to) const override { return of_.may_dial(to); }
  core::awaitable<core::result<std::unique_ptr<transport::stream>>> open_tcp(transport::endpoint to, core::time_point deadline) override {
    return of_.open_tcp(std::move(to), deadline);
  }
  core::awaitable<core::result<std::unique_ptr<transport::stream>>> open_tls(transport::endpoint to, transport::tls_client_options o,
                                                                             core::time_point deadline) override {
    return of_.open_tls(std::move(to), std::move(o), deadline);
  }

 private:
  core::shard_door& own_;
  core::shard_door& first_;
  transport::doors& of_;
  transport::doors& at_first_;
};

}  // namespace phyllo::node
